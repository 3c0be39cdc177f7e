"""Shapes of items on the wire. A document is posted with its positive amount; an item is shown with signed ones."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, field_validator

from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE, Document
from shared.days import Day
from shared.events.cashapp import ItemKind, ItemStatus
from shared.http.edge import Body
from shared.http.problems import Problem
from shared.money import Amount, CurrencyCode, Money, NonNegativeAmount, PositiveAmount, fits_currency

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

    description: str | None = Field(default=None, max_length=400, description="What was delivered")
    material: str | None = Field(default=None, max_length=64, description="The ERP's material number")
    quantity: str | None = Field(default=None, max_length=40, description="Decimal text in `unit`", examples=["12.5"])
    unit: str | None = Field(default=None, max_length=20, examples=["kg"], description="Of `quantity`")
    amount: Amount | None = Field(default=None, description="In the document's currency")
    reference: str | None = Field(default=None, max_length=200, description="Another number that a payer may name")


class ItemBody(Body):
    """A document as the ERP posts it. Its key is (`company_code`, `number`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    company_code: CompanyCode = Field(default=DEFAULT_COMPANY_CODE, description="The company of the ledger")
    number: Key = Field(description="The ERP's document number, unique in the company code")
    kind: ItemKind = Field(description="What sort of document it is")
    customer_id: Key = Field(description="The ERP's customer number")
    issue_date: Day = Field(description="YYYY-MM-DD")
    due_date: Day | None = Field(default=None, description="YYYY-MM-DD; default by the terms, not before `issue_date`")
    payment_terms: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Default the customer's; also tells the cash discount",
        examples=["2/10 net 30", "net 45 eom"],
    )
    currency: CurrencyCode = Field(description="ISO 4217 code")
    amount: PositiveAmount = Field(description="Positive for every kind, also for a credit memo, in `currency`")
    order_id: Key | None = Field(default=None, description="The order that is invoiced")
    po_number: Key | None = Field(default=None, description="The customer's purchase order")
    reference: str | None = Field(default=None, max_length=200, description="Another number that a payer may name")
    lines: list[ItemLineBody] = Field(default=[], max_length=1000, description="The document's lines, for information")

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
        min_length=1, max_length=BATCH_MAX, description="The documents, each as in POST /v1/items"
    )


class ItemApplication(BaseModel):
    """What one application, or the credit of one dispute, took from the item."""

    application_id: str | None = Field(description="The application; null for the credit of a dispute")
    receipt_id: str | None = Field(description="The receipt")
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

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one with each posting; the ETag")
    company_code: str = Field(description="The company of the ledger")
    number: str = Field(description="The document's number")
    kind: ItemKind = Field(description="What sort of document it is")
    customer_id: str = Field(description="The ERP's customer number")
    issue_date: date = Field(description="YYYY-MM-DD")
    due_date: date = Field(description="Last day on which it is paid in time")
    amount: Amount = Field(description="In `currency`; negative for a credit memo")
    balance: Amount = Field(description="What is open, in `currency`; with `as_of`, at the end of that day")
    currency: str = Field(description="ISO 4217 code")
    status: ItemStatus = Field(description="Where it stands")
    disputed_amount: NonNegativeAmount = Field(description="Sum over the open dispute cases, at present")
    payment_terms: str | None = Field(description="What sets the due date and the cash discount")
    order_id: str | None = Field(description="The order that is invoiced")
    po_number: str | None = Field(description="The customer's purchase order")
    reference: str | None = Field(description="Another number that a payer may name")
    lines: list[dict[str, Any]] = Field(description="The document's lines, for information")
    posted_at: datetime = Field(description="Instant, UTC")


class ItemDetail(Item):
    """An item with what was applied to it."""

    applications: list[ItemApplication] = Field(description="What was applied, the oldest first")


class ItemBatch(BaseModel):
    """The result of each document, in order: its item, or its own problem."""

    results: list[Item | Problem] = Field(description="In the order of the documents")


ItemStatusFilter = Literal["open", "cleared"]
