"""Queries and locks of payment exceptions. One is locked by itself: resolving it touches nothing else."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.payment_exceptions.tables import PaymentExceptionRow


async def find_for_update(session: AsyncSession, exception_id: str) -> PaymentExceptionRow | None:
    """Return a payment exception and lock it to the end of the transaction."""
    return await session.get(PaymentExceptionRow, exception_id, with_for_update=True)


def matching(*, status: str | None, customer_id: str | None, due_before: date | None) -> Select[Any]:
    """Return the statement that finds payment exceptions; `due_before` is not included."""
    statement = select(PaymentExceptionRow)
    if status:
        statement = statement.where(col(PaymentExceptionRow.status) == status)
    if customer_id:
        statement = statement.where(col(PaymentExceptionRow.customer_id) == customer_id)
    if due_before:
        statement = statement.where(col(PaymentExceptionRow.deadline_on) < due_before)
    return statement
