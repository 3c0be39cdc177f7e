"""A row per refund and one per receipt or credit memo that it takes from."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from cashapp_service.refunds.domain.refund import Part
from cashapp_service.rows import Row
from shared.database import AMOUNT, INSTANT
from shared.money import exact


class RefundRow(Row, table=True):
    """A refund and how it was decided."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint(
            "status in ('pending', 'approved', 'paid', 'rejected', 'cancelled', 'reversed')", name="known_status"
        ),
        CheckConstraint("decided_by <> requested_by", name="four_eyes"),
        CheckConstraint("(status in ('pending', 'cancelled')) = (decided_by is null)", name="decided_by_somebody"),
        CheckConstraint(
            "(status in ('approved', 'paid', 'reversed')) = (refunded_on is not null)", name="posted_on_a_day"
        ),
        CheckConstraint("(status = 'reversed') = (reversed_on is not null)", name="reversed_on_a_day"),
        CheckConstraint("status <> 'paid' or payment_reference is not null", name="paid_by_a_payment"),
        Index("ix_refunds_customer_id", "customer_id", "refund_id"),
        Index("ix_refunds_status", "status", "refund_id"),
    )

    refund_id: str = Field(primary_key=True, max_length=64)
    version: int
    status: str = Field(max_length=10)
    customer_id: str = Field(max_length=64)
    company_code: str = Field(max_length=20)
    currency: str = Field(max_length=3)
    amount: Decimal = Field(sa_type=AMOUNT)
    reason_code: str = Field(max_length=40)
    note: str | None = Field(max_length=4000)
    bank_account: str | None = Field(max_length=64)
    paid_from: str | None = Field(max_length=64)
    ledger_account: str | None = Field(max_length=40)
    requested_by: str = Field(max_length=200)
    requested_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = Field(default=None, max_length=200)
    decided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    decision_note: str | None = Field(default=None, max_length=4000)
    refunded_on: date | None = None
    payment_reference: str | None = Field(default=None, max_length=200)
    paid_on: date | None = None
    reversed_on: date | None = None
    reversed_by: str | None = Field(default=None, max_length=200)
    reversal_reason: str | None = Field(default=None, max_length=4000)


class RefundPartRow(Row, table=True):
    """What a refund takes of one receipt or credit memo."""

    __tablename__ = "refund_parts"
    __table_args__ = (
        CheckConstraint("num_nonnulls(receipt_id, item_id) = 1", name="of_one_source"),
        CheckConstraint("amount > 0 and least(from_unapplied, from_on_account) >= 0", name="positive"),
        CheckConstraint("from_unapplied + from_on_account in (0, amount)", name="taken_whole"),
    )

    refund_id: str = Field(primary_key=True, max_length=64, foreign_key="refunds.refund_id")
    position: int = Field(primary_key=True)
    receipt_id: str | None = Field(max_length=64, foreign_key="receipts.receipt_id", index=True)
    item_id: str | None = Field(max_length=64, foreign_key="items.item_id", index=True)
    amount: Decimal = Field(sa_type=AMOUNT)
    from_unapplied: Decimal = Field(sa_type=AMOUNT)
    from_on_account: Decimal = Field(sa_type=AMOUNT)
    recharged_item_id: str | None = Field(max_length=64, foreign_key="items.item_id")


def to_part(row: RefundPartRow, currency: str) -> Part:
    """Return the part of a row."""
    amounts = ("amount", "from_unapplied", "from_on_account")
    return Part(
        receipt_id=row.receipt_id,
        item_id=row.item_id,
        recharged_item_id=row.recharged_item_id,
        **{name: exact(getattr(row, name), currency) for name in amounts},
    )


def part_rows(refund_id: str, parts: Iterable[Part]) -> list[RefundPartRow]:
    """Return the rows of a refund's parts."""
    return [
        RefundPartRow(
            refund_id=refund_id,
            position=position,
            receipt_id=part.receipt_id,
            item_id=part.item_id,
            amount=part.amount,
            from_unapplied=part.from_unapplied,
            from_on_account=part.from_on_account,
            recharged_item_id=part.recharged_item_id,
        )
        for position, part in enumerate(parts)
    ]
