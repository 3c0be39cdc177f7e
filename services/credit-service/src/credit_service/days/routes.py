"""The run of a business day over HTTP."""

from typing import Annotated

from fastapi import Depends

from credit_service.days.jobs import DAY_RUN
from shared.days import Day
from shared.http.edge import Work, api_router, requires
from shared.jobs import Job, enqueue
from shared.security import Principal

router = api_router("operation")


@router.post("/v1/days/{date}/run", status_code=202)
async def run_day(date: Day, uow: Work, caller: Annotated[Principal, Depends(requires("days:run"))]) -> Job:
    """Do what falls due on a business day: releases end, holds are looked at again. Once per day, however often it is called."""
    return await enqueue(
        uow,
        prefix="crj",
        kind=DAY_RUN,
        requested_by=caller.subject,
        params={"date": date.isoformat()},
        natural_key=f"day:{date}",
    )
