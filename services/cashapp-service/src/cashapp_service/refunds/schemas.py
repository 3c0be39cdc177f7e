"""Shapes of refunds on the wire."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from cashapp_service.refunds.domain.refund import RefundStatus, WantedRefund
from shared.account_numbers import TrueAccountNumber
from shared.days import Day
from shared.http.edge import Body
from shared.money import CurrencyCode, NonNegativeAmount, PositiveAmount, fits_currency
from shared.texts import Key, Reference

SOURCES_MAX = 100
RefundReason = Literal[
    "overpayment", "duplicate_payment", "credit_balance", "returned_goods", "cancelled_order", "paid_in_error", "other"
]
Note = Annotated[str, Field(min_length=1, max_length=4000)]
_RECEIPT = "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"
_REFUND = "rfd_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"
_ASKED: dict[str, Any] = {
    "customer_id": "C-1001",
    "currency": "EUR",
    "amount": "250.00",
    "reason_code": "overpayment",
    "bank_account": "DE89370400440532013000",
}
_PART: dict[str, Any] = {"receipt_id": _RECEIPT, "item_id": None, "amount": "250.00", "recharged_item_id": None}


class RefundBody(Body):
    """What is to be paid back: money of receipts that is not applied, and credit memos that are open."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASKED | {"receipt_ids": [_RECEIPT]}]})

    customer_id: Key = Field(description="The ERP's customer number; all that is refunded is this customer's")
    currency: CurrencyCode = Field(description="ISO 4217 code; all that is refunded is in it")
    amount: PositiveAmount | None = Field(
        default=None, description="In `currency`, taken in the order given, receipts first; default all that is free"
    )
    reason_code: RefundReason = Field(description="Why it is paid back")
    receipt_ids: list[Key] = Field(
        default=[], max_length=SOURCES_MAX, description="Receipts with unapplied money or money on account"
    )
    item_ids: list[Key] = Field(default=[], max_length=SOURCES_MAX, description="Open credit memos")
    bank_account: TrueAccountNumber | None = Field(
        default=None, min_length=4, max_length=64, description="Where it is to be paid to: IBAN or number"
    )
    paid_from: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="House bank account that pays; default the one on which the money came in, for credit memos `cash`",
    )
    note: Note | None = Field(default=None, description="In the words of who asks")

    _fits = field_validator("amount")(fits_currency)

    @model_validator(mode="after")
    def _names_something(self) -> "RefundBody":
        if not self.receipt_ids and not self.item_ids:
            raise ValueError("Send receipt_ids or item_ids: what is to be paid back.")
        return self

    def wanted(self) -> WantedRefund:
        """Return the refund that is asked for."""
        content = self.model_dump() | {"receipt_ids": tuple(self.receipt_ids), "item_ids": tuple(self.item_ids)}
        return WantedRefund(**content)


class RefundApprovalBody(Body):
    """How a refund is approved."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Checked", "refunded_on": "2026-04-02"}]})

    note: Note | None = Field(default=None, description="In the words of who decides")
    refunded_on: Day | None = Field(
        default=None, description="Posting date; default today, not before the money was there"
    )


class RefundRejectionBody(Body):
    """Why a refund is refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "The customer owes more than that"}]})

    note: Note = Field(description="In the words of who decides")


class RefundPaymentBody(Body):
    """How the bank has paid it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"payment_reference": "SEPA-2026-0042", "paid_on": "2026-04-03"}]}
    )

    payment_reference: Reference = Field(description="The bank's reference of the transfer")
    paid_on: Day = Field(description="The bank's value date")


class RefundReversalBody(Body):
    """Why a posted refund is taken back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The account is closed", "posting_date": "2026-04-08"}]}
    )

    reason: Note = Field(description="In the words of who takes it back")
    posting_date: Day | None = Field(default=None, description="Default today; not before the refund")


class RefundPart(BaseModel):
    """What is taken of one receipt or credit memo."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PART]})

    receipt_id: str | None = Field(description="The receipt; null for a credit memo")
    item_id: str | None = Field(description="The credit memo; null for a receipt")
    amount: PositiveAmount = Field(description="In the refund's currency")
    recharged_item_id: str | None = Field(
        description="Debit memo that charges the customer, where the bank took the refunded payment back; else null"
    )


class Refund(BaseModel):
    """A refund: `pending` until another person decides, posted when `approved`, `paid` when the bank has paid."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _ASKED
                | {
                    "id": _REFUND,
                    "version": 2,
                    "status": "approved",
                    "company_code": "1000",
                    "parts": [_PART],
                    "paid_from": None,
                    "note": None,
                    "requested_by": "ar_specialist",
                    "requested_at": "2026-04-01T09:00:00Z",
                    "decided_by": "controller",
                    "decided_at": "2026-04-02T09:00:00Z",
                    "decision_note": None,
                    "refunded_on": "2026-04-02",
                    "payment_reference": None,
                    "paid_on": None,
                    "reversed_on": None,
                    "reversed_by": None,
                    "reversal_reason": None,
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one with each change; the ETag")
    status: RefundStatus = Field(description="Where it stands")
    customer_id: str = Field(description="The ERP's customer number")
    company_code: str = Field(description="The company of the ledger")
    currency: str = Field(description="ISO 4217 code")
    amount: PositiveAmount = Field(description="In `currency`")
    reason_code: str = Field(description="Why it is paid back")
    note: str | None = Field(description="In the words of who asked")
    bank_account: str | None = Field(description="Where it is paid to; masked for roles that do not need it")
    paid_from: str | None = Field(description="House bank account that pays; null for the one it came in on")
    parts: list[RefundPart] = Field(description="What is taken of each receipt and credit memo")
    requested_by: str = Field(description="Who asked")
    requested_at: datetime = Field(description="Instant, UTC")
    decided_by: str | None = Field(description="Who approved or rejected; null until then")
    decided_at: datetime | None = Field(description="Instant, UTC; null until then")
    decision_note: str | None = Field(description="In the words of who decided")
    refunded_on: date | None = Field(description="Posting date; null while nothing is posted")
    payment_reference: str | None = Field(description="The bank's reference; null until it is paid")
    paid_on: date | None = Field(description="The bank's value date; null until it is paid")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")
    reversed_by: str | None = Field(description="Who took it back")
    reversal_reason: str | None = Field(description="Why it was taken back")


class RefundCandidate(BaseModel):
    """What a customer has to its credit in one company code and currency."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1001",
                    "company_code": "1000",
                    "currency": "EUR",
                    "credit": "250.00",
                    "pending": "0.00",
                    "owed": "0.00",
                    "net_credit": "250.00",
                    "since": "2026-03-31",
                    "receipt_ids": [_RECEIPT],
                    "item_ids": [],
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    company_code: str = Field(description="The company of the ledger")
    currency: str = Field(description="ISO 4217 code")
    credit: PositiveAmount = Field(description="Unapplied money, money on account and open credit memos, in `currency`")
    pending: NonNegativeAmount = Field(description="Of `credit`, what waits in refunds that are not decided")
    owed: NonNegativeAmount = Field(description="Open invoices and debit memos, in `currency`")
    net_credit: NonNegativeAmount = Field(description="What is left of `credit` beyond `owed` and `pending`")
    since: date = Field(description="Day of the oldest receipt or credit memo")
    receipt_ids: list[str] = Field(description="The receipts, for the body of a refund")
    item_ids: list[str] = Field(description="The credit memos, for the body of a refund")


def net_credit(credit: Decimal, pending: Decimal, owed: Decimal) -> Decimal:
    """Return what is left of a credit beyond what is owed and what waits to be refunded."""
    return max(credit - pending - owed, Decimal(0))
