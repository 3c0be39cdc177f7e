"""Shapes of releases on the wire."""

from decimal import Decimal

from pydantic import ConfigDict, Field

from credit_service.holds.domain import ReleaseTerms
from shared.days import Day
from shared.http.edge import Body


class ReleaseBody(Body):
    """Why a held order may go, and how far."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reason_code": "payment_announced",
                    "note": "Transfer shown by the bank.",
                    "valid_until": "2026-04-30",
                    "amount_tolerance_pct": "5",
                }
            ]
        }
    )

    reason_code: str = Field(min_length=1, max_length=50, description="Why, in a word for lists")
    note: str = Field(default="", max_length=4000, description="What is said with it, in words")
    valid_until: Day | None = Field(default=None, description="Last day of the release; without, it has no end")
    amount_tolerance_pct: Decimal = Field(
        default=Decimal(0), ge=0, le=100, max_digits=7, decimal_places=4, description="May grow by so much, per cent"
    )

    @property
    def terms(self) -> ReleaseTerms:
        """What a person says with the release."""
        return ReleaseTerms(self.reason_code, self.note, self.valid_until, self.amount_tolerance_pct)


class RejectBody(Body):
    """Why a held order will not go."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason_code": "no_credit", "note": "Prepayment only."}]}
    )

    reason_code: str = Field(default="rejected", min_length=1, max_length=50, description="Why, in a word for lists")
    note: str = Field(default="", max_length=4000, description="What is said with it, in words")


class DeclineBody(Body):
    """Why a release that was asked for is not given."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Wait for the payment of 30 April."}]})

    note: str = Field(default="", max_length=4000, description="What is said with it, in words")
