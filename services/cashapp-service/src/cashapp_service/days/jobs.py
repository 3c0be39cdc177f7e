"""What a business day's run does."""

from datetime import date

from cashapp_service.payment_exceptions import use_cases as payment_exceptions
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

DAY_RUN = "day.run"


async def run_day(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Flag the payment exceptions whose deadline has passed."""
    day = date.fromisoformat(job.params["date"])
    flagged = await payment_exceptions.flag_passed_deadlines(uow, day)
    return JobOutcome({"date": day.isoformat(), "deadlines_passed": flagged})
