"""One row per hold; an order has at most one open."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, Numeric, text
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class HoldRow(Row, table=True):
    """A hold and how it ended."""

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("status in ('open', 'released', 'rejected', 'closed')", name="status"),
        CheckConstraint("(status = 'open') = (decided_at is null)", name="decided"),
        Index("uq_holds_open_order", "order_id", unique=True, postgresql_where=text("status = 'open'")),
        Index("ix_holds_open_customer", "customer_id", postgresql_where=text("status = 'open'")),
        Index("ix_holds_status", "status", "hold_id"),
    )

    hold_id: str = Field(primary_key=True, max_length=64)
    order_id: str = Field(max_length=64)
    customer_id: str = Field(max_length=64, index=True)
    status: str = Field(max_length=16)
    reasons: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    checkpoint: str = Field(max_length=16)
    as_of: date = Field(description="The latest business day it was judged on")
    manual: bool
    opened_at: datetime = Field(sa_type=INSTANT)
    decided_at: datetime | None = Field(sa_type=INSTANT)
    decided_by: str | None = Field(max_length=200)
    reason_code: str | None = Field(max_length=50)
    note: str | None
    valid_until: date | None
    amount_tolerance_pct: Decimal | None = Field(sa_type=Numeric(7, 4))
