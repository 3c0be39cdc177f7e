"""Rows of short payments, and of payments that were undone, heard of in whatever order."""

from sqlmodel import Field

from dispute_service.rows import Row


class ShortPaymentRow(Row, table=True):
    """A short payment and the case that it opened."""

    __tablename__ = "short_payments"

    short_payment_id: str = Field(primary_key=True, max_length=64)
    receipt_id: str = Field(max_length=64, index=True)
    application_id: str = Field(max_length=64)
    dispute_id: str = Field(max_length=64, unique=True)


class UndonePaymentRow(Row, table=True):
    """An application that was reversed, or a receipt that was returned with all its applications."""

    __tablename__ = "undone_payments"

    payment_id: str = Field(primary_key=True, max_length=64)
    receipt_id: str = Field(max_length=64)
    reason: str
