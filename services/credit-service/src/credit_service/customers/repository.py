"""Queries and locks of customers."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.customers.tables import CustomerRow


async def find(session: AsyncSession, customer_id: str) -> CustomerRow | None:
    """Return a customer."""
    return await session.get(CustomerRow, customer_id)


async def find_for_update(session: AsyncSession, customer_id: str) -> CustomerRow | None:
    """Return a customer and lock it to the end of the transaction."""
    return await session.get(CustomerRow, customer_id, with_for_update=True)


def matching(q: str | None) -> Select[Any]:
    """Return the statement that finds customers of which any name, alias or number contains `q`."""
    statement = select(CustomerRow)
    if q:
        statement = statement.where(CustomerRow.search_text.contains(q.casefold(), autoescape=True))  # type: ignore[attr-defined]
    return statement
