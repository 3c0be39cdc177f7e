"""Shapes of items on the wire. A document is posted with its positive amount; an item is shown with signed ones.

The one thing to know: `ItemBody` says what a document is and refuses what is none. `read_plainly` takes from a batch what is
certainly fine, in a third of the time, and leaves everything else to the model; a test holds the two against each other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from cashapp_service.documents.domain.document import Deduction, Document
from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE, PostedItem, SubmissionState
from shared.days import FIRST_DAY, LAST_DAY, Day
from shared.events.cashapp import ItemKind, ItemStatus
from shared.http.edge import Body
from shared.http.problems import Problem
from shared.money import (
    Amount,
    CurrencyCode,
    Money,
    NonNegativeAmount,
    PositiveAmount,
    TooManyDecimalsError,
    UnknownCurrencyError,
    exact,
    fits_currency,
)
from shared.texts import CompanyCode, Key, plainly_named

BATCH_MAX = 1000
_Code = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(plainly_named)]
_Material = Annotated[str, Field(max_length=64), AfterValidator(plainly_named)]
_Named = Annotated[str, Field(max_length=200), AfterValidator(plainly_named)]

Percentage = Annotated[NonNegativeAmount, AfterValidator(lambda rate: _at_most_100(rate))]

_EXAMPLE: dict[str, Any] = {
    "number": "RE-2026-00017",
    "kind": "invoice",
    "customer_id": "C-1001",
    "issue_date": "2026-03-01",
    "payment_terms": "2/10 net 30",
    "currency": "EUR",
    "amount": "1190.00",
    "order_id": "SO-4711",
    "lines": [{"description": "Pump", "net_amount": "1000.00", "tax_code": "S", "tax_rate_pct": "19"}],
}


def _at_most_100(rate: Decimal) -> Decimal:
    if rate > 100:
        raise PydanticCustomError("rate_too_high", "A tax rate is at most 100 per cent.")
    return rate


class ItemLineBody(Body):
    """A line of the document. With `net_amount` on every line, net and tax of all have to come to the document's amount."""

    model_config = ConfigDict(json_schema_extra={"examples": _EXAMPLE["lines"]})

    description: str | None = Field(default=None, max_length=400, description="What was delivered")
    material: _Material | None = Field(default=None, description="The ERP's material number")
    quantity: str | None = Field(default=None, max_length=40, description="Decimal text in `unit`", examples=["12.5"])
    unit: str | None = Field(default=None, max_length=20, examples=["kg"], description="Of `quantity`")
    amount: Amount | None = Field(default=None, description="In the document's currency, for information")
    net_amount: Amount | None = Field(default=None, description="Without tax, in the document's currency; signed")
    tax_code: str | None = Field(default=None, max_length=20, description="The ERP's or EN 16931's", examples=["S"])
    tax_rate_pct: Percentage | None = Field(default=None, description="Per cent of `net_amount`", examples=["19"])
    tax_amount: Amount | None = Field(
        default=None,
        description="Where the ERP rounds each line, on all lines of a rate; by default tax is reckoned per rate, half up",
    )
    reference: _Named | None = Field(default=None, description="Another number that a payer may name")


class DownPaymentBody(Body):
    """A down-payment request that the invoice settles."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": "AZ-2026-00004"}]})

    number: Key = Field(description="Number of the request's item")
    amount: PositiveAmount | None = Field(
        default=None,
        description="In the document's currency; default all that was paid of it, and its unpaid rest is withdrawn",
    )


class ItemBody(Body):
    """A document as the ERP posts it. Its key is (`company_code`, `number`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    company_code: CompanyCode = Field(default=DEFAULT_COMPANY_CODE, description="The company of the ledger")
    number: Key = Field(description="The ERP's document number, unique in the company code")
    kind: ItemKind = Field(description="What sort of document it is")
    customer_id: Key = Field(description="The ERP's customer number")
    issue_date: Day = Field(description="YYYY-MM-DD; terms count from it")
    posting_date: Day | None = Field(
        default=None, description="YYYY-MM-DD on which it counts in the ledger, in an open period; default `issue_date`"
    )
    due_date: Day | None = Field(default=None, description="YYYY-MM-DD; default by the terms, not before `issue_date`")
    payment_terms: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Default the customer's; also tells the cash discount. Instalments make one item each",
        examples=["2/10 net 30", "net 45 eom", "30% 10, 70% 60", "net 30 next business day"],
    )
    currency: CurrencyCode = Field(description="ISO 4217 code")
    amount: PositiveAmount = Field(
        description="Positive for every kind, also for a credit memo, in `currency`, with tax"
    )
    tax_amount: NonNegativeAmount | None = Field(
        default=None, description="The tax in `amount`, in `currency`; default what the lines say, else none"
    )
    order_id: Key | None = Field(default=None, description="The order that is invoiced")
    po_number: Key | None = Field(default=None, description="The customer's purchase order")
    reference: _Named | None = Field(default=None, description="Another number that a payer may name")
    reason_code: _Code | None = Field(default=None, description="Why a memo is given", examples=["price"])
    refers_to: Key | None = Field(default=None, description="Number of the invoice that a memo corrects")
    lines: list[ItemLineBody] = Field(default=[], max_length=1000, description="The document's lines")
    down_payments: list[DownPaymentBody] = Field(
        default=[], max_length=100, description="Requests whose payments an invoice deducts"
    )

    _fits = field_validator("amount", "tax_amount")(fits_currency)

    def document(self) -> Document:
        """Return the document."""
        return Document(
            company_code=self.company_code,
            number=self.number,
            kind=self.kind,
            customer_id=self.customer_id,
            issue_date=self.issue_date,
            posting_date=self.posting_date,
            due_date=self.due_date,
            payment_terms=self.payment_terms,
            tax_amount=self.tax_amount,
            order_id=self.order_id,
            po_number=self.po_number,
            reference=self.reference or None,
            reason_code=self.reason_code,
            refers_to=self.refers_to,
            amount=Money(self.amount, self.currency),
            lines=tuple(line.model_dump(mode="json", exclude_none=True) for line in self.lines),
            down_payments=tuple(Deduction(one.number, one.amount) for one in self.down_payments),
        )


_PlainKey = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class _PlainItem(msgspec.Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """A document without lines and down payments as it is read plainly; the fields are those of `ItemBody`."""

    number: _PlainKey
    kind: ItemKind
    customer_id: _PlainKey
    issue_date: date
    currency: str
    amount: str
    company_code: Annotated[str, msgspec.Meta(min_length=1, max_length=20)] = DEFAULT_COMPANY_CODE
    posting_date: date | None = None
    due_date: date | None = None
    payment_terms: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    tax_amount: str | None = None
    order_id: _PlainKey | None = None
    po_number: _PlainKey | None = None
    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    reason_code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None = None
    refers_to: _PlainKey | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it has nothing but printable texts that need not be stripped, and business days."""
        keys = (self.number, self.customer_id, self.company_code, self.order_id, self.po_number, self.refers_to)
        for text in (*keys, self.payment_terms, self.reference, self.reason_code):
            if text is not None and not (
                text.isprintable() and text[0] != " " and text[-1] != " " and "\ufffd" not in text
            ):
                return False
        return all(
            day is None or FIRST_DAY <= day <= LAST_DAY for day in (self.issue_date, self.posting_date, self.due_date)
        )


_PLAIN_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,4})?", re.ASCII)


def read_plainly(raw: Any) -> Document | None:
    """Return a document of a batch; None where `ItemBody` has to judge."""
    try:
        one = msgspec.convert(raw, _PlainItem)
        if not one.is_plain:
            return None
        amount = Money(_plain_amount(one.amount), one.currency)
        tax = None if one.tax_amount is None else exact(_plain_amount(one.tax_amount), one.currency)
    except (msgspec.ValidationError, ValueError, TooManyDecimalsError, UnknownCurrencyError):
        return None
    if not amount:
        return None
    return Document(
        company_code=one.company_code,
        number=one.number,
        kind=one.kind,
        customer_id=one.customer_id,
        issue_date=one.issue_date,
        amount=amount,
        posting_date=one.posting_date,
        due_date=one.due_date,
        payment_terms=one.payment_terms,
        order_id=one.order_id,
        po_number=one.po_number,
        reference=one.reference,
        reason_code=one.reason_code,
        refers_to=one.refers_to,
        tax_amount=tax,
    )


def _plain_amount(text: str) -> Decimal:
    if not _PLAIN_AMOUNT.fullmatch(text):
        raise ValueError
    return Decimal(text)


class DueDateBody(Body):
    """Another due date for an open item, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"due_date": "2026-04-30", "reason_code": "late_delivery", "note": "agreed by phone"}]
        }
    )

    due_date: Day = Field(description="YYYY-MM-DD, the new last day on which it is paid in time; not before its issue")
    reason_code: str = Field(min_length=1, max_length=40, description="Why", examples=["late_delivery"])
    note: str | None = Field(default=None, min_length=1, max_length=400, description="What was agreed")


class ItemBatchBody(Body):
    """Documents to post in one transaction; each is taken or refused by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_EXAMPLE]}]})

    items: list[Annotated[Any, WithJsonSchema({"$ref": "#/components/schemas/ItemBody"})]] = Field(
        min_length=1, max_length=BATCH_MAX, description="The documents, each as in POST /v1/items"
    )


_ITEM: dict[str, Any] = {
    **_EXAMPLE,
    "id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "version": 2,
    "company_code": "1000",
    "document_number": "RE-2026-00017",
    "posting_date": "2026-03-01",
    "due_date": "2026-03-31",
    "tax_amount": "190.00",
    "balance": "190.00",
    "status": "open",
    "disputed_amount": "0.00",
    "submission": "delivered",
    "lines": [],
    "posted_at": "2026-03-01T08:00:00Z",
    "posted_by": "erp",
}
_APPLIED: dict[str, Any] = {
    "application_id": "app_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "receipt_id": "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "dispute_id": None,
    "posting_date": "2026-03-20",
    "amount": "1000.00",
    "discount": "0.00",
    "credit": "0.00",
    "tolerance_write_off": "0.00",
    "residual": "0.00",
    "reversed_on": None,
}


class ItemApplication(BaseModel):
    """What one application, or the credit of one dispute, took from the item."""

    model_config = ConfigDict(json_schema_extra={"examples": [_APPLIED]})

    application_id: str | None = Field(description="The application; null for the credit of a dispute")
    receipt_id: str | None = Field(description="Its receipt; null for the credit of a dispute")
    dispute_id: str | None = Field(description="The dispute whose decision is credited")
    posting_date: date = Field(description="Day on which it counts in the ledger")
    amount: Amount = Field(description="Money of the receipt, in the item's currency")
    discount: Amount = Field(description="Cash discount, in the same currency")
    credit: Amount = Field(description="By credit memos; negative on the memo itself")
    tolerance_write_off: Amount = Field(description="Small difference written off, in the same currency")
    residual: Amount = Field(description="Carried into a residual item")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")


class Item(BaseModel):
    """An open or cleared item. A credit memo's amount and balance are negative: balances sum to the receivables."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM]})

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one with each posting; the ETag")
    company_code: str = Field(description="The company of the ledger")
    number: str = Field(description="The document's number, for an instalment with its position: `RE-17/2`")
    document_number: str = Field(description="The ERP's document number")
    instalment: int | None = Field(description="Position among the document's instalments, from 1; null without any")
    kind: ItemKind = Field(description="What sort of document it is")
    customer_id: str = Field(description="The ERP's customer number")
    issue_date: date = Field(description="YYYY-MM-DD")
    posting_date: date = Field(description="Day on which its issue counts in the ledger")
    due_date: date = Field(description="Last day on which it is paid in time")
    amount: Amount = Field(description="In `currency`; negative for a credit memo")
    tax_amount: Amount = Field(description="The tax in `amount`, in `currency`, with its sign")
    balance: Amount = Field(description="What is open, in `currency`; with `as_of`, at the end of that day")
    currency: str = Field(description="ISO 4217 code")
    status: ItemStatus = Field(description="Where it stands")
    disputed_amount: NonNegativeAmount = Field(description="Sum over the open dispute cases, at present")
    payment_terms: str | None = Field(description="What sets the due date and the cash discount")
    order_id: str | None = Field(description="The order that is invoiced")
    po_number: str | None = Field(description="The customer's purchase order")
    reference: str | None = Field(description="Another number that a payer may name")
    reason_code: str | None = Field(description="Why a memo was given")
    refers_to: str | None = Field(description="Number of the invoice that a memo corrects")
    submission: SubmissionState = Field(
        description="Whether the customer has the document, as its latest submission says"
    )
    lines: list[dict[str, Any]] = Field(description="The document's lines; of instalments the first one has them")
    posted_at: datetime = Field(description="Instant, UTC")
    posted_by: str | None = Field(description="Who asked for it; null where an event or a job posted it")


class Instalment(BaseModel):
    """One of the items that a document in instalments makes."""

    id: str = Field(description="The item")
    number: str = Field(description="Its number")
    due_date: date = Field(description="Last day on which it is paid in time")
    amount: Amount = Field(description="In the document's currency; all come to the document's amount")


class ItemDocument(Item):
    """The item of a document, of one in instalments the first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_ITEM, "instalments": []}]})

    instalments: list[Instalment] = Field(
        description="All items of the document in their order; empty without instalments"
    )


def content_of(posted: PostedItem) -> dict[str, Any]:
    """Return what `Item` shows of an item."""
    one = posted.item
    return {
        "id": one.item_id,
        "version": one.version,
        "company_code": one.company_code,
        "number": one.number,
        "document_number": one.document_number,
        "instalment": one.instalment,
        "kind": one.kind,
        "customer_id": one.customer_id,
        "issue_date": one.issue_date,
        "posting_date": one.posted_on,
        "due_date": one.due_date,
        "amount": one.amount,
        "tax_amount": one.tax_amount,
        "balance": one.balance,
        "currency": one.currency,
        "status": "open" if one.balance else "cleared",
        "disputed_amount": posted.disputed_amount,
        "payment_terms": one.payment_terms,
        "order_id": one.order_id,
        "po_number": one.po_number,
        "reference": one.reference,
        "reason_code": one.reason_code,
        "refers_to": one.refers_to,
        "submission": one.submission,
        "lines": list(posted.lines),
        "posted_at": posted.posted_at,
        "posted_by": posted.posted_by,
    }


def document_content(items: Sequence[PostedItem]) -> dict[str, Any]:
    """Return what `ItemDocument` shows of a document's items."""
    content = content_of(items[0])
    content["instalments"] = [
        {"id": one.item.item_id, "number": one.item.number, "due_date": one.item.due_date, "amount": one.item.amount}
        for one in (items if len(items) > 1 else ())
    ]
    return content


class TaxPart(BaseModel):
    """The tax at one rate."""

    tax_code: str | None = Field(description="As on the lines")
    tax_rate_pct: Decimal = Field(description="Per cent of `net_amount`", examples=["19"])
    net_amount: Amount = Field(description="Of all lines at this rate, in the document's currency")
    tax_amount: Amount = Field(description="Tax on it, in the document's currency")


class DownPaymentSettlement(BaseModel):
    """What an invoice took of a down-payment request."""

    request_id: str = Field(description="The request's item")
    item_id: str = Field(description="The invoice's (first) item")
    deducted: NonNegativeAmount = Field(description="What was paid of the request and is deducted from the invoice")
    withdrawn: NonNegativeAmount = Field(description="What was open of the request and is asked for by the invoice now")


class ItemDetail(ItemDocument):
    """An item with what was applied to it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**_ITEM, "instalments": [], "applications": [_APPLIED], "taxes": [], "down_payments": []}]
        }
    )

    applications: list[ItemApplication] = Field(description="What was applied, the oldest first")
    taxes: list[TaxPart] = Field(description="Tax of the document by rate, where its lines tell; in positive amounts")
    down_payments: list[DownPaymentSettlement] = Field(description="Settlements in which it takes part")


class ItemBatch(BaseModel):
    """The result of each document, in order: its item, or its own problem."""

    results: list[ItemDocument | Problem] = Field(description="In the order of the documents")


Exactly = Annotated[str | None, Query(min_length=1, max_length=64, description="Exactly this one")]
ItemStatusFilter = Literal["open", "cleared"]
SubmissionFilter = Literal["pending", "failed", "delivered"]


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items a list shows; what is left out does not count."""

    customer_id: Exactly = None
    company_code: Exactly = None
    number: Exactly = None
    document_number: Exactly = None
    order_id: Exactly = None
    po_number: Exactly = None
    reference: Annotated[str | None, Query(min_length=1, max_length=200, description="Exactly this one")] = None
    refers_to: Annotated[Exactly, Query(description="Memos that correct the invoice with this number")] = None
    reason_code: Annotated[str | None, Query(min_length=1, max_length=40, description="Memos given for this")] = None
    kind: Annotated[ItemKind | None, Query(description="What sort of document it is")] = None
    currency: Annotated[str | None, Query(pattern=r"^[A-Z]{3}$", description="ISO 4217 code")] = None
    status: Annotated[ItemStatusFilter | None, Query(description="At present, or as of `as_of`")] = None
    due_from: Annotated[Day | None, Query(description="Items due on this day or later")] = None
    due_before: Annotated[Day | None, Query(description="Items due before this day")] = None
    amount_from: Annotated[
        NonNegativeAmount | None, Query(description="Of this amount or more, whatever its sign, in their currency")
    ] = None
    amount_to: Annotated[
        NonNegativeAmount | None, Query(description="Of this amount or less, whatever its sign, in their currency")
    ] = None
    disputed: Annotated[bool | None, Query(description="Whether something of them is disputed at present")] = None
    submission: Annotated[
        SubmissionFilter | None,
        Query(description="`pending`: not sent, or sent and not confirmed; by the latest submission"),
    ] = None
    as_of: Annotated[Day | None, Query(description="Items and balances at the end of this day")] = None
