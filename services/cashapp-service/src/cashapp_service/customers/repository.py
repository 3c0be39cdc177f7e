"""Queries of the customers' projection. It takes no locks: one upsert that lets only a newer version through."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.customers.domain import Customer
from cashapp_service.customers.tables import CustomerRow, to_customer


async def find_many(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Customer]:
    """Return those of `customer_ids` that are known, by number."""
    wanted = list(set(customer_ids))
    rows = await session.scalars(select(CustomerRow).where(col(CustomerRow.customer_id).in_(wanted)))
    return {row.customer_id: to_customer(row) for row in rows}


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
