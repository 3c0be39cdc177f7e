"""Queries and the lock of a customer's journal; it is the last lock of a transaction."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Select, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from credit_service.journal.domain import EMPTY, Entry, Head, SealedEntry
from credit_service.journal.tables import JournalEntryRow, JournalHeadRow

_OPEN = text(
    "insert into journal_heads (customer_id, position, seal) values (:customer_id, :position, :seal) "
    "on conflict do nothing"
)
_LOCK = text("select position, seal from journal_heads where customer_id = :customer_id for update")
_OPEN_ALL = text(
    "insert into journal_heads (customer_id, position, seal) "
    "select id, :position, :seal from unnest(cast(:ids as text[])) as n(id) on conflict do nothing"
)
_LOCK_ALL = text(
    "select customer_id, position, seal from journal_heads where customer_id = any(:ids) order by customer_id for update"
)
_ADVANCE_ALL = text(
    "update journal_heads h set position = n.position, seal = n.seal "
    "from unnest(cast(:ids as text[]), cast(:positions as int[]), cast(:seals as text[])) as n(customer_id, position, seal) "
    "where h.customer_id = n.customer_id"
)
_ADVANCE = text("update journal_heads set position = :position, seal = :seal where customer_id = :customer_id")


async def head_for_update(session: AsyncSession, customer_id: str) -> Head:
    """Return where a journal ends, and keep others from adding an entry behind it."""
    row = (await session.execute(_LOCK, {"customer_id": customer_id})).one_or_none()
    if row is None:
        await session.execute(_OPEN, {"customer_id": customer_id, "position": EMPTY.position, "seal": EMPTY.seal})
        row = (await session.execute(_LOCK, {"customer_id": customer_id})).one()
    return Head(*row)


async def heads_for_update(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Head]:
    """Return where the journals of many customers end, as `head_for_update` does, in the order of their numbers."""
    ids = sorted(customer_ids)
    await session.execute(_OPEN_ALL, {"ids": ids, "position": EMPTY.position, "seal": EMPTY.seal})
    return {row[0]: Head(row[1], row[2]) for row in await session.execute(_LOCK_ALL, {"ids": ids})}


async def add(session: AsyncSession, sealed: SealedEntry) -> None:
    """Write an entry at once, so that the next one of this transaction finds it."""
    session.add(JournalEntryRow(**_columns(sealed)))
    await session.flush()
    values = {"customer_id": sealed.entry.customer_id, "position": sealed.position, "seal": sealed.seal}
    await session.execute(_ADVANCE, values)


async def add_all(session: AsyncSession, sealed: Sequence[SealedEntry]) -> None:
    """Write entries of many customers, one of each, in two statements."""
    await session.execute(insert(JournalEntryRow), [_columns(one) for one in sealed])
    await session.execute(
        _ADVANCE_ALL,
        {
            "ids": [one.entry.customer_id for one in sealed],
            "positions": [one.position for one in sealed],
            "seals": [one.seal for one in sealed],
        },
    )


def _columns(sealed: SealedEntry) -> dict[str, Any]:
    entry = sealed.entry
    return {
        "customer_id": entry.customer_id,
        "position": sealed.position,
        "kind": entry.kind,
        "actor": entry.actor,
        "subject": entry.subject,
        "old": entry.old,
        "new": entry.new,
        "reason": entry.reason,
        "request_id": entry.request_id,
        "recorded_at": sealed.recorded_at,
        "seal": sealed.seal,
    }


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


async def with_heads(
    session: AsyncSession, customer_id: str | None = None
) -> AsyncIterator[tuple[str, SealedEntry | None, Head]]:
    """Yield the entries of one journal, or of all one after the other, in order, each with its journal's head.

    It is one statement, so it sees entries and heads as they were at one moment. A head without entries comes with None; the
    rows come a few at a time, since a file that is read daily has many.
    """
    whom = {} if customer_id is None else {"customer_id": customer_id}
    of_entries, of_heads = select(JournalEntryRow).filter_by(**whom), select(JournalHeadRow).filter_by(**whom)
    entry, head = aliased(JournalEntryRow, of_entries.subquery()), aliased(JournalHeadRow, of_heads.subquery())
    whose = func.coalesce(col(entry.customer_id), col(head.customer_id))
    statement = (
        select(whose, entry, col(head.position), col(head.seal))
        .join(head, col(head.customer_id) == col(entry.customer_id), full=True)
        .order_by(whose, col(entry.position))
    )
    rows = await session.stream(statement.execution_options(yield_per=500))
    async for number, row, position, seal in rows:
        yield number, sealed_of(row) if row else None, Head(position, seal) if seal else EMPTY


def sealed_of(row: JournalEntryRow) -> SealedEntry:
    """Return an entry as the domain knows it."""
    entry = Entry(row.customer_id, row.kind, row.actor, row.subject, row.old, row.new, row.reason, row.request_id)
    return SealedEntry(entry, row.position, row.recorded_at, row.seal)
