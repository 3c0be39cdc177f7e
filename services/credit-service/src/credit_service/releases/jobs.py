"""Held orders looked at again where one request must not wait for the accounts of many."""

from datetime import date

from credit_service.releases import use_cases
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork


async def recheck_class(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Look again at what is held of a risk class, each customer in a transaction of its own: no check waits for all of them.

    Doing it twice is safe, so a job that is taken over begins again.
    """
    customers = await use_cases.customers_held(uow, job.params["risk_class"])
    for done, customer_id in enumerate(customers):
        async with job.units.begin() as own:
            await use_cases.recheck_customer(own, customer_id)
        if done % 100 == 0:
            await job.progress(done, len(customers))
    return JobOutcome({"customers": len(customers)})


async def recheck_pool(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Look again at what is held of the members of a limit pool, and of those who left it."""
    days = {customer_id: date.fromisoformat(day) for customer_id, day in job.params["days"].items()}
    left = job.params.get("left", [])  # absent where it was asked for by an earlier version
    return JobOutcome({"open_holds": await use_cases.recheck_pool(uow, job.params["pool_id"], days, left=left)})
