"""Queries and the lock of a customer's journal; it is the last lock of a transaction."""

from collections.abc import AsyncIterator, Collection
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.journal.domain import EMPTY, Entry, Head, SealedEntry
from credit_service.journal.tables import JournalEntryRow, JournalHeadRow

_OPEN = text(
    "insert into journal_heads (customer_id, position, seal) values (:customer_id, :position, :seal) "
    "on conflict do nothing"
)
_LOCK = text("select position, seal from journal_heads where customer_id = :customer_id for update")
_ONE_SNAPSHOT = text("set transaction isolation level repeatable read, read only")
_ADVANCE = text("update journal_heads set position = :position, seal = :seal where customer_id = :customer_id")


async def head_for_update(session: AsyncSession, customer_id: str) -> Head:
    """Return where a journal ends, and keep others from adding an entry behind it."""
    row = (await session.execute(_LOCK, {"customer_id": customer_id})).one_or_none()
    if row is None:
        await session.execute(_OPEN, {"customer_id": customer_id, "position": EMPTY.position, "seal": EMPTY.seal})
        row = (await session.execute(_LOCK, {"customer_id": customer_id})).one()
    return Head(*row)


async def read_one_snapshot(session: AsyncSession) -> None:
    """Have this transaction, which has read nothing yet, see entries and head as they were at one moment."""
    await session.execute(_ONE_SNAPSHOT)


async def head(session: AsyncSession, customer_id: str) -> Head:
    """Return where a journal ends."""
    row = await session.get(JournalHeadRow, customer_id, populate_existing=True)
    return Head(row.position, row.seal) if row else EMPTY


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
    values = {"customer_id": entry.customer_id, "position": sealed.position, "seal": sealed.seal}
    await session.execute(_ADVANCE, values)


def entries(
    customer_id: str, *, kind: str | None = None, actor: str | None = None, but: Collection[str] = ()
) -> Select[Any]:
    """Return the statement that lists a customer's entries: of one kind, by one actor, without some kinds."""
    statement = select(JournalEntryRow).where(JournalEntryRow.customer_id == customer_id)  # type: ignore[arg-type]
    if kind is not None:
        statement = statement.where(JournalEntryRow.kind == kind)  # type: ignore[arg-type]
    if actor is not None:
        statement = statement.where(JournalEntryRow.actor == actor)  # type: ignore[arg-type]
    if but:
        statement = statement.where(JournalEntryRow.kind.not_in(but))  # type: ignore[attr-defined]
    return statement


def newest(customer_id: str, *, count: int, kind: str | None, but: Collection[str]) -> Select[Any]:
    """Return the statement that gives the newest entries of a customer, of one kind or without some kinds."""
    by_position = JournalEntryRow.position.desc()  # type: ignore[attr-defined]
    return entries(customer_id, kind=kind, but=but).order_by(by_position).limit(count)


async def all_entries(session: AsyncSession, customer_id: str) -> AsyncIterator[SealedEntry]:
    """Yield every entry of a customer in order, a few at a time: a file that is read daily has many."""
    statement = entries(customer_id).order_by(JournalEntryRow.position)  # type: ignore[arg-type]
    async for row in await session.stream_scalars(statement.execution_options(yield_per=500)):
        yield sealed_of(row)


def sealed_of(row: JournalEntryRow) -> SealedEntry:
    """Return an entry as the domain knows it."""
    entry = Entry(row.customer_id, row.kind, row.actor, row.subject, row.old, row.new, row.reason, row.request_id)
    return SealedEntry(entry, row.position, row.recorded_at, row.seal)
