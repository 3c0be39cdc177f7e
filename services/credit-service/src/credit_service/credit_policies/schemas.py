"""Shapes of credit policies on the wire."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_policies.domain import Policy, PolicyContent, PolicyRule
from shared.money import NonNegativeAmount

EXAMPLE: dict[str, Any] = {
    "rules": [
        {"rule": "static_limit", "checkpoints": ["order"], "reaction": "hold"},
        {"rule": "limit_validity", "checkpoints": ["order"], "reaction": "hold"},
        {"rule": "account_blocked", "checkpoints": ["order"], "reaction": "hold"},
        {"rule": "oldest_open_item", "checkpoints": ["order"], "reaction": "hold", "days": 30},
    ],
    "held_orders_reserve": False,
    "small_value_below": None,
}


class PolicyBody(PolicyContent):
    """The next version of a policy."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [EXAMPLE]})


class CreditPolicy(BaseModel):
    """The policy of a risk class that is in force."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"risk_class": "C", "version": 1, **EXAMPLE}]})

    risk_class: str = Field(description="A (best) to E")
    version: int = Field(description="Grows by one with each change; the ETag")
    rules: list[PolicyRule]
    held_orders_reserve: bool
    small_value_below: NonNegativeAmount | None

    @classmethod
    def of(cls, policy: Policy) -> "CreditPolicy":
        """Return the policy as it is shown."""
        content = policy.content
        return cls(
            risk_class=policy.risk_class,
            version=policy.version,
            rules=content.rules,
            held_orders_reserve=content.held_orders_reserve,
            small_value_below=content.small_value_below,
        )
