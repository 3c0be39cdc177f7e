"""Simulations of policy drafts."""

from datetime import date

from credit_service.policy_simulations import use_cases
from credit_service.policy_simulations.use_cases import Wanted
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork


async def simulate_policy(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Simulate a draft over past orders."""
    days = (date.fromisoformat(job.params[name]) for name in ("first_day", "last_day"))
    wanted = Wanted(job.params["risk_class"], job.params["draft_id"], *days)
    return JobOutcome(await use_cases.simulate(uow, wanted, job.progress))
