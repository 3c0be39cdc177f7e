"""Queries and the lock of a customer's journal; it is the last lock of a transaction."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.journal.domain import Entry, SealedEntry
from credit_service.journal.tables import JournalEntryRow

_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:customer_id, 5))")
_LAST = text(
    "select position, seal from journal_entries where customer_id = :customer_id order by position desc limit 1"
)


async def last_for_update(session: AsyncSession, customer_id: str) -> tuple[int, str] | None:
    """Return position and seal of the last entry, and keep others from adding one behind it."""
    await session.execute(_LOCK, {"customer_id": customer_id})
    row = (await session.execute(_LAST, {"customer_id": customer_id})).one_or_none()
    return None if row is None else (row[0], row[1])


async def add(session: AsyncSession, sealed: SealedEntry) -> None:
    """Write an entry at once, so that the next one of this transaction finds it."""
    entry = sealed.entry
    session.add(
        JournalEntryRow(
            customer_id=entry.customer_id,
            position=sealed.position,
            kind=entry.kind,
            actor=entry.actor,
            subject=entry.subject,
            old=entry.old,
            new=entry.new,
            reason=entry.reason,
            request_id=entry.request_id,
            recorded_at=sealed.recorded_at,
            seal=sealed.seal,
        )
    )
    await session.flush()


async def entries_of(session: AsyncSession, customer_id: str) -> list[SealedEntry]:
    """Return every entry of a customer in order."""
    mine = JournalEntryRow.customer_id == customer_id
    statement = select(JournalEntryRow).where(mine).order_by(JournalEntryRow.position)  # type: ignore[arg-type]
    return [_sealed(row) for row in (await session.execute(statement)).scalars()]


def _sealed(row: JournalEntryRow) -> SealedEntry:
    entry = Entry(row.customer_id, row.kind, row.actor, row.subject, row.old, row.new, row.reason, row.request_id)
    return SealedEntry(entry, row.position, row.recorded_at, row.seal)
