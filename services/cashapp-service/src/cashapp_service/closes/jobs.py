"""The job that proves the books ahead of a close.

The one thing to know: over millions of postings the proof takes the better part of a minute. A close takes the latest one that
covers every entry of its period and of those before it; without one it proves small books on the spot, and refuses to close large
ones.
"""

from typing import Any

from cashapp_service.closes.use_cases import PROOF_KIND
from cashapp_service.integrity import use_cases as integrity
from cashapp_service.ledger import use_cases as ledger
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

PROVE_BOOKS = PROOF_KIND


async def prove_books(_: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Prove every law over all data, and tell up to which entry of the journal."""
    async with job.units.read() as session:
        # Nothing up to this entry can come in any more, so the proof, which begins later, sees all of it.
        last_sequence = await ledger.settled_sequence(session, after=0)
    laws: list[dict[str, Any]] = []
    async for verdicts in integrity.check_step_by_step(job.units):
        laws += [{"name": one.name, "checked": one.checked, "violations": list(one.violations)} for one in verdicts]
    ok = not any(law["violations"] for law in laws)
    return JobOutcome({"ok": ok, "last_sequence": last_sequence, "laws": laws})
