"""Work on limit pools that takes longer than a request."""

from credit_service.limit_pools import use_cases
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork


async def take_rates(uow: UnitOfWork, _: RunningJob) -> JobOutcome:
    """Convert what members owe at the newest rates."""
    return JobOutcome({"converted": await use_cases.take_rates(uow)})
