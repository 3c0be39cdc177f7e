"""Replays of many decisions."""

from datetime import date

from credit_service.credit_decisions.domain.made import Choice
from credit_service.decision_replays import use_cases
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork


async def replay_decisions(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Decide stored decisions again."""
    since = date.fromisoformat(job.params["since"]) if job.params["since"] else None
    choice = Choice(customer_id=job.params["customer_id"], since=since, sample_pct=job.params["sample_pct"])
    return JobOutcome(await use_cases.replay_decisions(uow.session, choice))
