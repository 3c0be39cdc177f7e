"""Shapes of policy drafts on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_policies.domain import PolicyContent
from credit_service.credit_policies.schemas import EXAMPLE
from credit_service.policy_drafts.domain import Draft, DraftStatus


class PolicyDraftBody(PolicyContent):
    """The next version of a policy, not in force yet."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [EXAMPLE | {"note": "Stricter on what is overdue."}]},
    )

    note: str | None = Field(default=None, max_length=2000, description="Why the policy is to change")


class PolicyDraft(BaseModel):
    """A draft, with what its last simulation found."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "pdr_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "risk_class": "C",
                    "base_version": 1,
                    "status": "simulated",
                    "note": "Stricter on what is overdue.",
                    "content": EXAMPLE,
                    "drafted_by": "credit_manager",
                    "drafted_at": "2026-03-02T08:15:00Z",
                    "simulated_at": "2026-03-02T08:16:00Z",
                    "simulation": {"orders": 120, "changed": 3},
                    "decided_by": None,
                    "decided_at": None,
                    "activated_version": None,
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    risk_class: str = Field(description="A (best) to E")
    base_version: int = Field(description="The version that was in force when it was drafted")
    status: DraftStatus = Field(description="Where it stands")
    note: str | None = Field(description="What is said with it, in words")
    content: PolicyContent = Field(description="The policy as drafted")
    drafted_by: str = Field(description="User who drafted it")
    drafted_at: datetime = Field(description="When it was drafted, in UTC")
    simulated_at: datetime | None = Field(description="When it was simulated last, in UTC; null where it was not")
    simulation: dict[str, Any] | None = Field(
        description="Counts and amounts; the orders that change are in the job's result"
    )
    decided_by: str | None = Field(description="Who activated or discarded it; never its author for an activation")
    decided_at: datetime | None = Field(description="When it was decided, in UTC; null until then")
    activated_version: int | None = Field(description="The policy version that it became; null until then")

    @classmethod
    def of(cls, draft: Draft) -> "PolicyDraft":
        """Return a draft as it is shown."""
        values = {name: getattr(draft, name) for name in Draft.__slots__ if name != "draft_id"}
        return cls(id=draft.draft_id, **values)
