"""A row per run and one per item that it found."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from cashapp_service.rows import Row
from cashapp_service.small_balances.domain import SmallBalance
from shared.database import AMOUNT, INSTANT
from shared.money import exact


class SmallBalanceRunRow(Row, table=True):
    """A run over small balances and how it was decided; `decided_by` is null where the authority of who ran it was enough."""

    __tablename__ = "small_balance_runs"
    __table_args__ = (
        CheckConstraint("status in ('pending', 'posted', 'rejected', 'reversed')", name="known_status"),
        CheckConstraint("decided_by <> requested_by", name="four_eyes"),
        CheckConstraint("(status in ('posted', 'reversed')) = (posted_on is not null)", name="posted_on_a_day"),
        CheckConstraint("(status = 'reversed') = (reversed_on is not null)", name="reversed_on_a_day"),
        CheckConstraint("max_amount > 0 and least(debits, credits) >= 0", name="sums_are_not_negative"),
        Index("ix_small_balance_runs_status", "status", "run_id"),
    )

    run_id: str = Field(primary_key=True, max_length=64)
    version: int
    status: str = Field(max_length=10)
    as_of: date
    company_code: str | None = Field(max_length=20)
    currency: str = Field(max_length=3)
    max_amount: Decimal = Field(sa_type=AMOUNT)
    older_than_days: int
    items: int
    debits: Decimal = Field(sa_type=AMOUNT)
    credits: Decimal = Field(sa_type=AMOUNT)
    more: bool
    requested_by: str = Field(max_length=200)
    requested_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = Field(default=None, max_length=200)
    decided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    decision_note: str | None = Field(default=None, max_length=4000)
    posted_on: date | None = None
    reversed_on: date | None = None
    reversed_by: str | None = Field(default=None, max_length=200)
    reversal_reason: str | None = Field(default=None, max_length=4000)


class SmallBalanceItemRow(Row, table=True):
    """An item that a run found, and what became of it."""

    __tablename__ = "small_balance_items"
    __table_args__ = (
        CheckConstraint("balance <> 0", name="something_is_open"),
        CheckConstraint("outcome in ('waiting', 'posted', 'skipped')", name="known_outcome"),
        CheckConstraint("(outcome = 'skipped') = (reason is not null)", name="skipped_for_a_reason"),
    )

    run_id: str = Field(primary_key=True, max_length=64, foreign_key="small_balance_runs.run_id")
    item_id: str = Field(primary_key=True, max_length=64, foreign_key="items.item_id", index=True)
    number: str = Field(max_length=64)
    customer_id: str = Field(max_length=64)
    company_code: str = Field(max_length=20)
    balance: Decimal = Field(sa_type=AMOUNT)
    outcome: str = Field(max_length=8)
    reason: str | None = Field(default=None, max_length=400)


def to_small_balance(row: SmallBalanceItemRow, currency: str) -> SmallBalance:
    """Return the balance of a row."""
    return SmallBalance(row.item_id, row.number, row.customer_id, row.company_code, exact(row.balance, currency))
