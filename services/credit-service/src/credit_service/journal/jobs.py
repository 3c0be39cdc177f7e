"""The proof of all journals at once, for an audit."""

from credit_service.journal import use_cases
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

NAMED_MAX = 1000
"""Broken journals that are named; all of them are counted."""


async def prove_journals(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Go through every journal and name those that are not as they were sealed, with the first broken entry of each."""
    journals = entries = 0
    broken: list[dict[str, object]] = []
    async for customer_id, verdict in use_cases.all_proved(uow.session):
        journals += 1
        entries += verdict.entries
        if verdict.fault is not None:
            broken.append({"customer_id": customer_id, "first_broken": verdict.first_broken, "fault": verdict.fault})
    result = {"journals": journals, "entries": entries, "broken": len(broken), "intact": not broken}
    return JobOutcome(result, tuple(broken[:NAMED_MAX]))
