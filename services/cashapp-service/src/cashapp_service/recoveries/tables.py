"""One row per recovery."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from cashapp_service.recoveries.domain import Recovery
from cashapp_service.rows import Row
from shared.database import AMOUNT, INSTANT
from shared.money import exact


class RecoveryRow(Row, table=True):
    """Money of a receipt for a written-off item."""

    __tablename__ = "recoveries"
    __table_args__ = (
        CheckConstraint("amount > 0 and least(from_unapplied, from_on_account) >= 0", name="positive"),
        CheckConstraint("amount = from_unapplied + from_on_account", name="taken_whole"),
        CheckConstraint("status in ('active', 'reversed')", name="known_status"),
        CheckConstraint("(status = 'reversed') = (reversed_on is not null)", name="reversed_on_a_day"),
    )

    recovery_id: str = Field(primary_key=True, max_length=64)
    version: int
    status: str = Field(max_length=10)
    write_off_id: str = Field(max_length=64, foreign_key="write_offs.write_off_id", index=True)
    item_id: str = Field(max_length=64, foreign_key="items.item_id", index=True)
    receipt_id: str = Field(max_length=64, foreign_key="receipts.receipt_id", index=True)
    number: str = Field(max_length=64)
    customer_id: str = Field(max_length=64)
    currency: str = Field(max_length=3)
    amount: Decimal = Field(sa_type=AMOUNT)
    from_unapplied: Decimal = Field(sa_type=AMOUNT)
    from_on_account: Decimal = Field(sa_type=AMOUNT)
    posted_on: date
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime = Field(sa_type=INSTANT)
    reversed_on: date | None = None
    reversed_by: str | None = Field(default=None, max_length=200)


def to_recovery(row: RecoveryRow) -> Recovery:
    """Return the recovery of a row."""
    amounts = ("amount", "from_unapplied", "from_on_account")
    return Recovery(
        recovery_id=row.recovery_id,
        item_id=row.item_id,
        number=row.number,
        **{name: exact(getattr(row, name), row.currency) for name in amounts},
    )
