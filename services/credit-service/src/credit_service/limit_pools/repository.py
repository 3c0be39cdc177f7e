"""Queries and locks of limit pools and of the tree of groups.

Order of locks: the tree (whoever changes it), then accounts by number, then pools by number, then nothing else that waits.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.limit_pools.tables import LimitPoolRow

_LOCK_TREE = text("select pg_advisory_xact_lock(hashtextextended('groups', 6))")
_LOCK = "select pool_id from limit_pools where pool_id = any(:ids) order by pool_id for update"
_LOCK_WAITING = text(_LOCK)
_LOCK_FREE = text(f"{_LOCK} skip locked")
_BELOW = text(
    "with recursive below as (select cast(:head as text) as customer_id union "
    "select m.customer_id from group_members m join below b on m.parent_id = b.customer_id) "
    "select b.customer_id, m.parent_id from below b left join group_members m using (customer_id)"
)
_ABOVE = text(
    "with recursive above as (select customer_id, parent_id from group_members where customer_id = :id union "
    "select m.customer_id, m.parent_id from group_members m join above a on m.customer_id = a.parent_id) "
    "select customer_id, parent_id from above"
)
_HEADS = text("select pool_id from limit_pools where managed_together and pool_id = any(:ids)")
_PLACE = text(
    "insert into group_members (customer_id, parent_id) values (:customer_id, :parent_id) "
    "on conflict (customer_id) do update set parent_id = excluded.parent_id"
)
_TRANSACTION = text("select concat(pg_current_xact_id(), '@', extract(epoch from now()))")
_LEAVE = text("delete from group_members where customer_id = :customer_id")


async def lock_tree(session: AsyncSession) -> None:
    """Wait for whoever changes groups."""
    await session.execute(_LOCK_TREE)


async def lock(session: AsyncSession, pool_ids: Iterable[str], *, wait: bool) -> set[str]:
    """Lock pools in the order of their numbers, without `wait` only those that nobody has locked; return the locked ones."""
    statement = _LOCK_WAITING if wait else _LOCK_FREE
    return set((await session.execute(statement, {"ids": sorted(pool_ids)})).scalars())


async def find(session: AsyncSession, pool_id: str) -> LimitPoolRow | None:
    """Return a pool's row as it is now."""
    return await session.get(LimitPoolRow, pool_id, populate_existing=True)


async def below(session: AsyncSession, head: str) -> Mapping[str, str | None]:
    """Return a customer and everyone below it, each with its parent."""
    return {row[0]: row[1] for row in await session.execute(_BELOW, {"head": head})}


async def above(session: AsyncSession, customer_id: str) -> Mapping[str, str]:
    """Return a customer and everyone above it that has a parent, each with it."""
    return {row[0]: row[1] for row in await session.execute(_ABOVE, {"id": customer_id})}


async def heads(session: AsyncSession, customer_ids: Iterable[str]) -> set[str]:
    """Return those of the customers whose groups share their limit."""
    return set((await session.execute(_HEADS, {"ids": list(customer_ids)})).scalars())


async def place(session: AsyncSession, customer_id: str, parent_id: str | None) -> None:
    """Write whom a customer belongs to."""
    if parent_id is None:
        await session.execute(_LEAVE, {"customer_id": customer_id})
    else:
        await session.execute(_PLACE, {"customer_id": customer_id, "parent_id": parent_id})


async def transaction(session: AsyncSession) -> str:
    """Return what names this transaction: its number, and its beginning, because a restored database counts anew."""
    return str(await session.scalar(_TRANSACTION))
