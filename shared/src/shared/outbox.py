"""The outbox: an event is written in the transaction that changed the fact, and stays as the history.

The one thing to know: `position` grows in the order in which facts of one aggregate were committed, because the row is
written after the aggregate was locked; facts of transactions that ran beside each other may come in either order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, String, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.bulk import CopyRows
from shared.database import ID, INSTANT, DriverStatement, new_metadata
from shared.events.envelope import WrittenEvent

OUTBOX = Table(
    "outbox",
    new_metadata(),
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", ID, nullable=False, unique=True),
    Column("type", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("body", Text, nullable=False, comment="the CloudEvent as published"),
    Column("occurred_at", INSTANT, nullable=False),
    Column("published_at", INSTANT),
)
Index("ix_outbox_unpublished", OUTBOX.c.position, postgresql_where=OUTBOX.c.published_at.is_(None))

APPEND = (
    "insert into outbox (event_id, type, subject, body, occurred_at) "
    "select * from unnest(cast(:event_ids as text[]), cast(:event_types as text[]), cast(:event_subjects as text[]), "
    "cast(:event_bodies as text[]), cast(:event_times as timestamptz[]))"
)
"""Writes events in their order; also a step of a larger statement, for who writes facts and events in one."""
_APPEND = DriverStatement(APPEND)


def columns(events: Sequence[WrittenEvent]) -> dict[str, Any]:
    """Return the parameters of `APPEND`."""
    return {
        "event_ids": [event.id for event in events],
        "event_types": [event.type for event in events],
        "event_subjects": [event.subject for event in events],
        "event_bodies": [event.body for event in events],
        "event_times": [event.time for event in events],
    }


async def append(session: AsyncSession, events: Sequence[WrittenEvent]) -> None:
    """Write `events` in their order, in the session's transaction."""
    await _APPEND.run(session, columns(events))


_COPY = CopyRows(OUTBOX)


async def append_many(session: AsyncSession, events: Iterable[WrittenEvent]) -> None:
    """Do as `append` does with hundreds of events, which are made while PostgreSQL adds those before them."""
    rows = ((event.id, event.type, event.subject, event.body, event.time.isoformat(), None) for event in events)
    await _COPY.run(session, rows)


@dataclass(frozen=True, slots=True)
class Unpublished:
    """One event that the broker has not confirmed yet."""

    position: int
    event_id: str
    type: str
    body: str


_UNPUBLISHED = text(
    "select position, event_id, type, body from outbox where published_at is null order by position limit :most"
)
_BACKLOG = text("select count(*) from outbox where published_at is null")
_MARK = text("update outbox set published_at = :at where position = any(cast(:positions as bigint[]))")
_HISTORY = text(
    "select position, event_id, type, body from outbox "
    "where position > :after and occurred_at >= :since order by position limit :most"
)


async def unpublished(connection: AsyncConnection, *, most: int) -> list[Unpublished]:
    """Return the oldest events that wait for publication, at most `most`."""
    rows = await connection.execute(_UNPUBLISHED, {"most": most})
    return [Unpublished(*row) for row in rows]


async def backlog(connection: AsyncConnection) -> int:
    """Return how many events wait for publication."""
    return int((await connection.execute(_BACKLOG)).scalar_one())


async def mark_published(connection: AsyncConnection, positions: Sequence[int], at: datetime) -> None:
    """Record that the broker has confirmed these events."""
    await connection.execute(_MARK, {"at": at, "positions": list(positions)})


async def history(connection: AsyncConnection, *, after: int, since: datetime, most: int) -> list[Unpublished]:
    """Return events behind position `after` that occurred at or after `since`, for a replay to one consumer."""
    rows = await connection.execute(_HISTORY, {"after": after, "since": since, "most": most})
    return [Unpublished(*row) for row in rows]
