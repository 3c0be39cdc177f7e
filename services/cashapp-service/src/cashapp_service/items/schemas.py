"""Shapes of items on the wire. The one thing to know: amount and balance are signed, as they are in the books."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.items.domain.item import PostedItem, SubmissionState
from shared.days import Day
from shared.events.cashapp import ItemKind, ItemStatus
from shared.http.edge import Body
from shared.money import Amount, NonNegativeAmount

ITEM_EXAMPLE: dict[str, Any] = {
    "number": "RE-2026-00017",
    "kind": "invoice",
    "customer_id": "C-1001",
    "issue_date": "2026-03-01",
    "payment_terms": "2/10 net 30",
    "currency": "EUR",
    "amount": "1190.00",
    "order_id": "SO-4711",
    "lines": [],
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
    "posted_at": "2026-03-01T08:00:00Z",
    "posted_by": "erp",
}


class Item(BaseModel):
    """An open or cleared item. A credit memo's amount and balance are negative: balances sum to the receivables."""

    model_config = ConfigDict(json_schema_extra={"examples": [ITEM_EXAMPLE]})

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
