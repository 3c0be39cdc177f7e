"""Shapes of credit policies on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_policies.domain import Policy, PolicyContent

EXAMPLE: dict[str, Any] = {
    "rules": [
        {"rule": "static_limit", "checkpoints": ["order"], "reaction": "warn"},
        {"rule": "static_limit", "checkpoints": ["delivery", "goods_issue"], "reaction": "hold"},
        {"rule": "dynamic_limit", "checkpoints": ["order"], "reaction": "hold", "horizon_days": 60},
        {"rule": "limit_validity", "checkpoints": ["order"], "reaction": "hold"},
        {"rule": "account_blocked", "checkpoints": ["order", "delivery", "goods_issue"], "reaction": "reject"},
        {"rule": "oldest_open_item", "checkpoints": ["order"], "reaction": "hold", "days": 30},
        {"rule": "overdue_share", "checkpoints": ["order"], "reaction": "hold", "overdue_pct": "25", "use_pct": "50"},
        {"rule": "max_dunning_level", "checkpoints": ["order"], "reaction": "hold", "max_level": 2},
        {"rule": "broken_promises", "checkpoints": ["order"], "reaction": "warn", "days": 90, "max_count": 1},
        {"rule": "returned_payments", "checkpoints": ["order"], "reaction": "hold", "days": 180, "max_count": 0},
        {"rule": "review_due", "checkpoints": ["order"], "reaction": "warn", "grace_days": 14},
        {"rule": "payment_terms", "checkpoints": ["order"], "reaction": "hold"},
        {"rule": "max_document_value", "checkpoints": ["order"], "reaction": "hold", "max_amount": "100000.00"},
    ],
    "held_orders_reserve": False,
    "small_value_below": "50.00",
    "excluded_order_types": ["sample"],
    "prepaid_excluded": True,
    "disputed_counts_as_overdue": False,
    "insured_cover_counts": False,
    "when_unavailable": {"action": "ship_below", "amount": "500.00", "currency": "EUR"},
}


class PolicyBody(PolicyContent):
    """The next version of a policy."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [EXAMPLE]})


class PolicyVersion(BaseModel):
    """Who put a version of a policy in force, and when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "risk_class": "C",
                    "version": 2,
                    "changed_by": "credit_manager_2",
                    "changed_at": "2026-03-02T08:15:00Z",
                    "drafted_by": "credit_manager",
                    "note": "Stricter on what is overdue.",
                }
            ]
        }
    )

    risk_class: str = Field(description="A (best) to E")
    version: int = Field(description="Grows by one with each change")
    changed_by: str = Field(description="Who put it in force")
    changed_at: datetime = Field(description="When, in UTC")
    drafted_by: str | None = Field(description="Who drafted it, where another person activated it")
    note: str | None = Field(description="What was said with the change")


class CreditPolicy(PolicyContent):
    """One version of the policy of a risk class."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"risk_class": "C", "version": 1, **EXAMPLE}]})

    risk_class: str = Field(description="A (best) to E")
    version: int = Field(description="Grows by one with each change; the ETag")

    @classmethod
    def of(cls, policy: Policy) -> "CreditPolicy":
        """Return the policy as it is shown."""
        content = {name: getattr(policy.content, name) for name in PolicyContent.model_fields}
        return cls.model_construct(risk_class=policy.risk_class, version=policy.version, **content)
