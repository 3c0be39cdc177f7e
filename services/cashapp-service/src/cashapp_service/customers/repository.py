"""Queries of the customers' projection. It takes no locks: one upsert that lets only a newer version through."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, Text, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.customers.domain import Customer
from cashapp_service.customers.tables import CustomerRow, to_customer

_TABLE = CustomerRow.metadata.tables["customers"]
# A batch asks for hundreds: not as rows of the session, which cost several times as much.
_KNOWN = select(_TABLE).where(_TABLE.c.customer_id == any_(bindparam("wanted", type_=ARRAY(Text))))


async def find_many(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Customer]:
    """Return those of `customer_ids` that are known, by number."""
    rows = await session.execute(_KNOWN, {"wanted": list(set(customer_ids))})
    return {row.customer_id: to_customer(row) for row in rows}


# `union` ends the walk where a group would contain itself.
_BELOW = text(
    """
    with recursive upward (customer_id, ancestor) as (
        select customer_id, parent_id from customers where customer_id = any(:wanted) and parent_id is not null
        union
        select u.customer_id, c.parent_id from upward u join customers c on c.customer_id = u.ancestor
        where c.parent_id is not null
    )
    select distinct customer_id from upward where ancestor = :ancestor
    """
)


async def below(session: AsyncSession, customer_ids: Iterable[str], *, ancestor: str) -> set[str]:
    """Return those of `customer_ids` that stand below `ancestor` in their group, at any depth."""
    found = await session.scalars(_BELOW, {"wanted": list(set(customer_ids)), "ancestor": ancestor})
    return set(found)


_ALL_BELOW = text(
    """
    with recursive downward (customer_id) as (
        select customer_id from customers where parent_id = :ancestor
        union
        select c.customer_id from downward d join customers c on c.parent_id = d.customer_id
    )
    select customer_id from downward
    """
)


async def all_below(session: AsyncSession, ancestor: str) -> set[str]:
    """Return all that stand below `ancestor` in its group, at any depth."""
    return set(await session.scalars(_ALL_BELOW, {"ancestor": ancestor}))


async def find_all(session: AsyncSession) -> list[Customer]:
    """Return every customer, by number."""
    rows = await session.scalars(select(CustomerRow).order_by(col(CustomerRow.customer_id)))
    return [to_customer(row) for row in rows]


async def upsert_newer(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows whose version is newer than the one that is there."""
    statement = insert(CustomerRow)
    changed = {name: statement.excluded[name] for name in CustomerRow.model_fields if name != "customer_id"}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["customer_id"],
            set_=changed,
            where=col(CustomerRow.version) < statement.excluded.version,
        ),
        list(rows),
    )
