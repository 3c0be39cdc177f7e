"""One row per guarantee; one that has ended stays."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, text
from sqlmodel import Field

from credit_service.guarantees.domain import GuaranteeStatus, Terms, counted
from credit_service.rows import Row
from shared.database import AMOUNT, INSTANT


class GuaranteeRow(Row, table=True):
    """A guarantee, changed only under the lock of the customer's account."""

    __tablename__ = "guarantees"
    __table_args__ = (
        CheckConstraint("kind in ('given', 'received')", name="kind"),
        CheckConstraint("status in ('valid', 'ended')", name="status"),
        CheckConstraint("amount > 0 and rate > 0 and account_amount >= 0", name="amounts"),
        CheckConstraint("valid_until >= valid_from", name="days"),
        Index("ix_guarantees_running", "valid_until", postgresql_where=text("status = 'valid'")),
    )

    customer_id: str = Field(primary_key=True, max_length=64)
    guarantee_id: str = Field(primary_key=True, max_length=64)
    version: int
    status: str = Field(max_length=16)
    kind: str = Field(max_length=16)
    amount: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    rate: Decimal = Field(sa_type=Numeric(20, 10), description="Units of the account's currency for one of its own")
    account_amount: Decimal = Field(sa_type=AMOUNT, description="In the account's currency")
    valid_from: date
    valid_until: date | None
    note: str
    changed_by: str = Field(max_length=200)
    changed_at: datetime = Field(sa_type=INSTANT)

    @property
    def terms(self) -> Terms:
        """What it says."""
        names = ("kind", "amount", "currency", "valid_from", "valid_until", "note")
        return Terms(**{name: getattr(self, name) for name in names})

    @property
    def counts(self) -> Decimal:
        """What it adds to special exposure."""
        return counted(self.kind, self.status, self.account_amount)

    def move_to(self, status: GuaranteeStatus, *, by: str, at: datetime) -> None:
        """Note a change of it."""
        self.status, self.version, self.changed_by, self.changed_at = status, self.version + 1, by, at
