"""Shapes of the ledger on the wire."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field
from shared.money import Amount, NonNegativeAmount


class JournalLine(BaseModel):
    """One line of an entry; one of debit and credit is zero."""

    posting_id: str
    account: str = Field(examples=["receivables"])
    kind: str = Field(description="Which part of an item's amount it belongs to, or `cash`", examples=["payment"])
    debit: NonNegativeAmount
    credit: NonNegativeAmount
    customer_id: str | None
    item_id: str | None
    receipt_id: str | None


class JournalEntry(BaseModel):
    """A journal entry; its lines balance."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "jne_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "sequence": 17,
                    "kind": "application",
                    "posting_date": "2026-03-31",
                    "company_code": "1000",
                    "currency": "EUR",
                    "lines": [],
                }
            ]
        }
    )

    id: str
    sequence: int = Field(description="Grows with each entry; may have gaps")
    kind: str
    posting_date: date
    value_date: date | None
    company_code: str
    currency: str
    receipt_id: str | None
    application_id: str | None
    dispute_id: str | None
    posted_at: datetime
    lines: list[JournalLine]


class TrialBalanceRow(BaseModel):
    """One account in one currency."""

    account: str
    currency: str
    debit: NonNegativeAmount = Field(description="Sum of all debits up to and including `as_of`")
    credit: NonNegativeAmount
    balance: Amount = Field(description="Debit less credit; negative for a liability or revenue")


class TrialBalance(BaseModel):
    """All accounts as of a day."""

    as_of: date
    data: list[TrialBalanceRow]
    balanced: bool = Field(description="Whether debit equals credit in every currency")
