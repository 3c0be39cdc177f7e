"""One row per decision, never changed: what was decided, on which facts, by which version of the policy."""

import json
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from credit_service.credit_decisions.domain.made import MadeDecision
from credit_service.credit_decisions.domain.stored import from_document
from credit_service.credit_decisions.domain.verdict import Decision
from credit_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class CreditDecisionRow(Row, table=True):
    """A decision of the credit check, of a person, or of a re-check."""

    __tablename__ = "credit_decisions"
    __table_args__ = (
        CheckConstraint("decision in ('approved', 'held', 'rejected')", name="decision"),
        Index("ix_credit_decisions_customer", "customer_id", "decision_id"),
    )

    decision_id: str = Field(primary_key=True, max_length=64)
    order_id: str = Field(max_length=64)
    customer_id: str = Field(max_length=64)
    decision: str = Field(max_length=16)
    as_of: date
    checkpoints: list[str] = Field(sa_type=DOCUMENT, description="Whose rules ran")
    facts: dict[str, Any] = Field(sa_type=DOCUMENT)
    risk_class: str = Field(max_length=1)
    policy_version: int
    answer: str = Field(sa_type=Text, description="As it was given; an identical repeat gets it again")
    decided_by: str = Field(max_length=200)
    by_person: bool = Field(description="Whether a person overrode the rules, so that the facts alone do not decide")
    decided_at: datetime = Field(sa_type=INSTANT)


def made(row: CreditDecisionRow) -> MadeDecision:
    """Return a stored decision."""
    reasons = json.loads(row.answer).get("reasons", [])
    return MadeDecision(
        row.decision_id,
        row.order_id,
        row.customer_id,
        cast(Decision, row.decision),
        tuple((one["rule"], one.get("actual"), one.get("limit"), one["reaction"]) for one in reasons),
        row.as_of,
        frozenset(row.checkpoints),
        from_document(row.facts),
        row.risk_class,
        row.policy_version,
        row.by_person,
        row.decided_at,
    )
