"""The job that assesses many customers.

The one thing to know: it commits chunk by chunk, so that no account is locked for long. A row remembers the job that made it,
so a job that begins again after the death of its worker passes over whom it has assessed.
"""

from collections.abc import AsyncIterator
from datetime import date
from itertools import islice

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_assessments import use_cases
from credit_service.credit_assessments.use_cases import Refusal, Wish
from credit_service.scorecards import use_cases as scorecards
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

CHUNK = 250
"""Customers whose accounts are locked together: a fraction of a second."""
REFUSALS_TOLD_MAX = 1_000


async def assess_customers(uow: UnitOfWork, job: RunningJob, *, chunk_size: int = CHUNK) -> JobOutcome:
    """Assess the customers of the job's parameters, or all, each once, so many in a transaction."""
    params = job.params
    version = await scorecards.scorecard_of_version(uow.session, params["scorecard_id"], params["scorecard_version"])
    wish = Wish(
        as_of=date.fromisoformat(params["as_of"]),
        scorecard=version,
        method=params["method"],
        requested_by=job.requested_by,
        job_id=job.id,
    )
    listed: list[str] | None = params["customer_ids"]
    total = await credit_accounts.count(uow.session) if listed is None else len(listed)
    done, refused = 0, list[Refusal]()
    async for chunk in _chunks(job, listed, chunk_size):
        async with job.units.begin() as own:
            refused += await use_cases.assess_chunk(own, chunk, wish)
        done += len(chunk)
        await job.progress(done, max(total, done))
    async with job.units.read() as session:
        result = await use_cases.tally(session, job.id)
    told = ({"customer_id": one.customer_id, "code": one.code, "detail": one.detail} for one in refused)
    return JobOutcome(result | {"refused": len(refused)}, tuple(islice(told, REFUSALS_TOLD_MAX)))


async def _chunks(job: RunningJob, listed: list[str] | None, size: int) -> AsyncIterator[list[str]]:
    """Yield the customers in the order of their numbers, a chunk at a time."""
    if listed is not None:
        for start in range(0, len(listed), size):
            yield listed[start : start + size]
        return
    after = ""
    while True:
        async with job.units.read() as session:
            chunk = await credit_accounts.customer_ids(session, after=after, limit=size)
        if not chunk:
            return
        yield chunk
        after = chunk[-1]
