"""Shapes of guarantees on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from credit_service.guarantees.domain import GuaranteeKind, GuaranteeStatus, Terms
from credit_service.guarantees.tables import GuaranteeRow
from shared.days import Day
from shared.http.edge import Body
from shared.money import CurrencyCode, Money, NonNegativeAmount, PositiveAmount, fits_currency

_SENT: dict[str, Any] = {
    "kind": "given",
    "currency": "EUR",
    "amount": "25000.00",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "note": "Rent guarantee for the warehouse in Kiel",
}


class GuaranteeBody(Body):
    """A guarantee as it was agreed."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SENT]})

    kind: GuaranteeKind = Field(description="`given` by us for the customer, or `received` from somebody for it")
    currency: CurrencyCode = Field(description="ISO 4217, of the guarantee")
    amount: PositiveAmount = Field(description="The most that may be called, in `currency`")
    valid_from: Day = Field(description="First day")
    valid_until: Day | None = Field(default=None, description="Last day; without one it runs until it is ended")
    note: str = Field(default="", max_length=4000, description="What it is for, where the deed is kept")

    fitting = field_validator("amount")(fits_currency)

    def terms(self) -> Terms:
        """Return what it says; raise `GuaranteeEndsBeforeItBeginsError`."""
        return Terms(**self.model_dump())


class GuaranteeEndBody(Body):
    """Why a guarantee ends before its last day."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Deed returned."}]})

    note: str = Field(default="", max_length=4000, description="What is said with it, in words")


class GuaranteeShown(BaseModel):
    """A guarantee in a customer's credit file."""

    model_config = ConfigDict(
        title="Guarantee",
        json_schema_extra={
            "examples": [
                _SENT
                | {
                    "guarantee_id": "G-17",
                    "customer_id": "C-1",
                    "status": "valid",
                    "rate": "1",
                    "counts": "25000.00",
                    "account_currency": "EUR",
                    "changed_by": "credit_analyst",
                    "changed_at": "2026-01-01T08:00:00Z",
                    "version": 1,
                }
            ]
        },
    )

    guarantee_id: str = Field(description="The number of the deed")
    customer_id: str = Field(description="The ERP's customer number")
    status: GuaranteeStatus = Field(description="Where it stands")
    kind: GuaranteeKind = Field(description="`given` for the customer's debt, or of another kind")
    amount: NonNegativeAmount = Field(description="In `currency`")
    currency: str = Field(description="ISO 4217, of the guarantee")
    rate: str = Field(
        description="Units of the account's currency for one of `currency`, as it is kept with the guarantee"
    )
    counts: NonNegativeAmount = Field(description="What it adds to special exposure, in `account_currency`")
    account_currency: str = Field(description="ISO 4217, the credit account's")
    valid_from: Day = Field(description="First day on which it holds")
    valid_until: Day | None = Field(description="Last day on which it holds; null for no end")
    note: str = Field(description="What is said with it, in words")
    changed_by: str = Field(description="User who changed it last")
    changed_at: datetime = Field(description="When, in UTC")
    version: int = Field(description="Grows by one with each change")

    @classmethod
    def of(cls, row: GuaranteeRow, account_currency: str) -> "GuaranteeShown":
        """Return the guarantee as it is shown."""
        shown = row.model_dump(exclude={"account_amount"}) | {
            "amount": Money(row.amount, row.currency).amount,
            "rate": format(row.rate.normalize(), "f"),
            "counts": Money(row.counts, account_currency).amount,
            "account_currency": account_currency,
        }
        return cls.model_validate(shown)
