"""Shapes of reviews on the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_accounts.domain import Account, LimitState
from credit_service.reviews.domain import Due, Outcome, Reason, Reviewed
from credit_service.reviews.tables import AccountReviewRow
from shared.days import Day
from shared.http.edge import Body
from shared.money import Amount, Money, NonNegativeAmount

SAID: dict[str, Any] = {
    "outcome": "confirmed",
    "note": "Statements of 2025 seen; pays within terms.",
    "next_review_on": "2027-03-02",
}


class ReviewBody(Body):
    """What came of a review."""

    model_config = ConfigDict(json_schema_extra={"examples": [SAID]})

    outcome: Outcome = Field(
        description="`confirmed` as it is, `change_requested` where a limit request follows, `problem` for a recommendation"
    )
    note: str = Field(min_length=1, max_length=4000, description="What is said with it, in words")
    reviewed_on: Day | None = Field(default=None, description="Today by default")
    next_review_on: Day | None = Field(default=None, description="By default after the months of the risk class")


class Review(BaseModel):
    """A review of a customer's credit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "rvw_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "customer_id": "C-1",
                    "reviewed_on": "2026-03-02",
                    "due_on": "2026-03-01",
                    "reviewed_by": "credit_analyst",
                    "reviewed_at": "2026-03-02T08:15:00Z",
                }
                | SAID
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    customer_id: str = Field(description="The ERP's customer number")
    outcome: Outcome = Field(description="What came of it")
    note: str = Field(description="What is said with it, in words")
    reviewed_on: Day = Field(description="Business day of the review")
    due_on: Day | None = Field(description="The day it had been due; null where none was set")
    next_review_on: Day = Field(description="Day by which the credit is to be reviewed; null where none is set")
    reviewed_by: str = Field(description="User who reviewed")
    reviewed_at: datetime = Field(description="When it was written down, in UTC")


class ReviewDue(BaseModel):
    """A customer whose credit has to be looked at."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1",
                    "name": "Nordlicht Handel",
                    "credit_analyst": "credit_analyst",
                    "due_on": "2026-03-01",
                    "days_overdue": 1,
                    "reasons": ["review_due", "limit_expires"],
                    "next_review_on": "2026-03-01",
                    "last_reviewed_on": "2025-03-02",
                    "limit_valid_until": "2026-03-31",
                    "temporary_until": None,
                    "risk_class": "C",
                    "currency": "EUR",
                    "limit_state": "amount",
                    "credit_limit": "1000.00",
                    "effective_limit": "1000.00",
                    "exposure": "900.00",
                    "utilisation": "0.9000",
                    "blocked": False,
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    name: str = Field(description="As the customer is called every day")
    credit_analyst: str | None = Field(description="User who watches the credit")
    due_on: Day = Field(description="The earliest of the days behind `reasons`")
    days_overdue: int = Field(description="Days that `due_on` lies before `as_of`; 0 where it is still to come")
    reasons: list[Reason] = Field(description="Why a review is due")
    next_review_on: Day | None = Field(description="Day by which the credit is to be reviewed; null where none is set")
    last_reviewed_on: Day | None = Field(description="Business day of the last review; null where there was none")
    limit_valid_until: Day | None = Field(description="Last day of the limit; past it, it counts as zero")
    temporary_until: Day | None = Field(description="Last day of the temporary limit")
    risk_class: str = Field(description="A (best) to E")
    currency: str = Field(description="The account's currency; every amount here is in it")
    limit_state: LimitState = Field(description="`unmanaged`, `zero` or `amount`")
    credit_limit: NonNegativeAmount | None = Field(description="Null where the limit is unmanaged")
    effective_limit: NonNegativeAmount | None = Field(description="What may be owed on `as_of`; null without a bound")
    exposure: Amount = Field(description="What counts against the limit, in the account's currency")
    utilisation: Decimal | None = Field(description="Exposure as a share of the effective limit; null without one")
    blocked: bool = Field(description="Whether the account is blocked")


def shown(row: AccountReviewRow) -> Review:
    """Return a review as it is shown."""
    return Review.model_validate(row.model_dump() | {"id": row.review_id})


def due_shown(account: Account, due: Due, customer: Reviewed, as_of: date) -> ReviewDue:
    """Return an account that has to be looked at as it is shown."""

    def told(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else Money(amount, account.currency).amount

    total, limit = account.exposure.total, account.limit.effective(as_of)
    return ReviewDue.model_validate(
        {
            "customer_id": account.customer_id,
            "name": customer.name,
            "credit_analyst": customer.credit_analyst,
            "due_on": due.due_on,
            "days_overdue": due.days_overdue,
            "reasons": list(due.reasons),
            "next_review_on": account.next_review_on,
            "last_reviewed_on": customer.last_reviewed_on,
            "limit_valid_until": account.limit.valid_until,
            "temporary_until": account.limit.temporary_until,
            "risk_class": account.risk_class,
            "currency": account.currency,
            "limit_state": account.limit.state,
            "credit_limit": told(account.limit.shown),
            "effective_limit": told(limit),
            "exposure": told(total),
            "utilisation": (total / limit).quantize(Decimal("0.0001")) if limit else None,
            "blocked": account.blocked,
        }
    )
