"""What falls due on a business day."""

from datetime import date

from dispute_service.disputes import use_cases
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

DAY_RUN = "day.run"


async def run_day(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Escalate the cases that were not decided in time."""
    escalated = await use_cases.escalate_late_disputes(uow, date.fromisoformat(job.params["date"]))
    return JobOutcome({"date": job.params["date"], "escalated": escalated})
