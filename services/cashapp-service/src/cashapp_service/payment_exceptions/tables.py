"""One row per returned payment."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from cashapp_service.rows import Row
from shared.database import AMOUNT, INSTANT


class PaymentExceptionRow(Row, table=True):
    """A returned payment, open until somebody settled it."""

    __tablename__ = "payment_exceptions"
    __table_args__ = (
        CheckConstraint("(status = 'resolved') = (outcome is not null)", name="resolved_with_an_outcome"),
        Index("ix_payment_exceptions_deadline", "deadline_on", "exception_id"),
    )

    exception_id: str = Field(primary_key=True, max_length=64)
    version: int
    receipt_id: str = Field(max_length=64, foreign_key="receipts.receipt_id", unique=True)
    customer_id: str | None = Field(max_length=64, index=True)
    reason: str = Field(max_length=20)
    amount: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    value_date: date
    fee: Decimal | None = Field(sa_type=AMOUNT)
    fee_item_id: str | None = Field(max_length=64, foreign_key="items.item_id")
    deadline_on: date
    status: str = Field(max_length=10)
    outcome: str | None = Field(max_length=20)
    note: str | None = Field(max_length=4000)
    opened_at: datetime = Field(sa_type=INSTANT)
    opened_by: str = Field(max_length=200)
    resolved_at: datetime | None = Field(sa_type=INSTANT)
    resolved_by: str | None = Field(max_length=200)
