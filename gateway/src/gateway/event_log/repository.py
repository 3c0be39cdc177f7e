"""Queries and the lock of the event log.

The one thing to know: positions are given out under a lock that is held to the commit, so the order of positions is the
order of commits: a reader who has seen a position will never see a lower one appear. A rolled-back write leaves a number
out, which nobody notices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.event_log.tables import LoggedEventRow
from shared.events.envelope import Envelope

# The lock is taken in the scan that feeds the insert, so before the first position is drawn from the sequence.
_APPEND = text(
    "with alone as materialized (select pg_advisory_xact_lock(hashtextextended('gateway.event_log', 0))) "
    "insert into event_log (event_id, type, customer_id, time, body) "
    "select event_id, type, customer_id, time, body from alone, unnest(cast(:ids as text[]), cast(:types as text[]), "
    "cast(:customers as text[]), cast(:times as timestamptz[]), cast(:bodies as text[])) "
    "with ordinality as event (event_id, type, customer_id, time, body, place) order by place "
    "on conflict (event_id) do nothing"
)


async def append(session: AsyncSession, events: Sequence[Envelope]) -> None:
    """Write events behind all others, in their order; one that is there already stays where it is."""
    await session.execute(
        _APPEND,
        {
            "ids": [event.id for event in events],
            "types": [event.type for event in events],
            "customers": [event.customerid for event in events],
            "times": [event.time for event in events],
            "bodies": [event.model_dump_json(exclude_none=True) for event in events],
        },
    )


async def position_of(session: AsyncSession, event_id: str) -> int | None:
    """Return the place of an event."""
    found: int | None = await session.scalar(
        select(LoggedEventRow.position).where(LoggedEventRow.event_id == event_id)  # type: ignore[call-overload]
    )
    return found


async def newest_position(session: AsyncSession) -> int:
    """Return the place of the newest event, 0 while there is none."""
    return int(await session.scalar(select(func.coalesce(func.max(LoggedEventRow.position), 0))) or 0)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events a reader wants; None wants all."""

    types: Sequence[str] | None = None
    customer_id: str | None = None


async def after(session: AsyncSession, position: int, wanted: Filter, *, most: int) -> list[Any]:
    """Return events behind `position` in their order: their position, id, type and body."""
    columns: Any = LoggedEventRow.__table__.c  # type: ignore[attr-defined]
    statement = select(columns.position, columns.event_id, columns.type, columns.body).where(
        columns.position > position
    )
    if wanted.types is not None:
        statement = statement.where(columns.type.in_(wanted.types))
    if wanted.customer_id is not None:
        statement = statement.where(columns.customer_id == wanted.customer_id)
    return list((await session.execute(statement.order_by(columns.position).limit(most))).all())
