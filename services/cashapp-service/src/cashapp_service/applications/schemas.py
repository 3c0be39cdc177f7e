"""Shapes of applications and proposals on the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from cashapp_service.applications.domain.allocation import Wanted
from cashapp_service.applications.domain.decision import Decision
from cashapp_service.receipts.schemas import RECEIPT_EXAMPLE, MatchEvidence, ReasonCode, ReceiptView
from shared.days import Day
from shared.http.edge import Body
from shared.money import Amount, CurrencyCode, NonNegativeAmount, PositiveAmount
from shared.texts import Key

ALLOCATIONS_MAX = 10_000
_RATE_MIN, _RATE_MAX = Decimal("0.00000001"), Decimal(10**8)


def _rate_from_wire(value: Any) -> Decimal:
    digits = value.replace(".", "", 1) if isinstance(value, str) else ""
    if not (digits.isascii() and digits.isdigit()) or len(value) > 20:
        raise PydanticCustomError("rate_malformed", 'Send the rate as digits and one point in a string: "1.0821".')
    rate = Decimal(value)
    if not _RATE_MIN <= rate <= _RATE_MAX or rate != round(rate, 10):
        raise PydanticCustomError(
            "rate_out_of_range", "A rate is from 0.00000001 to 100000000, with at most 10 decimals."
        )
    return rate


Rate = Annotated[
    Decimal,
    BeforeValidator(_rate_from_wire),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,9}(\.\d{1,10})?$", "examples": ["0.9241"]}),
]
RateShown = Annotated[
    Decimal, PlainSerializer(lambda rate: format(rate.normalize(), "f"), when_used="json-unless-none")
]
_ITEM = "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"


class AllocationBody(Body):
    """What is to be taken for one item, in the item's currency."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"item_id": _ITEM, "amount": "1166.20", "discount": "23.80"}]}
    )

    item_id: Key = Field(description="The item; of the payer, of one below it, or of one it is known to pay for")
    amount: Amount = Field(description="Money; negative on a credit memo that is netted")
    discount: NonNegativeAmount = Field(default=Decimal(0), description="Cash discount; at most what the terms grant")
    discount_taken: NonNegativeAmount | None = Field(
        default=None,
        description="Instead of `discount`: what the customer deducted. What the terms grant of it is taken as discount, the"
        " rest is a shortfall with the reason `unearned_discount`: disputed where `amount` and it come to the balance, else left"
        " open, unless `shortfall` says otherwise",
    )
    receipt_amount: PositiveAmount | None = Field(
        default=None,
        description="For an item in another currency: what is taken of the receipt, in its currency. What that is worth above"
        " or below `amount` is an exchange gain or loss. Default: `amount` at the rate",
    )
    tolerance_write_off: NonNegativeAmount = Field(
        default=Decimal(0), description="Small difference that is written off, within the tolerances"
    )
    shortfall: Literal["partial", "residual", "dispute"] | None = Field(
        default=None,
        description="The rest stays open (`partial`, the default), is carried into a residual item, or is disputed."
        " A reason code alone means `dispute`",
    )
    reason_code: ReasonCode | None = Field(default=None, description="Why it is less")

    def wanted(self) -> Wanted:
        """Return the allocation that is asked for."""
        disputed = "dispute" if self.reason_code and self.shortfall is None else self.shortfall
        return Wanted(**self.model_dump(exclude={"shortfall"}), shortfall=disputed)


class ExchangeRateBody(Body):
    """What the receipt's money is worth in one other currency."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"currency": "EUR", "rate": "0.9241"}]})

    currency: CurrencyCode = Field(description="Currency of items, ISO 4217")
    rate: Rate = Field(description="Units of `currency` for one unit of the receipt's, on the receipt's value date")


class ApplicationBody(Body):
    """How a receipt is to be applied."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"allocations": [{"item_id": _ITEM, "amount": "1166.20", "discount": "23.80"}]},
                {"allocations": [{"item_id": _ITEM, "amount": "1000.00", "reason_code": "damage"}]},
            ]
        }
    )

    allocations: list[AllocationBody] = Field(default=[], max_length=ALLOCATIONS_MAX, description="Item by item")
    exchange_rates: list[ExchangeRateBody] = Field(
        default=[], max_length=20, description="One for each currency of items that is not the receipt's"
    )
    order_id: Key | None = Field(
        default=None,
        description="Order that the money is for: it is applied to the order's invoice when that is posted",
    )
    on_account: NonNegativeAmount = Field(default=Decimal(0), description="Unapplied money to put on account")
    customer_id: Key | None = Field(
        default=None, description="Whose receipt it is, where the payer is unidentified; default the items' customer"
    )
    posting_date: Day | None = Field(
        default=None,
        description="Default the first day possible: the latest of the receipt's value date, the items' issue dates,"
        " and the days on which the receipt or an item was reopened; not before it",
    )

    @field_validator("exchange_rates")
    @classmethod
    def _one_of_each(cls, rates: list[ExchangeRateBody]) -> list[ExchangeRateBody]:
        if len({one.currency for one in rates}) < len(rates):
            raise ValueError("Send one rate for each currency.")
        return rates

    def decision(self) -> Decision:
        """Return the decision that is asked for."""
        return Decision(
            wanted=tuple(one.wanted() for one in self.allocations),
            on_account=self.on_account,
            customer_id=self.customer_id,
            posting_date=self.posting_date,
            rates={one.currency: one.rate for one in self.exchange_rates},
            order_id=self.order_id,
        )


class ReversalBody(Body):
    """When a reversal is posted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"posting_date": "2026-04-02"}]})

    posting_date: Day | None = Field(default=None, description="Default today; not before the application")


class IdentificationBody(Body):
    """Whose receipt it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"customer_id": "C-1001"}]})

    customer_id: Key = Field(description="The ERP's customer number")


_TAKEN: dict[str, Any] = {
    "item_id": _ITEM,
    "number": "RE-2026-00017",
    "customer_id": "C-1001",
    "currency": "EUR",
    "amount": "1166.20",
    "receipt_amount": "1166.20",
    "exchange_rate": None,
    "exchange_difference": "0.00",
    "credit": "0.00",
    "discount": "23.80",
    "discount_taken_back": "0.00",
    "tolerance_write_off": "0.00",
    "shortfall": None,
    "shortfall_amount": "0.00",
    "residual_item_id": None,
    "reason_code": None,
}
_HEAD: dict[str, Any] = {
    "id": "app_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "version": 1,
    "receipt_id": RECEIPT_EXAMPLE["id"],
    "customer_id": "C-1001",
    "status": "active",
    "posting_date": "2026-03-31",
    "reversed_on": None,
    "currency": "EUR",
    "amount": "1166.20",
    "on_account": "0.00",
    "method": "manual",
    "applied_by": "ar_specialist",
    "applied_at": "2026-03-31T08:20:00Z",
}


class AllocationView(BaseModel):
    """What was taken for one item."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TAKEN]})

    item_id: str = Field(description="The item")
    number: str = Field(description="The document's number")
    customer_id: str = Field(description="Who owes it; not always who paid")
    currency: str = Field(description="The item's, ISO 4217")
    amount: NonNegativeAmount = Field(description="What was paid, in `currency`")
    receipt_amount: NonNegativeAmount = Field(description="Money of the receipt, in the receipt's currency")
    exchange_rate: RateShown | None = Field(
        description="Units of `currency` for one of the receipt's; null where both are the same"
    )
    exchange_difference: Amount = Field(
        description="What the money was worth above the payment, in `currency`: a gain, or a loss where it is negative"
    )
    credit: Amount = Field(description="Of credit memos netted in the same application; negative on the memo itself")
    discount: NonNegativeAmount = Field(description="Cash discount, in the same currency")
    discount_taken_back: NonNegativeAmount = Field(
        description="What was taken back of that since, as the part that had earned it was returned or reversed"
    )
    tolerance_write_off: NonNegativeAmount = Field(description="Small difference written off, in the same currency")
    shortfall: Literal["partial", "residual", "dispute"] | None = Field(description="What becomes of the rest")
    shortfall_amount: NonNegativeAmount = Field(description="What was left of the item then")
    residual_item_id: str | None = Field(description="The item that stands for the rest")
    reason_code: str | None = Field(description="Why it is less")


class ApplicationView(BaseModel):
    """An application, with its receipt as it is afterwards. Amounts are in `currency`, the receipt's."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_HEAD, "allocations": [_TAKEN], "receipt": RECEIPT_EXAMPLE}]}
    )

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one when it is reversed, or discount of it taken back; the ETag")
    receipt_id: str = Field(description="The receipt")
    customer_id: str = Field(description="Whose receipt it is")
    status: Literal["active", "reversed"] = Field(description="Where it stands")
    posting_date: date = Field(description="Day on which it counts in the ledger")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")
    currency: str = Field(description="ISO 4217 code")
    amount: NonNegativeAmount = Field(description="Money applied to items")
    on_account: NonNegativeAmount = Field(description="Money put on account")
    method: str = Field(description="How it was found: `manual`, or the method of matching")
    applied_by: str = Field(description="Who applied it")
    applied_at: datetime = Field(description="Instant, UTC")
    allocations: list[AllocationView] = Field(description="Item by item")
    receipt: ReceiptView = Field(description="The receipt as it is afterwards")


class ApplicationSummary(BaseModel):
    """An application in a list, without its allocations."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_HEAD, "company_code": "1000"}]})

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one when it is reversed, or discount of it taken back")
    receipt_id: str = Field(description="The receipt")
    customer_id: str = Field(description="Whose receipt it is")
    company_code: str = Field(description="The company of the ledger")
    status: Literal["active", "reversed"] = Field(description="Where it stands")
    posting_date: date = Field(description="Day on which it counts in the ledger")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")
    currency: str = Field(description="The receipt's, ISO 4217")
    amount: NonNegativeAmount = Field(description="Money applied to items, in `currency`")
    on_account: NonNegativeAmount = Field(description="Money put on account, in `currency`")
    method: str = Field(description="How it was found: `manual`, `prepayment`, or the method of matching")
    applied_by: str = Field(description="Who applied it")
    applied_at: datetime = Field(description="Instant, UTC")


_PROPOSED: dict[str, Any] = {
    "item_id": _ITEM,
    "amount": "1190.00",
    "discount": "0.00",
    "tolerance_write_off": "0.00",
    "shortfall": None,
    "reason_code": None,
}


class ProposedAllocation(BaseModel):
    """What a proposal takes for one item."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROPOSED]})

    item_id: str = Field(description="The item")
    amount: Amount = Field(description="Money in the item's currency; negative on a credit memo that is netted")
    receipt_amount: NonNegativeAmount | None = Field(
        default=None,
        description="For an item in another currency: what is taken of the receipt, in its currency; else null",
    )
    discount: NonNegativeAmount = Field(description="Cash discount, in the same currency")
    tolerance_write_off: NonNegativeAmount = Field(
        description="Small difference that would be written off within the tolerances, in the same currency"
    )
    shortfall: Literal["partial", "dispute"] | None = Field(description="What becomes of the rest")
    reason_code: str | None = Field(description="Why it is less")


class ExchangeRateShown(BaseModel):
    """The stored rate at which a proposal values the receipt's money in another currency."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"currency": "EUR", "rate": "0.9241"}]})

    currency: str = Field(description="Currency of items, ISO 4217")
    rate: RateShown = Field(description="Units of `currency` for one unit of the receipt's, stored for its value date")


class ProposalView(BaseModel):
    """One way to apply a receipt. Allocations and `on_account` come to what is left of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1001",
                    "allocations": [_PROPOSED],
                    "on_account": "0.00",
                    "confidence": "0.97",
                    "automatic": True,
                    "method": "named_exact",
                    "explanation": [{"detail": "RE-2026-00017 is named.", "supports": True}],
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    allocations: list[ProposedAllocation] = Field(description="Item by item")
    on_account: NonNegativeAmount = Field(description="What of the receipt would stay on account, in its currency")
    confidence: Decimal = Field(description="0 to 1", json_schema_extra={"examples": ["0.97"]})
    automatic: bool = Field(description="Whether it is sure enough to be applied without a person")
    method: str = Field(description="Which way of matching found it")
    exchange_rates: list[ExchangeRateShown] = Field(
        default=[],
        description="At which stored rate items in another currency would be paid; empty where there are none",
    )
    explanation: list[MatchEvidence] = Field(description="What spoke for it and against it")


_MISSING: dict[str, Any] = {
    "currency": "USD",
    "reason": "cannot_be_asked",
    "detail": "Items in USD that the receipt names are not proposed: credit-service cannot be reached at the moment:"
    " try again shortly.",
}


class MissingExchange(BaseModel):
    """Items in another currency that the receipt names, which no proposal could value."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MISSING]})

    currency: str = Field(description="Currency of the items, ISO 4217")
    reason: Literal["not_stored", "cannot_be_asked"] = Field(
        description="No rate is stored for the receipt's value date, or the rate cannot be asked for at the moment or by you"
    )
    detail: str = Field(description="What is missing, why, and what to do")


class Proposals(BaseModel):
    """Proposals, the surest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [], "missing": [_MISSING]}]})

    data: list[ProposalView] = Field(description="The rows")
    missing: list[MissingExchange] = Field(
        default=[],
        description="What could not be proposed for want of an exchange rate, one for each currency; usually empty",
    )
