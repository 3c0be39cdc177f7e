"""What can be done with a credit file's journal: add an entry, and prove that it is intact."""

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.journal import repository
from credit_service.journal.domain import FIRST_SEAL, Entry, SealedEntry, first_broken, seal
from shared.unit_of_work import UnitOfWork


async def record(uow: UnitOfWork, entry: Entry) -> SealedEntry:
    """Seal an entry behind the last one of its customer, in the transaction of what it tells."""
    last = await repository.last_for_update(uow.session, entry.customer_id)
    position, before = (last[0] + 1, last[1]) if last else (1, FIRST_SEAL)
    at = uow.clock.now()
    sealed = SealedEntry(entry, position, at, seal(entry, position=position, recorded_at=at, before=before))
    await repository.add(uow.session, sealed)
    return sealed


async def first_broken_entry(session: AsyncSession, customer_id: str) -> int | None:
    """Return the position of the first entry that was tampered with, None where the journal is intact."""
    return first_broken(await repository.entries_of(session, customer_id))
