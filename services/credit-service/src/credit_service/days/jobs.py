"""The run of one business day."""

from datetime import date

from credit_service.releases import use_cases as releases
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

DAY_RUN = "day.run"


async def run_day(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """End the releases whose time is over, then look again at everything held."""
    day = date.fromisoformat(job.params["date"])
    ended = await releases.end_releases(uow, day)
    return JobOutcome(
        {"date": day.isoformat(), "held_again": ended, "open_holds": await releases.recheck_all(uow, day)}
    )
