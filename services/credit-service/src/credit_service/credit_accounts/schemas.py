"""Shapes of the limit journal on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_accounts.domain import Limit, LimitChangeKind, LimitState
from credit_service.credit_accounts.tables import LimitChangeRow
from shared.days import Day
from shared.money import Money, NonNegativeAmount

EXAMPLE: dict[str, Any] = {
    "customer_id": "C-1",
    "version": 2,
    "kind": "limit",
    "currency": "EUR",
    "old": {
        "limit_state": "amount",
        "credit_limit": "10000.00",
        "valid_until": None,
        "temporary_limit": None,
        "temporary_until": None,
        "risk_class": "C",
        "payment_terms": "net 30",
    },
    "new": {
        "limit_state": "amount",
        "credit_limit": "20000.00",
        "valid_until": "2026-12-31",
        "temporary_limit": None,
        "temporary_until": None,
        "risk_class": "B",
        "payment_terms": "net 30",
    },
    "requested_by": "credit_analyst",
    "approved_by": "credit_manager",
    "reason": "Orders doubled since spring.",
    "evidence": ["cra_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"],
    "request_id": "lrq_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "changed_at": "2026-03-02T08:15:00Z",
}


class CreditTerms(BaseModel):
    """What a decision about a customer's credit sets."""

    limit_state: LimitState = Field(description="`unmanaged`, `zero` or `amount`")
    credit_limit: NonNegativeAmount | None = Field(description="In the line's currency; null where unmanaged")
    valid_until: Day | None = Field(description="Last day of the limit; past it, it counts as zero")
    temporary_limit: NonNegativeAmount | None = Field(description="Stands above the limit until `temporary_until`")
    temporary_until: Day | None = Field(description="Last day of the temporary limit")
    risk_class: str | None = Field(description="Null in lines from before it was written down")
    payment_terms: str | None = Field(description="Null in lines from before they were written down")


class LimitChange(BaseModel):
    """One line of the limit journal."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    customer_id: str = Field(description="The ERP's customer number")
    version: int = Field(description="Version of the credit account after the change")
    kind: LimitChangeKind = Field(
        description="What it is about; `temporary_ended` where an increase fell back, `terms` where the limit stayed"
    )
    currency: str = Field(description="ISO 4217")
    old: CreditTerms = Field(description="Terms before")
    new: CreditTerms = Field(description="Terms since")
    requested_by: str = Field(description="User who asked")
    approved_by: str = Field(description="User who approved")
    reason: str = Field(description="Why, in words")
    evidence: list[str] = Field(description="What speaks for it: identifiers of reports and documents, or words")
    request_id: str = Field(description="The limit request, mass change or recommendation behind it")
    changed_at: datetime = Field(description="When, in UTC")


def shown(row: LimitChangeRow) -> LimitChange:
    """Return a line as it is shown."""
    content = row.model_dump()
    return LimitChange.model_validate(content | {"old": _terms(content, "old"), "new": _terms(content, "new")})


def _terms(line: dict[str, Any], side: str) -> CreditTerms:
    limit = Limit(line[f"{side}_state"], line[f"{side}_limit"])
    temporary = line[f"{side}_temporary"]
    return CreditTerms(
        limit_state=limit.state,
        credit_limit=None if limit.shown is None else Money(limit.shown, line["currency"]).amount,
        valid_until=line[f"{side}_valid_until"],
        temporary_limit=None if temporary is None else Money(temporary, line["currency"]).amount,
        temporary_until=line[f"{side}_temporary_until"],
        risk_class=line[f"{side}_risk_class"],
        payment_terms=line[f"{side}_payment_terms"],
    )
