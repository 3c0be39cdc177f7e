"""Shapes of an item's history on the wire."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.item_histories.domain import StepKind
from shared.money import Amount


class RelatedItem(BaseModel):
    """Another item that the same entry changed."""

    item_id: str = Field(description="OpenItem's identifier")
    number: str = Field(description="Its number")
    amount: Amount = Field(description="By how much the entry changed its balance, in the item's currency")


class HistoryStep(BaseModel):
    """One thing that happened to the item."""

    kind: StepKind = Field(description="What happened: the part of a posting, or a step that posts nothing")
    at: datetime = Field(description="Instant at which it was recorded, UTC")
    by: str | None = Field(description="Who did it; null where an event or a job did")
    detail: str = Field(description="In a sentence", examples=["190.00 EUR paid by wire of 500.00 EUR from Nordlicht"])
    amount: Amount | None = Field(description="Change of the balance, in `currency`; null where nothing was posted")
    balance: Amount = Field(description="What was open after it, in `currency`")
    posting_date: date | None = Field(description="Day on which a posting counts in the ledger")
    value_date: date | None = Field(description="Value date of the receipt behind a posting")
    entry_id: str | None = Field(description="The journal entry")
    entry_kind: str | None = Field(description="What the journal entry posts", examples=["application"])
    receipt_id: str | None = Field(description="The receipt")
    application_id: str | None = Field(description="The application")
    dispute_id: str | None = Field(description="The dispute case")
    document_id: str | None = Field(description="The refund, write-off, recovery or run that the entry posts")
    submission_id: str | None = Field(description="The submission")
    related: list[RelatedItem] = Field(description="Items netted with it, credited by it, or carrying its rest")


class ItemHistory(BaseModel):
    """The life of an item in order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "number": "RE-2026-00017",
                    "customer_id": "C-1001",
                    "currency": "EUR",
                    "amount": "1190.00",
                    "balance": "0.00",
                    "version": 2,
                    "steps": [],
                }
            ]
        }
    )

    item_id: str = Field(description="OpenItem's identifier")
    number: str = Field(description="Its number")
    customer_id: str = Field(description="The ERP's customer number")
    currency: str = Field(description="ISO 4217 code")
    amount: Amount = Field(description="In `currency`; negative for a credit memo")
    balance: Amount = Field(description="What is open, in `currency`: that of the last step")
    version: int = Field(description="Version of the item")
    steps: list[HistoryStep] = Field(description="In the order in which they were recorded")
