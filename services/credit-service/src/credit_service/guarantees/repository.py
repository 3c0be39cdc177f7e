"""Queries of guarantees. Who writes one holds the lock of its customer's account."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from credit_service.guarantees.tables import GuaranteeRow


async def find(session: AsyncSession, customer_id: str, guarantee_id: str) -> GuaranteeRow | None:
    """Return a guarantee as it is now."""
    return await session.get(GuaranteeRow, (customer_id, guarantee_id), populate_existing=True)


def of_customer(customer_id: str) -> Select[Any]:
    """Return the statement that lists a customer's guarantees."""
    return select(GuaranteeRow).where(col(GuaranteeRow.customer_id) == customer_id)


def changed_last(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that gives the guarantees of a customer that were changed last."""
    return of_customer(customer_id).order_by(col(GuaranteeRow.changed_at).desc()).limit(count)


async def over(session: AsyncSession, as_of: date, customer_ids: Collection[str] | None = None) -> list[GuaranteeRow]:
    """Return guarantees whose last day lies before `as_of` and that nobody has ended yet."""
    statement = select(GuaranteeRow).where(col(GuaranteeRow.status) == "valid", col(GuaranteeRow.valid_until) < as_of)
    if customer_ids is not None:
        statement = statement.where(col(GuaranteeRow.customer_id).in_(customer_ids))
    ordered = statement.order_by(col(GuaranteeRow.customer_id), col(GuaranteeRow.guarantee_id))
    return list((await session.scalars(ordered.execution_options(populate_existing=True))).all())


async def has_guarantees(session: AsyncSession, customer_id: str) -> bool:
    """Tell whether any guarantee for the customer is known."""
    return (await session.execute(of_customer(customer_id).limit(1))).first() is not None
