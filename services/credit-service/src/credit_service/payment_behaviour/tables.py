"""The projection: one row per item, in the newest state that was told."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Index
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import AMOUNT


class PaymentRecordRow(Row, table=True):
    """When an item was due and when it was settled."""

    __tablename__ = "payment_records"
    __table_args__ = (Index("ix_payment_records_customer", "customer_id", "issue_date"),)

    item_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str = Field(max_length=64)
    kind: str = Field(max_length=32)
    issue_date: date
    due_date: date
    amount: Decimal = Field(sa_type=AMOUNT, description="As issued; a credit memo's is negative")
    currency: str = Field(max_length=3)
    settled_on: date | None = Field(description="Value date of what cleared it; None while something is open")
    settled_by: str | None = Field(max_length=16, description="Kind of the posting that cleared it")
