"""Shapes of receipts on the wire."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE
from cashapp_service.receipts.domain import Receipt, ReceiptMethod
from shared.account_numbers import FullAccountNumber
from shared.days import Day
from shared.events.cashapp import ReceiptStatus
from shared.http.edge import Body
from shared.ids import new_id
from shared.money import Amount, CurrencyCode, NonNegativeAmount, PositiveAmount, exact, fits_currency
from shared.texts import CompanyCode, Key, Reference

ReasonCode = Annotated[
    str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$", description="Why it is less", examples=["damage"])
]

_EXAMPLE: dict[str, Any] = {
    "method": "wire",
    "currency": "EUR",
    "amount": "1190.00",
    "value_date": "2026-03-31",
    "payer_name": "Nordlicht Handels GmbH",
    "reference": "RE-2026-00017",
    "remittance": [{"number": "RE-2026-00017", "amount": "1190.00"}],
}


RECEIPT_EXAMPLE: dict[str, Any] = {
    "id": "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "version": 2,
    "method": "wire",
    "company_code": "1000",
    "customer_id": "C-1001",
    "status": "applied",
    "amount": "1190.00",
    "currency": "EUR",
    "value_date": "2026-03-31",
    "applied": "1190.00",
    "on_account": "0.00",
    "unapplied": "0.00",
    "unidentified": "0.00",
    "refunded": "0.00",
    "returned": "0.00",
    "payer_name": "Nordlicht Handels GmbH",
    "payer_account": "…2051",
    "reference": "RE-2026-00017",
    "bank_reference": "B-4711",
    "order_id": None,
    "purpose": "",
    "card_token": None,
    "card_last4": None,
    "match": None,
    "received_at": "2026-03-31T08:15:00Z",
}
_APPLIED: dict[str, Any] = {
    "application_id": "app_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "posting_date": "2026-03-31",
    "currency": "EUR",
    "amount": "1190.00",
    "reversed_on": None,
}


class RemittanceLineBody(Body):
    """What the payer says it pays on one document."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": "RE-2026-00017", "amount": "1190.00"}]})

    number: str = Field(min_length=1, max_length=64, description="The document's number, however the payer wrote it")
    amount: Amount = Field(description="In the receipt's currency; negative for a credit memo that is netted")
    discount: NonNegativeAmount | None = Field(default=None, description="Cash discount taken, in the same currency")
    reason_code: ReasonCode | None = Field(default=None, description="Why it is less")


class ReceiptBody(Body):
    """Money that came in. Its key, where it has one, is (`company_code`, `bank_reference`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    method: ReceiptMethod = Field(description="How the money came in")
    company_code: CompanyCode = Field(default=DEFAULT_COMPANY_CODE, description="The company of the ledger")
    currency: CurrencyCode = Field(description="ISO 4217 code")
    amount: PositiveAmount = Field(description="In `currency`")
    value_date: Day = Field(description="YYYY-MM-DD, the bank's")
    customer_id: Key | None = Field(default=None, description="Where the payer is known; else it is looked for")
    payer_name: str | None = Field(
        default=None, min_length=1, max_length=400, description="As the bank or the caller names it"
    )
    payer_account: FullAccountNumber | None = Field(
        default=None, min_length=4, max_length=40, description="IBAN or number"
    )
    reference: str | None = Field(default=None, max_length=1000, description="What the payer wrote")
    bank_reference: Reference | None = Field(default=None, description="The bank's own reference")
    order_id: Key | None = Field(
        default=None,
        description="Order that is prepaid: of a known customer, what no invoice of the order takes goes on account and is"
        " applied when the invoice is posted",
    )
    card_token: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_.:-]{1,64}$",
        description="What the payment provider calls the card; with method `card` only. Card numbers are refused everywhere",
        examples=["tok_1N3T00LkdIwHu7ix"],
    )
    card_last4: str | None = Field(
        default=None, pattern="^[0-9]{4}$", description="Last four digits of the card's number; with method `card` only"
    )
    remittance: list[RemittanceLineBody] = Field(
        default=[], max_length=1000, description="What the payer says it pays, document by document"
    )

    _fits = field_validator("amount")(fits_currency)

    @field_validator("card_token", "card_last4")
    @classmethod
    def _of_a_card(cls, value: str | None, info: Any) -> str | None:
        if value is not None and info.data.get("method") not in ("card", None):
            raise ValueError("Only a receipt with method card has this: leave it out, or correct the method.")
        return value

    @field_validator("remittance")
    @classmethod
    def _lines_fit(cls, lines: list[RemittanceLineBody], info: Any) -> list[RemittanceLineBody]:
        currency = info.data.get("currency")
        for line in lines if currency else ():
            line.amount = fits_currency(cls, line.amount, info) or Decimal(0)
            line.discount = fits_currency(cls, line.discount, info)
        return lines

    def receipt(self) -> Receipt:
        """Return the receipt, not posted yet."""
        return Receipt(
            receipt_id=new_id("rcp"),
            **self.model_dump(exclude={"remittance"}),
            postable_from=self.value_date,
            remittance=tuple(line.model_dump(mode="json", exclude_none=True) for line in self.remittance),
        )


class MatchEvidence(BaseModel):
    """One finding of matching."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"detail": "RE-2026-00017 is named.", "supports": True}]})

    detail: str = Field(description="One finding, in a sentence")
    supports: bool = Field(description="Whether it speaks for the match or against it")


class Match(BaseModel):
    """How the receipt was matched."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"confidence": "0.97", "method": "named_exact", "explanation": []}]}
    )

    confidence: Decimal = Field(description="0 to 1", json_schema_extra={"examples": ["0.97"]})
    method: str = Field(examples=["named_exact"], description="Which way of matching found it")
    explanation: list[MatchEvidence] = Field(description="What spoke for it and against it")


class ReceiptApplication(BaseModel):
    """What an application of the receipt took for one item."""

    model_config = ConfigDict(json_schema_extra={"examples": [_APPLIED]})

    application_id: str = Field(description="The application")
    item_id: str = Field(description="The item")
    posting_date: date = Field(description="Day on which it counts in the ledger")
    currency: str = Field(description="The item's, ISO 4217")
    amount: Amount = Field(description="What was paid on the item, in `currency`")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")


class ReceiptView(BaseModel):
    """A receipt: amount = applied + on_account + unapplied + unidentified + refunded + returned, all in `currency`."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECEIPT_EXAMPLE]})

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one with each entry; the ETag")
    method: str = Field(description="How the money came in")
    company_code: str = Field(description="The company of the ledger")
    customer_id: str | None = Field(description="Null while the payer is unidentified")
    status: ReceiptStatus = Field(description="Where it stands")
    amount: NonNegativeAmount = Field(description="In `currency`")
    currency: str = Field(description="ISO 4217 code")
    value_date: date = Field(description="YYYY-MM-DD, the bank's")
    applied: NonNegativeAmount = Field(description="Applied to items")
    on_account: NonNegativeAmount = Field(description="Of a known customer, deliberately not allocated")
    unapplied: NonNegativeAmount = Field(description="Of a known customer, not allocated yet")
    unidentified: NonNegativeAmount = Field(description="Of an unknown payer")
    refunded: NonNegativeAmount = Field(description="Paid back to the customer")
    returned: NonNegativeAmount = Field(description="Taken back by the bank")
    payer_name: str | None = Field(description="As the bank or the caller names it")
    payer_account: str | None = Field(description="Masked for roles that do not need it")
    reference: str | None = Field(description="What the payer wrote")
    bank_reference: str | None = Field(description="The bank's own reference")
    order_id: str | None = Field(description="The order that it prepays")
    card_token: str | None = Field(description="What the payment provider calls the card")
    card_last4: str | None = Field(description="Last four digits of the card's number")
    purpose: str = Field(description="The text of the bank statement")
    match: Match | None = Field(description="How it was matched; null where nothing was found")
    received_at: datetime = Field(description="Instant, UTC, at which OpenItem learned of it")


class ReceiptDetail(ReceiptView):
    """A receipt with its applications."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**RECEIPT_EXAMPLE, "applications": [_APPLIED]}]})

    applications: list[ReceiptApplication] = Field(description="What was applied, the oldest first")


Exactly = Annotated[str | None, Query(min_length=1, max_length=200, description="Exactly this one")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFilter:
    """Which receipts a list shows; what is left out does not count."""

    status: Annotated[ReceiptStatus | None, Query(description="Where the receipt stands")] = None
    holding: Annotated[
        Literal["on_account", "unapplied", "unidentified"] | None,
        Query(
            description="Receipts of which some money is there: on account, not allocated yet, or of an unknown payer"
        ),
    ] = None
    customer_id: Annotated[str | None, Query(min_length=1, max_length=64, description="Whose receipt")] = None
    company_code: Annotated[str | None, Query(min_length=1, max_length=20, description="The company of the ledger")] = (
        None
    )
    method: Annotated[ReceiptMethod | None, Query(description="How the money came in")] = None
    currency: Annotated[str | None, Query(pattern=r"^[A-Z]{3}$", description="ISO 4217 code")] = None
    amount: Annotated[NonNegativeAmount | None, Query(description="Of exactly this amount, in their currency")] = None
    amount_from: Annotated[NonNegativeAmount | None, Query(description="Of this amount or more")] = None
    amount_to: Annotated[NonNegativeAmount | None, Query(description="Of this amount or less")] = None
    bank_reference: Exactly = None
    reference: Exactly = None
    order_id: Annotated[str | None, Query(min_length=1, max_length=64, description="The order that they prepay")] = None
    payer: Annotated[
        str | None, Query(min_length=2, max_length=400, description="Part of the payer's name, whatever its capitals")
    ] = None
    value_date_from: Annotated[Day | None, Query(description="First value date, included")] = None
    value_date_to: Annotated[Day | None, Query(description="Last value date, included")] = None


def amounts_shown(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the amounts of a row with the decimals of its currency."""
    return {name: exact(values[name], values["currency"]) for name in names}
