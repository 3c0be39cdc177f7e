"""Queries and the lock of items.

Lock order of this service: receipt, then short payments, then items, then cases. An item's lock is PostgreSQL's advisory one on
its id, so that an item can be locked before it is known here. A request takes all its locks at once without waiting
(`try_lock`), a handler waits for its own (`lock`); as who waits holds nothing that a request needs, no request is ever part of
a deadlock.
"""

from collections.abc import Collection

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from dispute_service.items.domain import Item
from dispute_service.items.tables import ItemRow, item_of

_KEY = "hashtextextended('item ' || id, 7)"
_TRY_LOCK = text(f"select bool_and(pg_try_advisory_xact_lock({_KEY})) from unnest(cast(:ids as text[])) as ids(id)")
_LOCK = text(f"select pg_advisory_xact_lock({_KEY}) from unnest(cast(:ids as text[])) as ids(id)")
_UPSERT = text(
    """
    insert into items (item_id, version, number, customer_id, balance, currency)
    select * from unnest(cast(:ids as text[]), cast(:versions as int[]), cast(:numbers as text[]),
                         cast(:customers as text[]), cast(:balances as numeric[]), cast(:currencies as text[]))
    on conflict (item_id) do update set version = excluded.version, number = excluded.number,
        customer_id = excluded.customer_id, balance = excluded.balance, currency = excluded.currency
    where items.version < excluded.version
    returning item_id
    """
)


async def try_lock(session: AsyncSession, item_ids: Collection[str]) -> bool:
    """Lock these items to the end of the transaction; False where another has one of them."""
    return bool(await session.scalar(_TRY_LOCK, {"ids": sorted(item_ids)}))


async def lock(session: AsyncSession, item_ids: Collection[str]) -> None:
    """Lock items to the end of the transaction, in the order of their ids, waiting for whoever has one."""
    await session.execute(_LOCK, {"ids": sorted(item_ids)})


async def upsert(session: AsyncSession, items: Collection[Item]) -> set[str]:
    """Keep each item, given once, where it is newer than what is known; return the ids of those that were."""
    values = {
        "ids": [item.item_id for item in items],
        "versions": [item.version for item in items],
        "numbers": [item.number for item in items],
        "customers": [item.customer_id for item in items],
        "balances": [item.balance.amount for item in items],
        "currencies": [item.balance.currency for item in items],
    }
    return set((await session.execute(_UPSERT, values)).scalars())


async def find_many(session: AsyncSession, item_ids: Collection[str]) -> dict[str, Item]:
    """Return those of the items that are known, by id, as they are committed now."""
    statement = select(ItemRow).where(ItemRow.item_id.in_(item_ids))  # type: ignore[attr-defined]
    rows = await session.scalars(statement.execution_options(populate_existing=True))
    return {row.item_id: item_of(row) for row in rows}
