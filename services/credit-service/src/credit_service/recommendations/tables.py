"""One row per recommendation."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class RecommendationRow(Row, table=True):
    """A recommendation and how it was decided. The proposals are read and written whole."""

    __tablename__ = "recommendations"
    __table_args__ = (
        CheckConstraint("status in ('proposed', 'accepted', 'modified', 'rejected', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'proposed') = (decided_by is null)", name="decided"),
        CheckConstraint(
            "kind in ('reduce_limit', 'hold_orders', 'prepayment', 'payment_plan', 'legal', 'write_off')", name="kind"
        ),
        CheckConstraint("status = 'withdrawn' or decided_by is distinct from recommended_by", name="four_eyes"),
        Index("ix_recommendations_customer", "customer_id", "recommendation_id"),
        Index("ix_recommendations_status", "status", "recommendation_id"),
        Index(
            "uq_recommendations_proposed",
            "customer_id",
            "kind",
            unique=True,
            postgresql_where=text("status = 'proposed'"),
        ),
    )

    recommendation_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str = Field(max_length=64)
    kind: str = Field(max_length=20)
    status: str = Field(max_length=16)
    rationale: str
    proposed: dict[str, Any] = Field(sa_type=DOCUMENT)
    evidence: list[str] = Field(sa_type=DOCUMENT)
    recommended_by: str = Field(max_length=200)
    recommended_at: datetime = Field(sa_type=INSTANT)
    decided: dict[str, Any] | None = Field(sa_type=DOCUMENT, description="What is carried out; None until then")
    decided_by: str | None = Field(max_length=200)
    decided_at: datetime | None = Field(sa_type=INSTANT)
    decision_note: str | None
    account_version: int | None = Field(description="Of the credit account after the decision was carried out")
    hold_ids: list[str] = Field(sa_type=DOCUMENT, description="Holds that the decision put on orders")
