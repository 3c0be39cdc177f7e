"""Rows of short payments, and of payments that were undone, heard of in whatever order."""

from sqlalchemy import String
from sqlmodel import Field

from dispute_service.rows import Row
from shared.events.dispute import DisputeStatus


class ShortPaymentRow(Row, table=True):
    """A short payment, the application that it goes on with at present, and the case that it opened.

    `stage_before` is where its case stood when that was made void since the payment was undone; null where it was not.
    """

    __tablename__ = "short_payments"

    short_payment_id: str = Field(primary_key=True, max_length=64)
    receipt_id: str = Field(max_length=64, index=True)
    application_id: str = Field(max_length=64)
    dispute_id: str = Field(max_length=64, unique=True)
    version: int
    stage_before: DisputeStatus | None = Field(default=None, sa_type=String(20))


class UndonePaymentRow(Row, table=True):
    """An application that was reversed, or a receipt that was returned with all its applications."""

    __tablename__ = "undone_payments"

    payment_id: str = Field(primary_key=True, max_length=64)
    receipt_id: str = Field(max_length=64)
    reason: str
