"""Queries and locks of limit requests. The account is locked before the request."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.limit_requests.tables import LimitRequestRow


async def find(session: AsyncSession, request_id: str) -> LimitRequestRow | None:
    """Return a request."""
    return await session.get(LimitRequestRow, request_id)


async def find_for_update(session: AsyncSession, request_id: str) -> LimitRequestRow | None:
    """Return a request as it is now and lock it."""
    return await session.get(LimitRequestRow, request_id, with_for_update=True, populate_existing=True)


def matching(*, customer_id: str | None, status: str | None) -> Select[Any]:
    """Return the statement that lists requests."""
    statement = select(LimitRequestRow)
    if customer_id is not None:
        statement = statement.where(LimitRequestRow.customer_id == customer_id)  # type: ignore[arg-type]
    if status is not None:
        statement = statement.where(LimitRequestRow.status == status)  # type: ignore[arg-type]
    return statement
