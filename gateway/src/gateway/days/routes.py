"""Asks for the run of a business day."""

from typing import Annotated

from fastapi import Depends

from gateway.days.jobs import RUN_DAY
from shared.days import Day
from shared.http.edge import Work, api_router, requires
from shared.jobs import Job, enqueue
from shared.security import Principal

router = api_router("days")

JOB_PREFIX = "gwj"


@router.post("/v1/days/{date}/run", status_code=202)
async def run_day(date: Day, uow: Work, caller: Annotated[Principal, Depends(requires("days:run"))]) -> Job:
    """Run what falls due on that business day in every service: promises, expiries, deadlines, reviews, follow-ups.

    Once per day however often it is called: the same job is answered again. One that failed is done again.
    """
    return await enqueue(
        uow,
        prefix=JOB_PREFIX,
        kind=RUN_DAY,
        requested_by=caller.subject,
        params={"date": date.isoformat()},
        natural_key=f"day:{date.isoformat()}",
    )
