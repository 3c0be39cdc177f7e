"""One row per review, never changed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import INSTANT


class AccountReviewRow(Row, table=True):
    """A review of a customer's credit."""

    __tablename__ = "account_reviews"
    __table_args__ = (
        CheckConstraint("next_review_on > reviewed_on", name="next_later"),
        CheckConstraint("outcome in ('confirmed', 'change_requested', 'problem')", name="outcome"),
        Index("ix_account_reviews_customer", "customer_id", "reviewed_on"),
    )

    review_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(max_length=64)
    outcome: str = Field(max_length=20)
    note: str
    reviewed_on: date
    due_on: date | None = Field(description="The day it had been due")
    next_review_on: date
    reviewed_by: str = Field(max_length=200)
    reviewed_at: datetime = Field(sa_type=INSTANT)
