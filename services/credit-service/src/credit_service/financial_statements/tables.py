"""One row per statement as it was given; a restated one is another row behind it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class FinancialStatementRow(Row, table=True):
    """A customer's figures of one period."""

    __tablename__ = "financial_statements"
    __table_args__ = (
        CheckConstraint("units in ('ones', 'thousands', 'millions')", name="units"),
        CheckConstraint("period_months between 1 and 24", name="period"),
        Index("ix_financial_statements_customer", "customer_id", "period_end", "statement_id"),
    )

    statement_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(max_length=64)
    period_end: date
    period_months: int
    currency: str = Field(max_length=3)
    units: str = Field(max_length=16)
    audited: bool
    source: str = Field(max_length=200)
    figures: dict[str, Any] = Field(
        sa_type=DOCUMENT, description="Decimal strings by name; what was not given is not here"
    )
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime = Field(sa_type=INSTANT)
