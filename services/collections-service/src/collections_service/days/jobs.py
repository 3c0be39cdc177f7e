"""What a business day's run does."""

from datetime import date

from collections_service.promises import use_cases as promises
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

DAY_RUN = "day.run"


async def run_day(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Judge the promises whose last day has passed."""
    as_of = date.fromisoformat(job.params["date"])
    return JobOutcome({"date": as_of.isoformat(), "promises": await promises.judge_day(uow, as_of)})
