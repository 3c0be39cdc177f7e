"""The answer to a credit check."""

import json
from datetime import datetime
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_decisions.domain.decision import Decided
from credit_service.credit_decisions.domain.remedies import Remedies
from credit_service.credit_decisions.domain.verdict import Decision, Finding
from credit_service.credit_decisions.tables import CreditDecisionRow
from credit_service.credit_policies.domain import Checkpoint, Reaction
from shared.days import Day
from shared.events.credit import HoldReason
from shared.money import Amount

ANSWERED: dict[str, Any] = {
    "id": "chk_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "order_id": "SO-1001",
    "customer_id": "C-1",
    "decision": "approved",
    "reasons": [],
    "currency": "EUR",
    "exposure_before": "0.00",
    "exposure_after": "800.00",
    "available_after": "200.00",
    "hold_id": None,
    "what_would_release": None,
    "risk_class": "C",
    "policy_version": 1,
    "checkpoint": "order",
    "as_of": "2026-03-02",
    "dry_run": False,
}


class CheckReason(HoldReason):
    """A rule that objects."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reaction: Reaction = Field(description="How the policy reacts: only `hold` and `reject` stop the order")


class CreditDecision(BaseModel):
    """The decision on one order."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWERED]})

    id: str | None = Field(description="Null for a dry run, which stores nothing")
    order_id: str = Field(description="The ERP's order number")
    customer_id: str = Field(description="The ERP's customer number")
    decision: Decision = Field(description="`approved`, `held` or `rejected`")
    reasons: list[CheckReason] = Field(description="Every rule that objects")
    currency: str = Field(description="The account's currency, in which the amounts below are")
    exposure_before: Amount = Field(
        description="What counted against the limit before, this order's reservation included"
    )
    exposure_after: Amount = Field(description="What counts now")
    available_after: Amount | None = Field(
        description="What is left of the limit, negative where it is passed; null where the limit is unmanaged"
    )
    hold_id: str | None = Field(description="The hold, where the order is held")
    what_would_release: Remedies | None = Field(
        default=None, description="What would let the order go, where the rules stopped it"
    )
    risk_class: str = Field(description="A (best) to E")
    policy_version: int = Field(description="Version of the risk class's policy that decided")
    checkpoint: Checkpoint = Field(description="`order`, `delivery` or `goods_issue`")
    as_of: Day = Field(description="Business day for which it holds")
    dry_run: bool = Field(description="Whether nothing was stored nor changed")


def answer_of(decided: Decided, *, dry_run: bool) -> bytes:
    """Return a decision as it is answered: a `CreditDecision` in JSON, written in a tenth of the model's own time."""
    available, ways_out = decided.available_after, decided.what_would_release
    return msgspec.json.encode(
        {
            "id": None if dry_run else decided.decision_id,
            "order_id": decided.order.order_id,
            "customer_id": decided.order.customer_id,
            "decision": decided.verdict.decision,
            "reasons": [_reason(finding) for finding in decided.verdict.findings],
            "currency": decided.facts.currency,
            "exposure_before": decided.exposure_before.amount,
            "exposure_after": decided.exposure_after.amount,
            "available_after": None if available is None else available.amount,
            "hold_id": None if dry_run else decided.order.hold_id,
            "what_would_release": None if ways_out is None else ways_out.model_dump(mode="json"),
            "risk_class": decided.policy.risk_class,
            "policy_version": decided.policy.version,
            "checkpoint": decided.order.checkpoint,
            "as_of": decided.facts.as_of,
            "dry_run": dry_run,
        }
    )


def _reason(finding: Finding) -> dict[str, Any]:
    return {**dict(finding.reason), "reaction": finding.reaction}


class RecordedDecision(BaseModel):
    """A decision as it was stored, with who had it made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {name: ANSWERED[name] for name in ("id", "order_id", "decision", "reasons", "as_of", "risk_class")}
                | {
                    "policy_version": 1,
                    "decided_by": "erp",
                    "by_person": False,
                    "decided_at": "2026-03-02T08:15:00Z",
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    order_id: str = Field(description="The ERP's order number")
    decision: Decision = Field(description="`approved`, `held` or `rejected`")
    reasons: list[HoldReason] = Field(description="Every rule that objected")
    as_of: Day = Field(description="Business day for which it holds")
    risk_class: str = Field(description="A (best) to E")
    policy_version: int = Field(description="The policy's version that decided")
    decided_by: str = Field(description="Who asked, or who overrode the rules")
    by_person: bool = Field(description="Whether a person overrode the rules")
    decided_at: datetime = Field(description="When it was decided, in UTC; null until then")


def recorded(row: CreditDecisionRow) -> RecordedDecision:
    """Return a stored decision; its reasons are those of the answer that was given."""
    reasons = json.loads(row.answer).get("reasons", [])
    return RecordedDecision.model_validate(row.model_dump() | {"id": row.decision_id, "reasons": reasons})


class DecisionWithFacts(RecordedDecision):
    """A decision with all that it saw, for whoever asks why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {name: ANSWERED[name] for name in ("id", "order_id", "customer_id", "decision", "reasons", "as_of")}
                | {
                    "risk_class": "C",
                    "policy_version": 1,
                    "decided_by": "erp",
                    "by_person": False,
                    "decided_at": "2026-03-02T08:15:00Z",
                    "checkpoints": ["order"],
                    "what_would_release": None,
                    "facts": {
                        "as_of": "2026-03-02",
                        "currency": "EUR",
                        "document": "800.00",
                        "amount": "800.00",
                        "order_currency": "EUR",
                        "rate": "1",
                        "limit_state": "amount",
                        "credit_limit": "1000.0000",
                        "open_orders": "0",
                        "open_items": "0",
                    },
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    checkpoints: list[Checkpoint] = Field(description="Whose rules ran")
    what_would_release: Remedies | None = Field(description="As it was answered, where the rules stopped the order")
    facts: dict[str, Any] = Field(
        description="What the rules saw: amounts in the account's currency as text, `rate` from the order's currency to it"
    )


def with_facts(row: CreditDecisionRow) -> DecisionWithFacts:
    """Return a stored decision with its facts."""
    more = row.model_dump(include={"customer_id", "checkpoints", "facts"})
    more["what_would_release"] = json.loads(row.answer).get("what_would_release")
    return DecisionWithFacts.model_validate(recorded(row).model_dump() | more)
