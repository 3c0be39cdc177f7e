"""One row per assessment with all that it saw; never changed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, INSTANT


class CreditAssessmentRow(Row, table=True):
    """An assessment: its inputs, its outcome, and whether the account took it over."""

    __tablename__ = "credit_assessments"
    __table_args__ = (
        CheckConstraint("score between 0 and 1000", name="score"),
        CheckConstraint("recommended_limit >= 0", name="not_negative"),
        Index("ix_credit_assessments_customer", "customer_id", "assessment_id"),
        Index("uq_credit_assessments_job", "job_id", "customer_id", unique=True),
    )

    assessment_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(max_length=64)
    as_of: date
    scorecard_id: str = Field(max_length=64)
    scorecard_version: int
    method: str = Field(max_length=32, description="As asked for: lowest, or one method")
    score: int
    risk_class: str = Field(max_length=1)
    recommended_limit: Decimal | None = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    applied: bool = Field(description="Whether the account took score, class and review date over")
    inputs: dict[str, Any] = Field(sa_type=DOCUMENT)
    outcome: dict[str, Any] = Field(sa_type=DOCUMENT)
    requested_by: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=INSTANT)
    job_id: str | None = Field(max_length=64, description="The job that made it, each customer once")
