"""One row per draft; its content never changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from credit_service.credit_policies.domain import PolicyContent
from credit_service.policy_drafts.domain import Draft
from credit_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class PolicyDraftRow(Row, table=True):
    """A draft of the policy of a risk class."""

    __tablename__ = "policy_drafts"
    __table_args__ = (
        CheckConstraint("status in ('drafted', 'simulated', 'activated', 'discarded')", name="status"),
        CheckConstraint("(status = 'activated') = (activated_version is not null)", name="activated"),
        CheckConstraint("(status in ('activated', 'discarded')) = (decided_by is not null)", name="decided"),
        CheckConstraint("status <> 'activated' or decided_by <> drafted_by", name="second_person"),
        Index("ix_policy_drafts_class", "risk_class", "draft_id"),
    )

    draft_id: str = Field(primary_key=True, max_length=64)
    risk_class: str = Field(max_length=1)
    base_version: int
    content: dict[str, Any] = Field(sa_type=DOCUMENT)
    note: str | None
    status: str = Field(max_length=16)
    drafted_by: str = Field(max_length=200)
    drafted_at: datetime = Field(sa_type=INSTANT)
    simulated_at: datetime | None = Field(sa_type=INSTANT)
    simulation: dict[str, Any] | None = Field(sa_type=DOCUMENT)
    decided_by: str | None = Field(max_length=200)
    decided_at: datetime | None = Field(sa_type=INSTANT)
    activated_version: int | None


def row_of(draft: Draft) -> PolicyDraftRow:
    """Return a draft as it is stored."""
    values = {name: getattr(draft, name) for name in Draft.__slots__ if name != "content"}
    return PolicyDraftRow(**values, content=draft.content.model_dump(mode="json"))


def draft_of(row: PolicyDraftRow) -> Draft:
    """Return a stored draft."""
    return Draft(**row.model_dump(exclude={"content"}), content=PolicyContent.model_validate(row.content))
