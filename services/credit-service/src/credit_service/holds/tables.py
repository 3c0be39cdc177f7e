"""One row per hold; an order has at most one that is not decided. And one line per change of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Computed, Identity, Index, Numeric, text
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, INSTANT

_UNDECIDED = text("decided_at is null")


class HoldRow(Row, table=True):
    """A hold and how it ended."""

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("status in ('open', 'release_requested', 'released', 'rejected', 'closed')", name="status"),
        CheckConstraint("(status in ('open', 'release_requested')) = (decided_at is null)", name="decided"),
        CheckConstraint("(status = 'release_requested') = (release_request is not null)", name="requested"),
        Index("uq_holds_open_order", "order_id", unique=True, postgresql_where=_UNDECIDED),
        Index("ix_holds_open_customer", "customer_id", postgresql_where=_UNDECIDED),
        Index("ix_holds_status", "status", "hold_id"),
        Index("ix_holds_age", "opened_on", "hold_id", postgresql_where=_UNDECIDED),
        Index("ix_holds_value", "order_value", "hold_id", postgresql_where=_UNDECIDED),
        Index("ix_holds_delivery", "requested_delivery_date", "hold_id", postgresql_where=_UNDECIDED),
    )

    hold_id: str = Field(primary_key=True, max_length=64)
    version: int = Field(description="Grows by one with each change")
    order_id: str = Field(max_length=64, index=True)
    customer_id: str = Field(max_length=64, index=True)
    status: str = Field(max_length=32)
    reasons: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    rules: list[str] = Field(
        sa_column=Column(
            DOCUMENT, Computed("jsonb_path_query_array(reasons, '$[*].\"rule\"')", persisted=True), nullable=False
        )
    )
    checkpoint: str = Field(max_length=16)
    opened_on: date = Field(description="The business day it was opened on")
    as_of: date = Field(description="The latest business day it was judged on")
    manual: bool = Field(description="Whether a person holds the order")
    order_value: Decimal = Field(sa_type=AMOUNT, description="Of the whole order, in the account's currency")
    requested_delivery_date: date | None
    release_request: dict[str, Any] | None = Field(
        sa_type=DOCUMENT, description="Who asked for which release, and when"
    )
    opened_at: datetime = Field(sa_type=INSTANT)
    decided_at: datetime | None = Field(sa_type=INSTANT)
    decided_by: str | None = Field(max_length=200)
    reason_code: str | None = Field(max_length=50)
    note: str | None
    valid_until: date | None
    amount_tolerance_pct: Decimal | None = Field(sa_type=Numeric(7, 4))


class HoldChangeRow(Row, table=True):
    """One line of a hold's history, never changed."""

    __tablename__ = "hold_changes"
    __table_args__ = (Index("ix_hold_changes_hold", "hold_id", "position"),)

    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    hold_id: str = Field(max_length=64)
    version: int
    status: str = Field(max_length=32)
    rules: list[str] = Field(sa_type=DOCUMENT)
    actor: str = Field(max_length=200)
    note: str
    changed_at: datetime = Field(sa_type=INSTANT)
