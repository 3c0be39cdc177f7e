"""One table per kind of fact that other services own. Amounts are signed as the owner signs them.

A state is replaced by a newer version only (version 0 is one that was asked for before its event came); a posting is
written once. Neither order nor repetition of the events changes what the tables end with.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from collections_service.rows import Row
from shared.database import AMOUNT


class CustomerRow(Row, table=True):
    """A customer as credit-service tells it."""

    __tablename__ = "customers"

    customer_id: str = Field(primary_key=True, max_length=64)
    version: int
    name: str
    currency: str = Field(max_length=3)
    company_code: str | None = Field(max_length=20)
    collector: str | None = Field(index=True)


class CustomerCreditRow(Row, table=True):
    """What credit-service tells of a customer's credit account."""

    __tablename__ = "customer_credit"

    customer_id: str = Field(primary_key=True, max_length=64)
    version: int
    risk_class: str = Field(max_length=10)
    blocked: bool


class ItemRow(Row, table=True):
    """An open or cleared item; a credit memo's amount and balance are negative."""

    __tablename__ = "items"
    __table_args__ = (Index("ix_items_customer_id_currency", "customer_id", "currency"),)

    item_id: str = Field(primary_key=True, max_length=64)
    version: int
    number: str
    company_code: str = Field(max_length=20)
    kind: str = Field(max_length=30)
    customer_id: str = Field(max_length=64)
    issue_date: date
    due_date: date
    amount: Decimal = Field(sa_type=AMOUNT)
    balance: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    status: str = Field(max_length=10)


class ItemPostingRow(Row, table=True):
    """One change of an item's balance; the sum as of a day is the balance as of that day."""

    __tablename__ = "item_postings"
    __table_args__ = (
        Index("ix_item_postings_receipt_id", "receipt_id", postgresql_where=text("receipt_id IS NOT NULL")),
    )

    item_id: str = Field(primary_key=True, max_length=64, foreign_key="items.item_id")
    posting_id: str = Field(primary_key=True, max_length=64)
    posting_date: date
    kind: str = Field(max_length=20)
    amount: Decimal = Field(sa_type=AMOUNT)
    receipt_id: str | None = Field(max_length=64)
    application_id: str | None = Field(max_length=64)
    value_date: date | None


class ReceiptRow(Row, table=True):
    """A receipt; `held` is what is there of a known payer: applied, on account or unapplied."""

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_customer_id_currency", "customer_id", "currency"),
        CheckConstraint("held >= 0 and held <= amount", name="held_within_amount"),
    )

    receipt_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str | None = Field(max_length=64)
    company_code: str = Field(max_length=20)
    amount: Decimal = Field(sa_type=AMOUNT)
    held: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    value_date: date
    status: str = Field(max_length=20)


class ReceiptPostingRow(Row, table=True):
    """One change of a receipt's money that no item has, and whose it was at that time."""

    __tablename__ = "receipt_postings"

    receipt_id: str = Field(primary_key=True, max_length=64, foreign_key="receipts.receipt_id")
    posting_id: str = Field(primary_key=True, max_length=64)
    posting_date: date
    customer_id: str | None = Field(max_length=64, index=True)
    company_code: str = Field(max_length=20)
    currency: str = Field(max_length=3)
    unapplied: Decimal = Field(sa_type=AMOUNT, description="on account and unapplied together, signed")


class DisputeRow(Row, table=True):
    """A dispute case as dispute-service tells it."""

    __tablename__ = "disputes"

    dispute_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str = Field(max_length=64, index=True)
    status: str = Field(max_length=20)
    currency: str = Field(max_length=3)
    opened_on: date


class DisputedItemRow(Row, table=True):
    """What a case still disputes of one item."""

    __tablename__ = "disputed_items"
    __table_args__ = (CheckConstraint("disputed_amount >= 0", name="disputed_not_negative"),)

    dispute_id: str = Field(primary_key=True, max_length=64, foreign_key="disputes.dispute_id")
    item_id: str = Field(primary_key=True, max_length=64)
    disputed_amount: Decimal = Field(sa_type=AMOUNT)


class OrderRow(Row, table=True):
    """An order as the credit check left it."""

    __tablename__ = "orders"

    order_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str = Field(max_length=64)
    status: str = Field(max_length=20)
    amount: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
