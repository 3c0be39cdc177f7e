"""Shapes of limit requests on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from credit_service.credit_accounts.use_cases import shown as in_currency
from credit_service.limit_requests.domain import LimitRequestStatus
from credit_service.limit_requests.tables import LimitRequestRow
from shared.days import Day
from shared.http.edge import Body
from shared.money import CurrencyCode, NonNegativeAmount, fits_currency
from shared.texts import Key

RiskClass = Annotated[str, Field(pattern="^[A-E]$", examples=["B"])]

ASKED: dict[str, Any] = {
    "customer_id": "C-1",
    "requested_limit": "20000.00",
    "currency": "EUR",
    "valid_until": "2026-12-31",
    "reason": "Orders doubled since spring.",
}


class LimitRequestBody(Body):
    """A limit that is asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED]})

    customer_id: Key = Field(description="The ERP's customer number")
    currency: CurrencyCode = Field(description="The account's currency")
    requested_limit: NonNegativeAmount | None = Field(
        description="In `currency`; 0 for no credit, null for a limit that is not managed (a manager's decision)"
    )
    temporary: bool = Field(
        default=False,
        description="Stands above the present limit up to and including `valid_until`; then the limit below holds again",
    )
    valid_until: Day | None = Field(
        default=None, description="Last day of the limit; past it, it counts as zero. Required where `temporary`"
    )
    payment_terms: str | None = Field(
        default=None, min_length=1, max_length=100, description="Terms agreed with the limit", examples=["net 30"]
    )
    risk_class: RiskClass | None = Field(default=None, description="The class to go with the limit, A (best) to E")
    review_on: Day | None = Field(default=None, description="Day on which the credit is to be reviewed next")
    reason: str = Field(min_length=1, max_length=4000, description="Why, in words")
    evidence: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default=[], max_length=20, description="What speaks for it: identifiers such as an assessment's, or words"
    )

    fitting = field_validator("requested_limit")(fits_currency)


class LimitDecisionBody(Body):
    """What is said with a decision."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Balance sheet seen."}]})

    note: str | None = Field(default=None, max_length=4000, description="What is said with it, in words")


class LimitRequest(BaseModel):
    """A request for a limit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "lrq_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"}
                | ASKED
                | {
                    "temporary": False,
                    "payment_terms": None,
                    "risk_class": None,
                    "review_on": None,
                    "evidence": [],
                    "limit_when_asked": "10000.00",
                    "status": "approved",
                    "requested_by": "credit_analyst",
                    "requested_at": "2026-03-02T08:15:00Z",
                    "lapses_on": "2026-05-31",
                    "decided_by": "credit_analyst",
                    "decided_at": "2026-03-02T08:15:00Z",
                    "decision_note": "inside the authority of who asked",
                    "version": 1,
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    customer_id: str = Field(description="The ERP's customer number")
    requested_limit: NonNegativeAmount | None = Field(description="In `currency`; null asks for an unmanaged limit")
    currency: str = Field(description="ISO 4217, the account's")
    temporary: bool = Field(description="Whether it is a temporary increase beside the lasting limit")
    valid_until: Day | None = Field(description="Last day on which it holds; null for no end")
    payment_terms: str | None = Field(description="Terms asked for with it; null leaves them")
    risk_class: str | None = Field(description="Class asked for with it; null leaves it")
    review_on: Day | None = Field(description="Day of the next review asked for with it; null leaves it")
    reason: str = Field(description="Why, in words")
    evidence: list[str] = Field(description="What speaks for it: identifiers of reports and documents, or words")
    limit_when_asked: NonNegativeAmount | None = Field(
        description="The lasting limit when it was asked for, in `currency`; null where it was unmanaged"
    )
    status: LimitRequestStatus = Field(
        description="`superseded` by a newer request of its kind from the same person, `expired` when nobody decided it in time"
    )
    requested_by: str = Field(description="User who asked")
    requested_at: datetime = Field(description="When it was asked for, in UTC")
    lapses_on: Day = Field(description="Last day on which it may be approved")
    decided_by: str | None = Field(description="User who decided; null until then")
    decided_at: datetime | None = Field(description="When it was decided, in UTC; null until then")
    decision_note: str | None = Field(description="What was said with the decision")
    version: int = Field(description="Grows by one with each change; the ETag")


def shown(row: LimitRequestRow) -> LimitRequest:
    """Return a request as it is shown."""
    amounts = {
        "requested_limit": in_currency(row.requested_limit, row.currency),
        "limit_when_asked": in_currency(row.limit_when_asked, row.currency),
    }
    return LimitRequest.model_validate(row.model_dump() | {"id": row.request_id} | amounts)
