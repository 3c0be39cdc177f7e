"""Shapes of credit assessments on the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from credit_service.credit_assessments.domain.assessment import LOWEST, MethodChoice
from credit_service.credit_assessments.tables import CreditAssessmentRow
from credit_service.financial_statements.schemas import GIVEN, StatementContent
from credit_service.scorecards.domain.scorecard import DEFAULT_ID
from shared.days import Day
from shared.http.edge import Body
from shared.money import CurrencyCode, NonNegativeAmount, PositiveAmount, fits_currency
from shared.texts import Key

ASKED: dict[str, Any] = {"customer_id": "C-1", "as_of": "2026-03-02", "financials": GIVEN, "method": "lowest"}
CUSTOMERS_MAX = 10_000


class AssessmentBody(Body):
    """A customer that is to be assessed."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED]})

    customer_id: Key = Field(description="The ERP's customer number")
    as_of: Day | None = Field(default=None, description="The day of the assessment; today by default")
    financials: StatementContent | None = Field(
        default=None,
        description="A statement for this assessment alone, in place of the one in the credit file; it is kept with the inputs",
    )
    method: MethodChoice = Field(
        default=LOWEST, description="Which limit is recommended: the lowest, or that of one method"
    )
    scorecard_id: str = Field(default=DEFAULT_ID, pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="Which scorecard")
    currency: CurrencyCode | None = Field(default=None, description="The account's; needed with `expected_purchases`")
    expected_purchases: PositiveAmount | None = Field(
        default=None, description="Of the coming year, in `currency`, in place of those of the last 365 days"
    )
    dry_run: bool = Field(default=False, description="Assess only: nothing is stored or changed")

    fitting = field_validator("expected_purchases")(fits_currency)

    @model_validator(mode="after")
    def _with_currency(self) -> Self:
        if self.expected_purchases is not None and self.currency is None:
            raise PydanticCustomError("currency_missing", "Name the currency of expected_purchases in currency.")
        return self


class AssessmentBatchBody(Body):
    """Customers that are to be assessed by a job."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"all": True, "as_of": "2026-03-02"}]})

    customer_ids: list[Key] | None = Field(
        default=None, min_length=1, max_length=CUSTOMERS_MAX, description="The ERP's customer numbers"
    )
    all: bool = Field(default=False, description="Every customer, in place of `customer_ids`")
    as_of: Day | None = Field(default=None, description="The day of the assessments; today by default")
    method: MethodChoice = Field(default=LOWEST, description="Which method")
    scorecard_id: str = Field(default=DEFAULT_ID, pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="Which scorecard")

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.all == (self.customer_ids is not None):
            raise PydanticCustomError("customers_unclear", "Give either customer_ids or all: true.")
        return self


class FactorShown(BaseModel):
    """A factor of the scorecard, with what it gave."""

    model_config = ConfigDict(title="AssessmentFactor")

    factor: str = Field(description="Which factor of the scorecard")
    value: str | None = Field(description="Null where it is missing")
    bin: str = Field(description="Into which part of the table it falls")
    points: int | None = Field(description="0 (worst) to 100 (best); null where the factor was left out")
    weight: int = Field(
        description="Share in the score, of the sum of the weights of all factors that were not left out"
    )
    source: str | None = Field(description="Where the value comes from")
    missing: str | None = Field(description="Why there is no value; null where there is one")


class LimitProposalShown(BaseModel):
    """What one method gives as a limit."""

    model_config = ConfigDict(title="LimitProposal")

    method: str = Field(description="Which method")
    amount: NonNegativeAmount | None = Field(description="In the account's currency; null where the method cannot say")
    why: str = Field(description="Why, in words")
    inputs: dict[str, str] = Field(description="What the method computed with, by name")


class AssessmentResult(BaseModel):
    """What an assessment came to."""

    score: int = Field(description="0 (worst) to 1000")
    risk_class: str = Field(description="A (best) to E")
    evidence_pct: int = Field(description="Share of the scorecard's weights that rests on facts, per cent")
    recommended_limit: NonNegativeAmount | None = Field(description="In `currency`; null where no method can say")
    chosen_method: str | None = Field(description="Whose limit is recommended")
    recommended_terms: str = Field(description="Payment terms that go with the risk class")
    next_review_on: Day = Field(description="Day by which the credit is to be reviewed; null where none is set")
    factors: list[FactorShown] = Field(description="Each factor with its value, points, weight and source")
    limit_methods: list[LimitProposalShown] = Field(description="Each method with the limit it gives")


EXAMPLE: dict[str, Any] = {
    "id": "cas_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "customer_id": "C-1",
    "as_of": "2026-03-02",
    "score": 712,
    "risk_class": "B",
    "evidence_pct": 68,
    "recommended_limit": "21000.00",
    "currency": "EUR",
    "chosen_method": "purchases",
    "recommended_terms": "net 45",
    "next_review_on": "2027-03-02",
    "method": "lowest",
    "scorecard_id": "default",
    "scorecard_version": 1,
    "applied": True,
    "dry_run": False,
    "factors": [
        {
            "factor": "share_late",
            "value": "0.1250",
            "bin": "above 0.05, up to 0.15",
            "points": 80,
            "weight": 110,
            "source": "16 items of 365 days",
            "missing": None,
        }
    ],
    "limit_methods": [
        {
            "method": "purchases",
            "amount": "21000.00",
            "why": "purchases in the days of the terms × 150 %",
            "inputs": {"purchases": "113555.56", "payment_terms": "net 45", "share_pct": "150"},
        }
    ],
    "inputs": {"customer_id": "C-1", "as_of": "2026-03-02", "currency": "EUR", "country": "DE"},
    "requested_by": "credit_analyst",
    "created_at": "2026-03-02T08:15:00Z",
}


EXAMPLE_IN_SHORT = {
    name: EXAMPLE[name]
    for name in (
        "id",
        "customer_id",
        "as_of",
        "score",
        "risk_class",
        "recommended_limit",
        "currency",
        "chosen_method",
        "recommended_terms",
        "scorecard_id",
        "scorecard_version",
        "applied",
        "requested_by",
        "created_at",
    )
}


class CreditAssessment(AssessmentResult):
    """An assessment with all that it saw. Limit and terms are recommendations: a limit request takes them over."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str | None = Field(description="Null for a dry run")
    customer_id: str = Field(description="The ERP's customer number")
    as_of: Day = Field(description="Business day for which it holds")
    currency: str = Field(description="The account's; every amount here is in it but where another is named")
    method: str = Field(description="As asked for")
    scorecard_id: str = Field(description="Which scorecard")
    scorecard_version: int = Field(description="The scorecard's version that was used")
    applied: bool = Field(
        description="Whether score, class and review date are the account's now: not where a later day was assessed before"
    )
    dry_run: bool = Field(description="Whether nothing was stored nor changed")
    inputs: dict[str, Any] = Field(description="All facts that the assessment saw")
    requested_by: str = Field(description="User who asked")
    created_at: datetime = Field(description="When, in UTC")


class AssessmentSummary(BaseModel):
    """An assessment in short."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_IN_SHORT]})

    id: str = Field(description="OpenItem's identifier")
    customer_id: str = Field(description="The ERP's customer number")
    as_of: Day = Field(description="Business day for which it holds")
    score: int = Field(description="0 (worst) to 1000")
    risk_class: str = Field(description="A (best) to E")
    recommended_limit: NonNegativeAmount | None = Field(description="In `currency`; null where no method can say")
    currency: str = Field(description="ISO 4217")
    chosen_method: str | None = Field(description="The method whose limit is recommended, the lowest")
    recommended_terms: str = Field(description="Payment terms that go with the risk class")
    scorecard_id: str = Field(description="Which scorecard")
    scorecard_version: int = Field(description="The scorecard's version that was used")
    applied: bool = Field(description="Whether score, class and review date were the account's at once")
    requested_by: str = Field(description="User who asked")
    created_at: datetime = Field(description="When, in UTC")


class Replay(BaseModel):
    """An assessment made again on its stored facts by its version of the scorecard."""

    model_config = ConfigDict(title="AssessmentReplay")

    id: str = Field(description="OpenItem's identifier")
    identical: bool = Field(description="Whether it came to the same in every part")
    outcome: AssessmentResult = Field(description="What comes of the stored inputs now")


def shown(row: dict[str, Any]) -> CreditAssessment:
    """Return an assessment as it is shown."""
    return CreditAssessment.model_validate(
        row | _amounts(row["outcome"]) | {"id": row["assessment_id"], "dry_run": row["assessment_id"] is None}
    )


def summary(row: CreditAssessmentRow) -> AssessmentSummary:
    """Return an assessment in short."""
    limit = row.outcome["recommended_limit"]
    told = {name: row.outcome[name] for name in ("chosen_method", "recommended_terms")}
    amount = None if limit is None else Decimal(limit)
    return AssessmentSummary.model_validate(
        row.model_dump() | told | {"id": row.assessment_id, "recommended_limit": amount}
    )


def replayed(assessment_id: str, outcome: dict[str, Any], *, identical: bool) -> Replay:
    """Return a replay as it is shown."""
    result = AssessmentResult.model_validate(_amounts(outcome))
    return Replay(id=assessment_id, identical=identical, outcome=result)


def _amounts(outcome: dict[str, Any]) -> dict[str, Any]:
    limit = outcome["recommended_limit"]
    methods = [
        one | {"amount": None if one["amount"] is None else Decimal(one["amount"])} for one in outcome["limit_methods"]
    ]
    return outcome | {"recommended_limit": None if limit is None else Decimal(limit), "limit_methods": methods}
