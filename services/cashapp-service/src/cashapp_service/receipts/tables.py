"""One row per receipt; the parts of its amount are kept columns that sum to it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from cashapp_service.receipts.domain import Receipt
from cashapp_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, INSTANT
from shared.money import exact

BUCKETS = ("applied", "on_account", "unapplied", "unidentified", "refunded", "returned")
CHANGED_COLUMNS = (*BUCKETS, "status", "version", "postable_from", "customer_id", "order_id")
"""What an entry changes."""


class ReceiptRow(Row, table=True):
    """A receipt."""

    __tablename__ = "receipts"
    __table_args__ = (
        CheckConstraint("amount > 0 and amount = " + " + ".join(BUCKETS), name="amount_is_the_sum_of_its_parts"),
        CheckConstraint(f"least({', '.join(BUCKETS)}) >= 0", name="no_part_is_negative"),
        CheckConstraint(
            "case when customer_id is null then applied + on_account + unapplied + refunded = 0 else unidentified = 0 end",
            name="unidentified_without_customer",
        ),
        CheckConstraint(
            "method = 'card' or (card_token is null and card_last4 is null)", name="card_of_a_card_payment"
        ),
        Index("ix_receipts_customer_id", "customer_id", "value_date", "receipt_id"),
        Index("ix_receipts_status", "status", "value_date", "receipt_id"),
        Index("ix_receipts_value_date", "value_date", "receipt_id"),
        Index("ix_receipts_on_account", "value_date", "receipt_id", postgresql_where="on_account > 0"),
        Index("ix_receipts_unapplied", "value_date", "receipt_id", postgresql_where="unapplied > 0"),
        Index("ix_receipts_amount", "amount", "value_date", "receipt_id"),
        Index("ix_receipts_bank_reference", "bank_reference", postgresql_where="bank_reference is not null"),
        Index(
            "ix_receipts_order_id",
            "order_id",
            postgresql_where="order_id is not null and status in ('unapplied', 'partially_applied')",
        ),
        # A receipt that comes by the API is known by its bank reference; one of a bank file by its statement entry.
        Index(
            "uq_receipts_bank_reference",
            "company_code",
            "bank_reference",
            unique=True,
            postgresql_where="source = 'api' and bank_reference is not null",
        ),
    )

    receipt_id: str = Field(primary_key=True, max_length=64)
    version: int
    source: str = Field(max_length=16)
    method: str = Field(max_length=16)
    company_code: str = Field(max_length=20)
    customer_id: str | None = Field(max_length=64)
    amount: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    value_date: date
    postable_from: date
    status: str = Field(max_length=20)
    applied: Decimal = Field(sa_type=AMOUNT)
    on_account: Decimal = Field(sa_type=AMOUNT)
    unapplied: Decimal = Field(sa_type=AMOUNT)
    unidentified: Decimal = Field(sa_type=AMOUNT)
    refunded: Decimal = Field(sa_type=AMOUNT)
    returned: Decimal = Field(sa_type=AMOUNT)
    payer_name: str | None = Field(max_length=400)
    payer_account: str | None = Field(max_length=64)
    reference: str | None = Field(sa_type=Text)
    bank_reference: str | None = Field(max_length=200)
    purpose: str = Field(sa_type=Text)
    order_id: str | None = Field(default=None, max_length=64)
    card_token: str | None = Field(default=None, max_length=64)
    card_last4: str | None = Field(default=None, max_length=4)
    remittance: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    ledger_account: str = Field(max_length=40)
    match: dict[str, Any] | None = Field(sa_type=DOCUMENT)
    received_at: datetime = Field(sa_type=INSTANT)


_KEPT = [
    "receipt_id",
    "method",
    "company_code",
    "customer_id",
    "currency",
    "value_date",
    "postable_from",
    "ledger_account",
    "version",
    "payer_name",
    "payer_account",
    "reference",
    "bank_reference",
    "purpose",
    "order_id",
    "card_token",
    "card_last4",
]


def to_receipt(row: ReceiptRow) -> Receipt:
    """Return the receipt of a row."""
    values = {name: getattr(row, name) for name in _KEPT}
    values |= {name: exact(getattr(row, name), row.currency) for name in ("amount", *BUCKETS)}
    return Receipt(**values, remittance=tuple(row.remittance))


def columns_of(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as columns."""
    return {name: getattr(receipt, name) for name in (*_KEPT, "amount", *BUCKETS, "status")} | {
        "remittance": list(receipt.remittance)
    }


def changed_columns(receipt: Receipt) -> dict[str, Any]:
    """Return what an entry changes of a row."""
    return {name: getattr(receipt, name) for name in CHANGED_COLUMNS}
