"""A row per write-off and one per item that it gives up."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from cashapp_service.rows import Row
from cashapp_service.write_offs.domain.write_off import Share
from shared.database import AMOUNT, DOCUMENT, INSTANT
from shared.money import exact


class WriteOffRow(Row, table=True):
    """A write-off and how it was decided."""

    __tablename__ = "write_offs"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("account in ('bad_debt', 'allowance')", name="known_account"),
        CheckConstraint("status in ('pending', 'approved', 'rejected', 'cancelled', 'reversed')", name="known_status"),
        CheckConstraint("decided_by <> requested_by", name="four_eyes"),
        CheckConstraint("(status in ('pending', 'cancelled')) = (decided_by is null)", name="decided_by_somebody"),
        CheckConstraint("(status in ('approved', 'reversed')) = (posted_on is not null)", name="posted_on_a_day"),
        CheckConstraint("(status = 'reversed') = (reversed_on is not null)", name="reversed_on_a_day"),
        CheckConstraint("jsonb_array_length(evidence) > 0", name="with_evidence"),
        Index("ix_write_offs_customer_id", "customer_id", "write_off_id"),
        Index("ix_write_offs_status", "status", "write_off_id"),
    )

    write_off_id: str = Field(primary_key=True, max_length=64)
    version: int
    status: str = Field(max_length=10)
    request_id: str | None = Field(max_length=64, unique=True)
    customer_id: str = Field(max_length=64)
    company_code: str = Field(max_length=20)
    currency: str = Field(max_length=3)
    amount: Decimal = Field(sa_type=AMOUNT)
    account: str = Field(max_length=40)
    reason_code: str = Field(max_length=40)
    evidence: list[str] = Field(sa_type=DOCUMENT, nullable=False)
    note: str | None = Field(max_length=4000)
    requested_by: str = Field(max_length=200)
    requested_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = Field(default=None, max_length=200)
    decided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    decision_note: str | None = Field(default=None, max_length=4000)
    posted_on: date | None = None
    reversed_on: date | None = None
    reversed_by: str | None = Field(default=None, max_length=200)
    reversal_reason: str | None = Field(default=None, max_length=4000)


class WriteOffItemRow(Row, table=True):
    """What is written off of one item, and what was recovered of it since."""

    __tablename__ = "write_off_items"
    __table_args__ = (
        CheckConstraint("amount > 0 and disputed_amount >= 0", name="positive"),
        CheckConstraint("recovered between 0 and amount", name="recovered_at_most_what_was_written_off"),
    )

    write_off_id: str = Field(primary_key=True, max_length=64, foreign_key="write_offs.write_off_id")
    item_id: str = Field(primary_key=True, max_length=64, foreign_key="items.item_id", index=True)
    position: int
    number: str = Field(max_length=64)
    amount: Decimal = Field(sa_type=AMOUNT)
    disputed_amount: Decimal = Field(sa_type=AMOUNT)
    recovered: Decimal = Field(sa_type=AMOUNT)


def to_share(row: WriteOffItemRow, currency: str) -> Share:
    """Return the share of a row."""
    amounts = ("amount", "disputed_amount", "recovered")
    return Share(
        item_id=row.item_id, number=row.number, **{name: exact(getattr(row, name), currency) for name in amounts}
    )


def item_rows(write_off_id: str, shares: Iterable[Share]) -> list[WriteOffItemRow]:
    """Return the rows of a write-off's items."""
    return [
        WriteOffItemRow(
            write_off_id=write_off_id,
            position=position,
            item_id=share.item_id,
            number=share.number,
            amount=share.amount,
            disputed_amount=share.disputed_amount,
            recovered=share.recovered,
        )
        for position, share in enumerate(shares)
    ]
