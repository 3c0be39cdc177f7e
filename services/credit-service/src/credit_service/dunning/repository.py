"""Queries of dunned items. Who writes one holds the lock of its customer's account, or of the account's place."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.dunning.tables import DunnedItemRow

_CUSTOMERS = text("select distinct customer_id from dunned_items where item_id = any(:ids)")
_LEVELS = text("select customer_id, item_id, level from dunned_items where customer_id = any(:ids)")


async def raise_levels(session: AsyncSession, items: Collection[Mapping[str, Any]]) -> None:
    """Store the levels of items, each item once, where they are higher than what is known."""
    statement = insert(DunnedItemRow).values([dict(item) for item in items])
    new, row = statement.excluded, DunnedItemRow.__table__.c  # type: ignore[attr-defined]
    higher = {name: func.greatest(row[name], new[name]) for name in ("level", "dunned_on")}
    await session.execute(statement.on_conflict_do_update(index_elements=["item_id"], set_=higher))


async def customers_of(session: AsyncSession, item_ids: Iterable[str]) -> set[str]:
    """Return the customers of those of the items that were dunned."""
    return set((await session.execute(_CUSTOMERS, {"ids": list(item_ids)})).scalars())


async def levels(session: AsyncSession, customer_ids: Iterable[str]) -> list[tuple[str, str, int]]:
    """Return (customer, item, level) of every dunned item of these customers."""
    return [(row[0], row[1], row[2]) for row in await session.execute(_LEVELS, {"ids": list(customer_ids)})]
