"""One row per application and one per allocation; together they say what a reversal has to undo."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from cashapp_service.applications.domain.plan import Allocation, CashMoved
from cashapp_service.rows import Row
from shared.database import AMOUNT, INSTANT
from shared.money import exact


class ApplicationRow(Row, table=True):
    """An application."""

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint("least(from_unapplied, from_on_account, to_on_account) >= 0", name="moves_are_not_negative"),
        CheckConstraint("(status = 'reversed') = (reversed_on is not null)", name="reversed_on_a_day"),
    )

    application_id: str = Field(primary_key=True, max_length=64)
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
    __table_args__ = (CheckConstraint("least(payment, discount, tolerance, residual) >= 0", name="not_negative"),)

    application_id: str = Field(primary_key=True, max_length=64, foreign_key="applications.application_id")
    position: int = Field(primary_key=True)
    item_id: str = Field(max_length=64, foreign_key="items.item_id", index=True)
    number: str = Field(max_length=64)
    payment: Decimal = Field(sa_type=AMOUNT)
    credit: Decimal = Field(sa_type=AMOUNT)
    discount: Decimal = Field(sa_type=AMOUNT)
    tolerance: Decimal = Field(sa_type=AMOUNT)
    residual: Decimal = Field(sa_type=AMOUNT)
    residual_item_id: str | None = Field(max_length=64, foreign_key="items.item_id")
    shortfall: str | None = Field(max_length=10)
    shortfall_amount: Decimal = Field(sa_type=AMOUNT)
    reason_code: str | None = Field(max_length=40)


def cash_of(row: ApplicationRow) -> CashMoved:
    """Return what money an application moved."""
    return CashMoved(
        from_unapplied=exact(row.from_unapplied, row.currency),
        from_on_account=exact(row.from_on_account, row.currency),
        to_on_account=exact(row.to_on_account, row.currency),
    )


_AMOUNTS = ("payment", "credit", "discount", "tolerance", "residual", "shortfall_amount")


def to_allocation(row: AllocationRow, *, customer_id: str, currency: str) -> Allocation:
    """Return the allocation of a row."""
    return Allocation(
        item_id=row.item_id,
        number=row.number,
        customer_id=customer_id,
        residual_item_id=row.residual_item_id,
        shortfall=row.shortfall,  # type: ignore[arg-type]  # checked when it was applied
        reason_code=row.reason_code,
        **{name: exact(getattr(row, name), currency) for name in _AMOUNTS},
    )
