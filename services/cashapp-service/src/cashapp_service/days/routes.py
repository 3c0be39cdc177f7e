"""The run of a business day over HTTP."""

from typing import Annotated

from fastapi import Depends, Path

from cashapp_service.days.jobs import DAY_RUN
from shared import jobs
from shared.days import Day
from shared.http.edge import Work, api_router, requires
from shared.security import Principal

router = api_router("operation")

Runner = Annotated[Principal, Depends(requires("days:run"))]


@router.post("/v1/days/{date}/run", status_code=202)
async def run_day(date: Annotated[Day, Path(description="YYYY-MM-DD")], uow: Work, caller: Runner) -> jobs.Job:
    """Do what falls due on a business day: deadlines that have passed are flagged. Once per day, however often it is called."""
    return await jobs.enqueue(
        uow,
        prefix="caj",
        kind=DAY_RUN,
        requested_by=caller.subject,
        params={"date": date.isoformat()},
        natural_key=f"day:{date}",
    )
