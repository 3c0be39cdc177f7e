"""One row per application and one per allocation; together they say what a reversal has to undo."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, Numeric, text
from sqlmodel import Field

from cashapp_service.applications.domain.allocation import Allocation, CashMoved
from cashapp_service.rows import Row
from shared.database import AMOUNT, FRACTION, INSTANT
from shared.money import exact

RATE = Numeric(20, 10)


class ApplicationRow(Row, table=True):
    """An application."""

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint("least(from_unapplied, from_on_account, to_on_account) >= 0", name="moves_are_not_negative"),
        CheckConstraint("version > 0", name="version_is_positive"),
        CheckConstraint("(status = 'reversed') = (reversed_on is not null)", name="reversed_on_a_day"),
        Index("ix_applications_customer_id", "customer_id", "application_id"),
    )

    application_id: str = Field(primary_key=True, max_length=64)
    version: int
    receipt_id: str = Field(max_length=64, foreign_key="receipts.receipt_id", index=True)
    customer_id: str = Field(max_length=64)
    company_code: str = Field(max_length=20)
    currency: str = Field(max_length=3)
    posting_date: date
    status: str = Field(max_length=10)
    reversed_on: date | None
    from_unapplied: Decimal = Field(sa_type=AMOUNT)
    from_on_account: Decimal = Field(sa_type=AMOUNT)
    to_on_account: Decimal = Field(sa_type=AMOUNT)
    method: str = Field(max_length=32)
    applied_by: str = Field(max_length=200)
    applied_at: datetime = Field(sa_type=INSTANT)


class AllocationRow(Row, table=True):
    """What an application took for one item."""

    __tablename__ = "allocations"
    __table_args__ = (
        CheckConstraint("least(payment, discount, discount_earned, tolerance, residual) >= 0", name="not_negative"),
        CheckConstraint("discount_taken_back between 0 and discount", name="no_more_taken_back_than_granted"),
        CheckConstraint(
            "case when exchange_rate is null then receipt_amount = payment and exchange_difference = 0"
            " else exchange_rate > 0 and (receipt_amount > 0) = (payment > 0) end",
            name="exchanged_at_a_rate",
        ),
        CheckConstraint(
            "short_payment_version > 0 and shortfall = 'dispute'"
            " or num_nonnulls(short_payment_id, short_payment_version) = 0",
            name="a_dispute_is_told_in_a_version",
        ),
        Index(
            "ix_allocations_short_payment",
            "short_payment_id",
            "short_payment_version",
            unique=True,
            postgresql_where=text("short_payment_id is not null"),
        ),
    )

    application_id: str = Field(primary_key=True, max_length=64, foreign_key="applications.application_id")
    position: int = Field(primary_key=True)
    item_id: str = Field(max_length=64, foreign_key="items.item_id", index=True)
    number: str = Field(max_length=64)
    customer_id: str = Field(max_length=64)
    currency: str = Field(max_length=3)
    payment: Decimal = Field(sa_type=AMOUNT)
    receipt_amount: Decimal = Field(sa_type=AMOUNT)
    exchange_rate: Decimal | None = Field(sa_type=RATE)
    exchange_difference: Decimal = Field(sa_type=AMOUNT)
    credit: Decimal = Field(sa_type=AMOUNT)
    discount: Decimal = Field(sa_type=AMOUNT)
    discount_earned: Decimal = Field(sa_type=FRACTION)
    discount_taken_back: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    tolerance: Decimal = Field(sa_type=AMOUNT)
    residual: Decimal = Field(sa_type=AMOUNT)
    residual_item_id: str | None = Field(max_length=64, foreign_key="items.item_id")
    shortfall: str | None = Field(max_length=10)
    shortfall_amount: Decimal = Field(sa_type=AMOUNT)
    reason_code: str | None = Field(max_length=40)
    short_payment_id: str | None = Field(default=None, max_length=64)
    short_payment_version: int | None = None


def cash_of(row: ApplicationRow) -> CashMoved:
    """Return what money an application moved."""
    return CashMoved(
        from_unapplied=exact(row.from_unapplied, row.currency),
        from_on_account=exact(row.from_on_account, row.currency),
        to_on_account=exact(row.to_on_account, row.currency),
    )


_AMOUNTS = (
    "payment",
    "credit",
    "discount",
    "discount_taken_back",
    "tolerance",
    "exchange_difference",
    "residual",
    "shortfall_amount",
)


def to_allocation(row: Any, *, receipts_currency: str) -> Allocation:
    """Return the allocation of a row."""
    return Allocation(
        item_id=row.item_id,
        number=row.number,
        customer_id=row.customer_id,
        currency=row.currency,
        receipt_amount=exact(row.receipt_amount, receipts_currency),
        exchange_rate=row.exchange_rate,
        discount_earned=row.discount_earned,
        residual_item_id=row.residual_item_id,
        shortfall=row.shortfall,
        reason_code=row.reason_code,
        short_payment_id=row.short_payment_id,
        short_payment_version=row.short_payment_version,
        **{name: exact(getattr(row, name), row.currency) for name in _AMOUNTS},
    )
