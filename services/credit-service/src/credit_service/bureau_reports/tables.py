"""One row per purchase and one per report. Of a report only what assessments compute with stands in the clear."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, INSTANT


class BureauPurchaseRow(Row, table=True):
    """A report that was ordered from a bureau, recorded before the bureau was asked."""

    __tablename__ = "bureau_purchases"
    __table_args__ = (
        CheckConstraint("status in ('ordered', 'received', 'failed', 'uncertain')", name="status"),
        CheckConstraint("(status = 'received') = (report_id is not null)", name="received"),
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        Index(
            "uq_bureau_purchases_ordered",
            "customer_id",
            "provider",
            "product",
            unique=True,
            postgresql_where=text("status = 'ordered'"),
        ),
        Index("ix_bureau_purchases_customer", "customer_id", "purchase_id"),
        Index("ix_bureau_purchases_month", "provider", "ordered_on"),
    )

    purchase_id: str = Field(primary_key=True, max_length=64, description="Our reference at the bureau")
    customer_id: str = Field(max_length=64)
    provider: str = Field(max_length=32)
    product: str = Field(max_length=64)
    identifiers: dict[str, str] = Field(sa_type=DOCUMENT)
    status: str = Field(max_length=16)
    cost: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    charged: bool = Field(description="Whether the bureau may bill it: all but what it surely did not deliver")
    forced: bool
    reason: str | None
    ordered_by: str = Field(max_length=200)
    ordered_at: datetime = Field(sa_type=INSTANT)
    ordered_on: date = Field(description="The business day whose month it counts for")
    sent_at: datetime | None = Field(sa_type=INSTANT, description="When the billed question was about to be sent")
    bureau_reference: str | None = Field(max_length=200, description="The bureau's own number of the order")
    job_id: str = Field(max_length=64, description="The last job that worked on it")
    report_id: str | None = Field(max_length=64)
    failure_code: str | None = Field(max_length=64)
    failure: str | None
    closed_at: datetime | None = Field(sa_type=INSTANT)


class BureauReportRow(Row, table=True):
    """A report. `figures` (the normal form) and `raw` (as it came) are sealed, each bound to this row."""

    __tablename__ = "bureau_reports"
    __table_args__ = (
        CheckConstraint("score between 0 and 100", name="score"),
        CheckConstraint("(recommended_limit is null) = (currency is null)", name="limit_with_currency"),
        Index("ix_bureau_reports_customer", "customer_id", "report_date", "report_id"),
    )

    report_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(max_length=64)
    provider: str = Field(max_length=32)
    product: str = Field(max_length=64)
    purchase_id: str | None = Field(max_length=64, description="None for a file")
    obtained_by: str = Field(max_length=200)
    obtained_at: datetime = Field(sa_type=INSTANT)
    obtained_on: date
    report_date: date
    score: int | None = Field(description="On the common scale: 0 is the worst, 100 the best")
    recommended_limit: Decimal | None = Field(sa_type=AMOUNT)
    currency: str | None = Field(max_length=3)
    legal_status: str = Field(max_length=16)
    media_type: str = Field(max_length=64, description="Of what came")
    key_id: str = Field(max_length=16)
    figures: bytes = Field(sa_type=LargeBinary)
    raw: bytes = Field(sa_type=LargeBinary)
