"""The inbox: a consumer records the event id in the transaction that applies it, so that a duplicate changes nothing."""

from collections.abc import Sequence

from sqlalchemy import Column, String, Table, func, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import ID, INSTANT, new_metadata

INBOX = Table(
    "inbox",
    new_metadata(),
    Column("event_id", ID, primary_key=True),
    Column("type", String(64), nullable=False),
    Column("applied_at", INSTANT, nullable=False, server_default=func.now()),
)

_RECORD = text(
    "insert into inbox (event_id, type) select * from unnest(cast(:ids as text[]), cast(:types as text[])) "
    "on conflict do nothing returning event_id"
)


async def record(session: AsyncSession, events: Sequence[tuple[str, str]]) -> set[str]:
    """Record (event id, type) pairs in the session's transaction and return the ids that were not known before."""
    rows = await session.execute(
        _RECORD, {"ids": [event_id for event_id, _ in events], "types": [type_ for _, type_ in events]}
    )
    return set(rows.scalars())
