"""Queries and the lock of items.

Lock order of this service: receipt, then items, then cases. An item's lock is PostgreSQL's advisory one on its id, so that an
item can be locked before it is known here. A request takes all its locks at once without waiting (`try_lock`), a handler
waits for its own (`lock`); as who waits holds nothing that a request needs, no request is ever part of a deadlock.
"""

from collections.abc import Collection

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from dispute_service.items.domain import Item
from dispute_service.items.tables import ItemRow, item_of

_KEY = "hashtextextended('item ' || id, 7)"
_TRY_LOCK = text(f"select bool_and(pg_try_advisory_xact_lock({_KEY})) from unnest(cast(:ids as text[])) as ids(id)")
_LOCK = text(f"select pg_advisory_xact_lock({_KEY}) from (select cast(:id as text) as id) as one")


async def try_lock(session: AsyncSession, item_ids: Collection[str]) -> bool:
    """Lock these items to the end of the transaction; False where another has one of them."""
    return bool(await session.scalar(_TRY_LOCK, {"ids": sorted(item_ids)}))


async def lock(session: AsyncSession, item_id: str) -> None:
    """Lock an item to the end of the transaction, waiting for whoever has it."""
    await session.execute(_LOCK, {"id": item_id})


async def upsert(session: AsyncSession, item: Item) -> bool:
    """Keep `item` where it is newer than what is known; tell whether it was."""
    row = insert(ItemRow).values(
        item_id=item.item_id,
        version=item.version,
        number=item.number,
        customer_id=item.customer_id,
        balance=item.balance.amount,
        currency=item.balance.currency,
    )
    newer = row.on_conflict_do_update(
        index_elements=["item_id"],
        set_={name: row.excluded[name] for name in ("version", "number", "customer_id", "balance", "currency")},
        where=ItemRow.__table__.c.version < row.excluded.version,  # type: ignore[attr-defined]
    )
    return (await session.execute(newer.returning(ItemRow.__table__.c.item_id))).first() is not None  # type: ignore[attr-defined]


async def find_many(session: AsyncSession, item_ids: Collection[str]) -> dict[str, Item]:
    """Return those of the items that are known, by id, as they are committed now."""
    statement = select(ItemRow).where(ItemRow.item_id.in_(item_ids))  # type: ignore[attr-defined]
    rows = await session.scalars(statement.execution_options(populate_existing=True))
    return {row.item_id: item_of(row) for row in rows}
