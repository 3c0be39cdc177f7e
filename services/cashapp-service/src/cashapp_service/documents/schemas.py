"""Shapes of documents on the wire. A document is posted with its positive amount; its items are shown with signed ones.

The one thing to know: `ItemBody` says what a document is and refuses what is none. `read_plainly` takes from a batch what is
certainly fine, in a third of the time, and leaves everything else to the model; a test holds the two against each other.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from cashapp_service.documents.domain.document import Deduction, Document
from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE, PostedItem
from cashapp_service.items.schemas import ITEM_EXAMPLE, Item, content_of
from shared.days import FIRST_DAY, LAST_DAY, Day
from shared.events.cashapp import ItemKind
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


class ItemBatchBody(Body):
    """Documents to post in one transaction; each is taken or refused by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_EXAMPLE]}]})

    items: list[Annotated[Any, WithJsonSchema({"$ref": "#/components/schemas/ItemBody"})]] = Field(
        min_length=1, max_length=BATCH_MAX, description="The documents, each as in POST /v1/items"
    )


class Instalment(BaseModel):
    """One of the items that a document in instalments makes."""

    id: str = Field(description="The item")
    number: str = Field(description="Its number")
    due_date: date = Field(description="Last day on which it is paid in time")
    amount: Amount = Field(description="In the document's currency; all come to the document's amount")


class ItemDocument(Item):
    """The item of a document, of one in instalments the first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**ITEM_EXAMPLE, "instalments": []}]})

    instalments: list[Instalment] = Field(
        description="All items of the document in their order; empty without instalments"
    )


def document_content(items: Sequence[PostedItem]) -> dict[str, Any]:
    """Return what `ItemDocument` shows of a document's items."""
    content = content_of(items[0])
    content["instalments"] = [
        {"id": one.item.item_id, "number": one.item.number, "due_date": one.item.due_date, "amount": one.item.amount}
        for one in (items if len(items) > 1 else ())
    ]
    return content


class ItemBatch(BaseModel):
    """The result of each document, in order: its item, or its own problem."""

    results: list[ItemDocument | Problem] = Field(description="In the order of the documents")
