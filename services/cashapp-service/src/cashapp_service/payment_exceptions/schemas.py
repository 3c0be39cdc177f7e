"""Shapes of returned payments on the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.payment_exceptions.domain import CODES, Outcome, ReturnReason, Scheme, Status
from cashapp_service.payment_exceptions.domain.bank_return import FeePayer
from cashapp_service.payment_exceptions.domain.workflow import Action, EvidenceKind
from shared.days import Day
from shared.http.edge import Body
from shared.money import NonNegativeAmount, PositiveAmount
from shared.texts import Key, Reference

OPENED_EXAMPLE: dict[str, Any] = {
    "id": "pex_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "version": 2,
    "receipt_id": "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "customer_id": "C-1001",
    "company_code": "1000",
    "method": "cheque",
    "reason": "nsf",
    "reason_code": "R01",
    "scheme": "nacha",
    "reason_text": "Insufficient funds",
    "case_reference": "RTN-2026-04711",
    "amount": "1190.00",
    "currency": "EUR",
    "value_date": "2026-04-07",
    "deadline_on": "2026-04-17",
    "status": "represented",
    "presentations": 1,
    "represented_on": "2026-04-10",
    "opened_at": "2026-04-07T08:15:00Z",
    "opened_by": "ar_specialist",
}
_EVIDENCE = {
    "id": "pev_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "kind": "bank_notice",
    "reference": "DMS 2026/4711",
    "note": "The bank's return slip",
    "file_name": None,
    "media_type": None,
    "size_bytes": None,
    "sha256": None,
    "added_by": "ar_specialist",
    "added_at": "2026-04-07T08:20:00Z",
}
_STEP = {
    "version": 2,
    "action": "represented",
    "status": "represented",
    "taken_on": "2026-04-10",
    "note": "They promised cover",
    "taken_by": "ar_specialist",
    "taken_at": "2026-04-10T09:00:00Z",
}
_SHORT_PAYMENT = {"kind": "dispute", "amount": "50.00", "reason_code": "price"}
_REOPENED = {
    "item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "number": "RE-2026-00017",
    "amount": "1190.00",
    "discount": "0.00",
    "tolerance": "0.00",
    "short_payment": _SHORT_PAYMENT,
}
_DETAILS = {
    "possible_outcomes": ["represented", "replaced", "collected", "written_off", "accepted"],
    "reopened": [_REOPENED],
    "evidence": [_EVIDENCE],
    "steps": [_STEP],
}
_CODE = {
    "scheme": "nacha",
    "code": "R01",
    "meaning": "Insufficient funds",
    "reason": "nsf",
    "days_to_react": 10,
}


def _shown_as(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": list(examples)})


Note = Annotated[
    str | None, Field(default=None, max_length=4000, description="In the words of who does it; it stays in the history")
]


class EvidenceBody(Body):
    """Something that speaks for the company, by where it is to be found."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "delivery_proof", "reference": "DMS 2026/4711", "note": "Signed CMR"}]}
    )

    kind: EvidenceKind = Field(description="What it is")
    reference: str = Field(
        min_length=1, max_length=500, description="Where it is kept: an archive's number, an address"
    )
    note: Note


class ContestBody(Body):
    """When a return was contested."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contested_on": "2026-04-20"}]})

    contested_on: Day | None = Field(default=None, description="Default today; at the latest the deadline")
    note: Note


class RepresentBody(Body):
    """When a payment was presented again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"represented_on": "2026-04-10"}]})

    represented_on: Day | None = Field(default=None, description="Default today")
    note: Note


class FailBody(Body):
    """When a payment that was presented again came back once more."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"value_date": "2026-04-14"}]})

    value_date: Day = Field(description="The bank's; from this day on runs a new deadline")
    note: Note


class ReopenBody(Body):
    """Why a resolution was a mistake."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "The replacement bounced as well"}]})

    note: str = Field(min_length=1, max_length=4000, description="Why it was a mistake")


class ResolutionBody(Body):
    """What came of it. `won` and `represented` bring the money back, by a new receipt or one that is there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"outcome": "replaced", "note": "Paid by wire instead"},
                {"outcome": "won", "value_date": "2026-05-12", "bank_reference": "CB-REV-81733"},
            ]
        }
    )

    outcome: Outcome = Field(description="What came of it; `represented` is a second presentation that cleared")
    resolved_on: Day | None = Field(default=None, description="Default today")
    value_date: Day | None = Field(
        default=None, description="Day on which the money came back: a receipt over the amount is posted as of it"
    )
    receipt_id: Key | None = Field(
        default=None,
        description="The receipt with which the money came back, where the bank's file has made one; with `replaced`, the"
        " payment that stands for the returned one",
    )
    bank_reference: Reference | None = Field(
        default=None,
        description="The bank's own reference, of the receipt that is posted",
    )
    reinstate: bool = Field(
        default=True, description="Whether the money pays again what the return had opened, as far as it is open still"
    )
    credit_fee: bool = Field(
        default=True,
        description="Whether a fee that the customer was charged is credited back; of `won` only: the payment was good",
    )
    note: Note


class HeldBack(BaseModel):
    """What the customer had held back of an item with a reason; it is held back again when the item is paid again."""

    model_config = _shown_as(_SHORT_PAYMENT)

    kind: Literal["residual", "dispute"] = Field(description="Whether a case is over it, or it is a residual item")
    amount: NonNegativeAmount = Field(description="In the exception's currency")
    reason_code: str = Field(description="Why, as the customer said")


class ReopenedItem(BaseModel):
    """What the return took back of one item."""

    model_config = _shown_as(_REOPENED)

    item_id: str = Field(description="The item")
    number: str = Field(description="The document's number")
    amount: NonNegativeAmount = Field(description="Money that had been applied, in the exception's currency")
    discount: NonNegativeAmount = Field(description="Cash discount that had been granted, in the same currency")
    tolerance: NonNegativeAmount = Field(description="Small difference that had been written off, in the same currency")
    short_payment: HeldBack | None = Field(
        default=None,
        description="What had been held back beside it; null where nothing was, or it went on with what the bank left",
    )


class PaymentException(BaseModel):
    """A returned payment."""

    model_config = _shown_as(OPENED_EXAMPLE)

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one with each change; the ETag")
    receipt_id: str = Field(description="The receipt")
    customer_id: str | None = Field(description="The ERP's customer number")
    company_code: str = Field(description="The company of the ledger")
    method: str = Field(description="How the payment had come in")
    reason: ReturnReason = Field(description="Why it came back")
    reason_code: str | None = Field(description="The scheme's code, as the bank gave it")
    scheme: Scheme | None = Field(description="Whose code it is, where it is known")
    reason_text: str | None = Field(description="What the code says, where it is known")
    case_reference: str | None = Field(description="The bank's, acquirer's or scheme's own number of this return")
    amount: PositiveAmount = Field(description="What the bank took back, in `currency`")
    currency: str = Field(description="ISO 4217 code")
    value_date: date = Field(description="YYYY-MM-DD, the bank's")
    fee: PositiveAmount | None = Field(description="What the return cost, in `currency`")
    fee_borne_by: FeePayer | None = Field(description="Who bears the fee; null without one")
    fee_item_id: str | None = Field(description="The debit memo of the fee")
    fee_credit_item_id: str | None = Field(description="The credit memo that gave the fee back; null while it stands")
    deadline_on: date = Field(description="Last day to react")
    deadline_passed_on: date | None = Field(description="The business day whose run found the deadline passed")
    status: Status = Field(description="Open until it is contested, presented again or settled")
    presentations: int = Field(description="How often it was presented again")
    contested_on: date | None = Field(description="Day on which it was contested")
    represented_on: date | None = Field(description="Day on which it was presented again, until that failed")
    outcome: Outcome | None = Field(description="What came of it; null while open")
    recovery_receipt_id: str | None = Field(
        description="The receipt with which the money came back, or that replaced it"
    )
    note: str | None = Field(description="In the words of who settled it")
    opened_at: datetime = Field(description="Instant, UTC")
    opened_by: str = Field(description="Who reported the return")
    resolved_on: date | None = Field(description="YYYY-MM-DD; null while open")
    resolved_at: datetime | None = Field(description="Instant, UTC; null while open")
    resolved_by: str | None = Field(description="Who settled it")


class Evidence(BaseModel):
    """A piece of evidence."""

    model_config = _shown_as(_EVIDENCE)

    id: str = Field(description="OpenItem's identifier")
    kind: EvidenceKind = Field(description="What it is")
    reference: str = Field(description="Where it is kept; of a file its name")
    note: str | None = Field(description="What it shows")
    file_name: str | None = Field(description="Of a file, without folders and control characters; null without one")
    media_type: str | None = Field(description="As told by the sender; null without a file")
    size_bytes: int | None = Field(description="Size of the file in bytes; null without one")
    sha256: str | None = Field(description="SHA-256 of the file in hexadecimal digits; null without one")
    added_by: str = Field(description="Who added it")
    added_at: datetime = Field(description="Instant, UTC")


class Step(BaseModel):
    """A step that was taken."""

    model_config = _shown_as(_STEP)

    version: int = Field(description="The version that it made")
    action: Action = Field(description="What was done")
    status: Status = Field(description="Where the exception stood then")
    taken_on: date = Field(description="Business day, YYYY-MM-DD")
    note: str | None = Field(description="In the words of who did it")
    taken_by: str = Field(description="Who did it; `day_run` is the run of a business day")
    taken_at: datetime = Field(description="Instant, UTC")


class PaymentExceptionDetail(PaymentException):
    """A returned payment with what it opened again, what speaks for us, and all that was done."""

    model_config = _shown_as(OPENED_EXAMPLE | _DETAILS)

    possible_outcomes: list[Outcome] = Field(
        description="What it can end as from where it stands; none once it is resolved"
    )
    reopened: list[ReopenedItem] = Field(
        description="What the return took back, in the payment's currency, item by item"
    )
    evidence: list[Evidence] = Field(description="The oldest first")
    steps: list[Step] = Field(description="The oldest first")


class ReturnReasonCode(BaseModel):
    """A scheme's code for why a payment comes back."""

    model_config = _shown_as(_CODE)

    scheme: Scheme = Field(description="Whose code it is")
    code: str = Field(description="As the bank gives it")
    meaning: str = Field(description="What it says, in short")
    reason: ReturnReason = Field(description="The reason that it stands for here")
    days_to_react: int = Field(description="Days from the return to the deadline")


class ReturnReasonCodes(BaseModel):
    """Every code that is known."""

    model_config = _shown_as({"data": [_CODE]})

    data: list[ReturnReasonCode] = Field(description="By scheme, in its order")


def code_shown(code: str | None) -> dict[str, str | None]:
    """Return what is known of a scheme's code."""
    known = CODES.get(code) if code is not None else None
    return {"scheme": known.scheme if known else None, "reason_text": known.meaning if known else None}
