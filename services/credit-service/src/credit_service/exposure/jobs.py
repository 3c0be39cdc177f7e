"""Work on exposure that takes longer than a request."""

from credit_service.exposure import use_cases
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork


async def convert_waiting(uow: UnitOfWork, _: RunningJob) -> JobOutcome:
    """Count the documents that waited for an exchange rate."""
    return JobOutcome({"still_waiting": await use_cases.convert_waiting(uow)})
