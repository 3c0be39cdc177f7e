"""Queries of promises. Who writes one holds the lock of its customer's account, or of the account's place."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.promises.tables import PromiseRow

_BROKEN = text(
    "select customer_id, array_agg(broken_on order by broken_on) from promises "
    "where customer_id = any(:ids) and broken_on is not null group by customer_id"
)


async def save_if_newer(session: AsyncSession, states: Collection[Mapping[str, Any]]) -> None:
    """Store promises' states, each promise once, unless newer ones are known."""
    statement = insert(PromiseRow).values([dict(state) for state in states])
    newer = statement.on_conflict_do_update(
        index_elements=["promise_id"],
        set_={name: statement.excluded[name] for name in ("version", "customer_id", "broken_on")},
        where=PromiseRow.version < statement.excluded.version,
    )
    await session.execute(newer)


async def broken_days(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, tuple[date, ...]]:
    """Return the days of each customer's broken promises, in order; customers without one are left out."""
    rows = await session.execute(_BROKEN, {"ids": list(customer_ids)})
    return {row[0]: tuple(row[1]) for row in rows}
