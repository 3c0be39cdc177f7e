"""Shapes of recommendations on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from credit_service.recommendations.domain import Decision, Instalment, Proposal, RecommendationStatus
from credit_service.recommendations.tables import RecommendationRow
from shared.days import Day
from shared.events.credit import Proposed, RecommendationKind, RecommendationState
from shared.http.edge import Body
from shared.money import CurrencyCode, NonNegativeAmount, PositiveAmount, exact, fits_currency
from shared.texts import Key

Text = Annotated[str, Field(min_length=1, max_length=4000)]

ASKED: dict[str, Any] = {
    "customer_id": "C-1",
    "kind": "reduce_limit",
    "rationale": "Three promises broken since March; the bureau reports a lawsuit.",
    "proposed": {"currency": "EUR", "new_limit": "5000.00"},
    "evidence": ["rep_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"],
}


class InstalmentBody(Body):
    """One part of a payment plan."""

    due_on: Day = Field(description="Day on which it is to be paid")
    amount: PositiveAmount = Field(description="In the proposal's currency")


class ProposalBody(Body):
    """What is proposed in numbers."""

    currency: CurrencyCode = Field(description="The account's currency")
    new_limit: NonNegativeAmount | None = Field(
        default=None, description="For `reduce_limit`; without it, what is owed now: nothing may be added"
    )
    amount: PositiveAmount | None = Field(default=None, description="For `payment_plan` and `write_off`")
    instalments: list[InstalmentBody] = Field(
        default=[], max_length=120, description="For `payment_plan`, earliest first"
    )
    item_ids: list[Key] = Field(default=[], max_length=500, description="For `write_off`: the open items")

    fitting = field_validator("new_limit", "amount")(fits_currency)

    @field_validator("instalments")
    @classmethod
    def _fitting_instalments(cls, instalments: list[InstalmentBody], info: Any) -> list[InstalmentBody]:
        for one in instalments:
            fits_currency(cls, one.amount, info)
        return instalments

    def proposal(self) -> Proposal:
        """Return the proposal."""
        return Proposal(
            self.currency,
            self.new_limit,
            self.amount,
            tuple(Instalment(one.due_on, exact(one.amount, self.currency)) for one in self.instalments),
            tuple(self.item_ids),
        )


class RecommendationBody(Body):
    """What should be done about a problem account."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED]})

    customer_id: Key = Field(description="The ERP's customer number")
    kind: RecommendationKind = Field(description="What should be done")
    rationale: Text = Field(description="Why it should be done")
    proposed: ProposalBody | None = Field(default=None, description="The numbers of it, where it has some")
    evidence: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default=[], max_length=20, description="What speaks for it: identifiers of reports and documents, or words"
    )


class DecisionBody(Body):
    """How a recommendation is decided."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "decision": "modify",
                    "note": "Leave them what they have ordered.",
                    "proposed": {"currency": "EUR", "new_limit": "8000.00"},
                }
            ]
        }
    )

    decision: Decision = Field(description="`accept`, `modify` or `reject`")
    note: str | None = Field(default=None, max_length=4000, description="What is said with it, in words")
    proposed: ProposalBody | None = Field(default=None, description="For `modify`: what is carried out instead")


class DecisionNote(Body):
    """What is said with a withdrawal."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "They have paid."}]})

    note: str | None = Field(default=None, max_length=4000, description="What is said with it, in words")


class Recommendation(BaseModel):
    """A recommendation, and what came of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "rec_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"}
                | ASKED
                | {
                    "proposed": {
                        "currency": "EUR",
                        "new_limit": "5000.00",
                        "amount": None,
                        "instalments": [],
                        "item_ids": [],
                    },
                    "status": "proposed",
                    "recommended_by": "collector",
                    "recommended_at": "2026-03-02T08:15:00Z",
                    "decided": None,
                    "decided_by": None,
                    "decided_at": None,
                    "decision_note": None,
                    "account_version": None,
                    "hold_ids": [],
                    "version": 1,
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    customer_id: str = Field(description="The ERP's customer number")
    kind: RecommendationKind = Field(description="What should be done")
    status: RecommendationStatus = Field(description="Where it stands")
    rationale: str = Field(description="Why it should be done")
    proposed: Proposed = Field(description="The numbers of it")
    evidence: list[str] = Field(description="What speaks for it: identifiers of reports and documents, or words")
    recommended_by: str = Field(description="User who recommended it")
    recommended_at: datetime = Field(description="When it was recommended, in UTC")
    decided: Proposed | None = Field(description="What was carried out, where it was accepted or modified")
    decided_by: str | None = Field(description="User who decided; null until then")
    decided_at: datetime | None = Field(description="When it was decided, in UTC; null until then")
    decision_note: str | None = Field(description="What was said with the decision")
    account_version: int | None = Field(description="Of the credit account after the decision was carried out")
    hold_ids: list[str] = Field(description="Holds that the decision put on orders still to go")
    version: int = Field(description="Grows by one with each change; the ETag")


def stored(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as it is stored and published."""
    return Proposed.model_validate(
        {
            "currency": proposal.currency,
            "new_limit": proposal.new_limit,
            "amount": proposal.amount,
            "instalments": [{"due_on": one.due_on, "amount": one.amount} for one in proposal.instalments],
            "item_ids": list(proposal.item_ids),
        }
    ).model_dump(mode="json")


def proposal_in(document: dict[str, Any]) -> Proposal:
    """Return a stored proposal."""
    told = Proposed.model_validate(document)
    instalments = tuple(Instalment(one.due_on, one.amount) for one in told.instalments)
    return Proposal(told.currency, told.new_limit, told.amount, instalments, tuple(told.item_ids))


def shown(row: RecommendationRow) -> Recommendation:
    """Return a recommendation as it is shown."""
    return Recommendation.model_validate(row.model_dump() | {"id": row.recommendation_id})


def public_state(row: RecommendationRow) -> RecommendationState:
    """Return what the other services and integrators are told of a decided recommendation."""
    return RecommendationState.model_validate(row.model_dump() | {"carried_out": row.decided})
