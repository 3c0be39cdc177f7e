"""Shapes of items on the wire. A document is posted with its positive amount; an item is shown with signed ones."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, field_validator
from shared.days import Day
from shared.events.cashapp import ItemKind, ItemStatus
from shared.http.edge import Body
from shared.http.problems import Problem
from shared.money import Amount, CurrencyCode, Money, NonNegativeAmount, PositiveAmount, fits_currency

from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE, Document

BATCH_MAX = 1000
Key = Annotated[str, Field(min_length=1, max_length=64)]
CompanyCode = Annotated[str, Field(min_length=1, max_length=20, examples=["1000"])]

_EXAMPLE: dict[str, Any] = {
    "number": "RE-2026-00017",
    "kind": "invoice",
    "customer_id": "C-1001",
    "issue_date": "2026-03-01",
    "payment_terms": "2/10 net 30",
    "currency": "EUR",
    "amount": "1190.00",
    "order_id": "SO-4711",
}


class ItemLineBody(Body):
    """A line of the document, kept for information."""

    description: str | None = Field(default=None, max_length=400)
    material: str | None = Field(default=None, max_length=64)
    quantity: str | None = Field(default=None, max_length=40, description="Decimal text in `unit`", examples=["12.5"])
    unit: str | None = Field(default=None, max_length=20, examples=["kg"])
    amount: Amount | None = Field(default=None, description="In the document's currency")
    reference: str | None = Field(default=None, max_length=200)


class ItemBody(Body):
    """A document as the ERP posts it. Its key is (`company_code`, `number`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    company_code: CompanyCode = DEFAULT_COMPANY_CODE
    number: Key = Field(description="The ERP's document number, unique in the company code")
    kind: ItemKind
    customer_id: Key
    issue_date: Day
    due_date: Day | None = Field(default=None, description="YYYY-MM-DD; default by the terms, not before `issue_date`")
    payment_terms: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Default the customer's; also tells the cash discount",
        examples=["2/10 net 30", "net 45 eom"],
    )
    currency: CurrencyCode
    amount: PositiveAmount = Field(description="Positive for every kind, also for a credit memo, in `currency`")
    order_id: Key | None = Field(default=None, description="The order that is invoiced")
    po_number: Key | None = Field(default=None, description="The customer's purchase order")
    reference: str | None = Field(default=None, max_length=200, description="Another number that a payer may name")
    lines: list[ItemLineBody] = Field(default=[], max_length=1000)

    _fits = field_validator("amount")(fits_currency)

    def document(self) -> Document:
        """Return the document."""
        return Document(
            **self.model_dump(exclude={"amount", "currency", "lines"}),
            amount=Money(self.amount, self.currency),
            lines=tuple(line.model_dump(mode="json", exclude_none=True) for line in self.lines),
        )


class ItemBatchBody(Body):
    """Documents to post in one transaction; each is taken or refused by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_EXAMPLE]}]})

    items: list[Annotated[Any, WithJsonSchema({"$ref": "#/components/schemas/ItemBody"})]] = Field(
        min_length=1, max_length=BATCH_MAX
    )


class ItemApplication(BaseModel):
    """What one application, or the credit of one dispute, took from the item."""

    application_id: str | None
    receipt_id: str | None
    dispute_id: str | None
    posting_date: date
    amount: Amount = Field(description="Money of the receipt, in the item's currency")
    discount: Amount
    credit: Amount = Field(description="By credit memos; negative on the memo itself")
    tolerance_write_off: Amount
    residual: Amount = Field(description="Carried into a residual item")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")


class Item(BaseModel):
    """An open or cleared item. A credit memo's amount and balance are negative: balances sum to the receivables."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _EXAMPLE
                | {
                    "id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "due_date": "2026-03-31",
                    "balance": "1190.00",
                    "status": "open",
                    "version": 1,
                }
            ]
        }
    )

    id: str
    version: int = Field(description="Grows by one with each posting; the ETag")
    company_code: str
    number: str
    kind: ItemKind
    customer_id: str
    issue_date: date
    due_date: date = Field(description="Last day on which it is paid in time")
    amount: Amount = Field(description="In `currency`; negative for a credit memo")
    balance: Amount = Field(description="What is open, in `currency`; with `as_of`, at the end of that day")
    currency: str
    status: ItemStatus
    disputed_amount: NonNegativeAmount = Field(description="Sum over the open dispute cases, at present")
    payment_terms: str | None
    order_id: str | None
    po_number: str | None
    reference: str | None
    lines: list[dict[str, Any]]
    posted_at: datetime


class ItemDetail(Item):
    """An item with what was applied to it."""

    applications: list[ItemApplication]


class ItemBatch(BaseModel):
    """The result of each document, in order: its item, or its own problem."""

    results: list[Item | Problem]


ItemStatusFilter = Literal["open", "cleared"]
