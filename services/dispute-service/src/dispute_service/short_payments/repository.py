"""Queries and locks of short payments: a receipt is locked first, then they, then any item (`items/repository.py`)."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispute_service.short_payments.tables import ShortPaymentRow, UndonePaymentRow

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('receipt ' || cast(:id as text), 7))")


async def lock_receipt(session: AsyncSession, receipt_id: str) -> None:
    """Lock a receipt's short payments to the end of the transaction."""
    await session.execute(_LOCK, {"id": receipt_id})


async def find_for_update(session: AsyncSession, short_payment_id: str) -> ShortPaymentRow | None:
    """Return a short payment of which the case was opened, as it is now, and lock it to the end of the transaction."""
    return await session.get(ShortPaymentRow, short_payment_id, with_for_update=True, populate_existing=True)


async def add(session: AsyncSession, row: ShortPaymentRow) -> None:
    """Keep a short payment and its case."""
    session.add(row)


async def remember_undone(session: AsyncSession, undone: UndonePaymentRow) -> None:
    """Keep that a payment was undone, also where its short payment has not been heard of yet."""
    await session.execute(insert(UndonePaymentRow).values(**undone.model_dump()).on_conflict_do_nothing())


async def undone_reason(session: AsyncSession, *, application_id: str, receipt_id: str) -> str | None:
    """Return why this application, or its whole receipt, was undone; None where it was not."""
    statement = select(col(UndonePaymentRow.reason)).where(
        col(UndonePaymentRow.payment_id).in_((application_id, receipt_id))
    )
    return await session.scalar(statement.limit(1))


async def of_payment_for_update(
    session: AsyncSession, *, receipt_id: str, application_id: str | None
) -> Sequence[ShortPaymentRow]:
    """Return the short payments that stand at a receipt, or at one application of it, locked in the order of their cases."""
    statement = select(ShortPaymentRow).where(col(ShortPaymentRow.receipt_id) == receipt_id)
    if application_id is not None:
        statement = statement.where(col(ShortPaymentRow.application_id) == application_id)
    statement = statement.order_by(col(ShortPaymentRow.dispute_id)).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).all()
