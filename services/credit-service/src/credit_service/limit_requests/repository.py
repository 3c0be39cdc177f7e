"""Queries and locks of limit requests. The account is locked before the request."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from credit_service.limit_requests.tables import LimitRequestRow


async def find(session: AsyncSession, request_id: str) -> LimitRequestRow | None:
    """Return a request."""
    return await session.get(LimitRequestRow, request_id)


async def find_for_update(session: AsyncSession, request_id: str) -> LimitRequestRow | None:
    """Return a request as it is now and lock it."""
    return await session.get(LimitRequestRow, request_id, with_for_update=True, populate_existing=True)


async def pending_for_update(
    session: AsyncSession, customer_id: str, *, requested_by: str, temporary: bool
) -> LimitRequestRow | None:
    """Return what somebody asked for a customer and still waits, of the kind asked for, and lock it."""
    statement = matching(customer_id=customer_id, status="pending").where(
        col(LimitRequestRow.requested_by) == requested_by, col(LimitRequestRow.temporary) == temporary
    )
    row: LimitRequestRow | None = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    return row


def _outlived(as_of: date) -> Select[Any]:
    return select(LimitRequestRow).where(
        col(LimitRequestRow.status) == "pending",
        or_(col(LimitRequestRow.lapses_on) < as_of, col(LimitRequestRow.valid_until) < as_of),
    )


async def customers_with_outlived(session: AsyncSession, as_of: date) -> Sequence[str]:
    """Return the customers with pending requests whose time is over before `as_of`."""
    statement = _outlived(as_of).with_only_columns(col(LimitRequestRow.customer_id)).distinct()
    return (await session.execute(statement)).scalars().all()


async def outlived_for_update(session: AsyncSession, as_of: date) -> Sequence[LimitRequestRow]:
    """Return the pending requests whose time is over before `as_of` and lock them, by number."""
    statement = _outlived(as_of).order_by(col(LimitRequestRow.request_id)).with_for_update()
    fresh = statement.execution_options(populate_existing=True)
    rows: Sequence[LimitRequestRow] = (await session.execute(fresh)).scalars().all()
    return rows


def matching(*, customer_id: str | None, status: str | None, requested_by: str | None = None) -> Select[Any]:
    """Return the statement that lists requests."""
    statement = select(LimitRequestRow)
    for column, value in (
        (LimitRequestRow.customer_id, customer_id),
        (LimitRequestRow.status, status),
        (LimitRequestRow.requested_by, requested_by),
    ):
        if value is not None:
            statement = statement.where(col(column) == value)
    return statement


def newest(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that gives a customer's newest requests."""
    return matching(customer_id=customer_id, status=None).order_by(col(LimitRequestRow.request_id).desc()).limit(count)
