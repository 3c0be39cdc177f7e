"""One row per request."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, INSTANT


class LimitRequestRow(Row, table=True):
    """A request for a limit and how it was decided."""

    __tablename__ = "limit_requests"
    __table_args__ = (
        CheckConstraint(
            "status in ('pending', 'approved', 'rejected', 'withdrawn', 'superseded', 'expired')", name="status"
        ),
        CheckConstraint("(status = 'pending') = (decided_by is null)", name="decided"),
        CheckConstraint("requested_limit >= 0", name="not_negative"),
        CheckConstraint("not temporary or (requested_limit > 0 and valid_until is not null)", name="temporary"),
        Index("ix_limit_requests_customer", "customer_id", "request_id"),
        Index(
            "uq_limit_requests_pending",
            "customer_id",
            "requested_by",
            "temporary",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
    )

    request_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str = Field(max_length=64)
    requested_limit: Decimal | None = Field(sa_type=AMOUNT, description="None asks for an unmanaged limit")
    currency: str = Field(max_length=3)
    temporary: bool = Field(description="Stands above the limit until its day")
    valid_until: date | None
    payment_terms: str | None = Field(max_length=100)
    risk_class: str | None = Field(max_length=1)
    review_on: date | None
    reason: str
    evidence: list[str] = Field(sa_type=DOCUMENT)
    limit_when_asked: Decimal | None = Field(sa_type=AMOUNT, description="The lasting limit, None where unmanaged")
    status: str = Field(max_length=16, index=True)
    requested_by: str = Field(max_length=200)
    requested_at: datetime = Field(sa_type=INSTANT)
    lapses_on: date = Field(description="Last day on which it may be approved")
    decided_by: str | None = Field(max_length=200)
    decided_at: datetime | None = Field(sa_type=INSTANT)
    decision_note: str | None
