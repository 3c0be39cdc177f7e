"""Replays of many decisions."""

from datetime import date

from credit_service.decision_replays import use_cases
from credit_service.decision_replays.use_cases import Chosen
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork


async def replay_decisions(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Decide stored decisions again."""
    since = job.params["since"]
    chosen = Chosen(job.params["customer_id"], date.fromisoformat(since) if since else None, job.params["sample_pct"])
    return JobOutcome(await use_cases.replay_decisions(uow.session, chosen))
