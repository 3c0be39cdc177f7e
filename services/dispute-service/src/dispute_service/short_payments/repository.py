"""Queries and the lock of short payments. A receipt is locked before any item (`dispute_service.items.repository`)."""

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispute_service.short_payments.tables import ShortPaymentRow, UndonePaymentRow

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('receipt ' || cast(:id as text), 7))")


async def lock_receipt(session: AsyncSession, receipt_id: str) -> None:
    """Lock a receipt's short payments to the end of the transaction."""
    await session.execute(_LOCK, {"id": receipt_id})


async def is_known(session: AsyncSession, short_payment_id: str) -> bool:
    """Tell whether the case of this short payment was opened."""
    return await session.get(ShortPaymentRow, short_payment_id) is not None


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


async def disputes_of(session: AsyncSession, *, receipt_id: str, application_id: str | None) -> list[str]:
    """Return the cases that short payments of a receipt, or of one application of it, have opened."""
    statement = select(col(ShortPaymentRow.dispute_id)).where(col(ShortPaymentRow.receipt_id) == receipt_id)
    if application_id is not None:
        statement = statement.where(col(ShortPaymentRow.application_id) == application_id)
    return list(await session.scalars(statement.order_by(col(ShortPaymentRow.dispute_id))))
