"""Shapes of the ledger on the wire."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.money import Amount, NonNegativeAmount

_LINE: dict[str, Any] = {
    "posting_id": "pst_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "account": "receivables",
    "account_number": "1200",
    "account_name": "Trade receivables",
    "kind": "payment",
    "debit": "0.00",
    "credit": "1190.00",
    "customer_id": "C-1001",
    "item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "receipt_id": None,
}
_CONTRA: dict[str, Any] = {
    "posting_id": "pst_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e70",
    "account": "unapplied_cash",
    "account_number": "3270",
    "account_name": "Unapplied cash",
    "kind": "cash",
    "debit": "1190.00",
    "credit": "0.00",
    "customer_id": "C-1001",
    "item_id": None,
    "receipt_id": "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
}
_BALANCE: dict[str, Any] = {
    "account": "receivables",
    "account_number": "1200",
    "account_name": "Trade receivables",
    "currency": "EUR",
    "debit": "1190.00",
    "credit": "0.00",
    "balance": "1190.00",
}
_BALANCED: dict[str, Any] = {
    "account": "revenue",
    "account_number": "4400",
    "account_name": "Revenue",
    "currency": "EUR",
    "debit": "0.00",
    "credit": "1190.00",
    "balance": "-1190.00",
}


class JournalLine(BaseModel):
    """One line of an entry; one of debit and credit is zero."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LINE]})

    posting_id: str = Field(description="Identifier that the item's event carries")
    account: str = Field(examples=["receivables"], description="Account of the ledger")
    account_number: str = Field(
        examples=["1200"], description="Its number in the general ledger, by the chart of today"
    )
    account_name: str = Field(examples=["Trade receivables"], description="Its name there")
    kind: str = Field(description="Which part of an item's amount it belongs to, or `cash`", examples=["payment"])
    debit: NonNegativeAmount = Field(description="In the entry's currency; zero on a credit line")
    credit: NonNegativeAmount = Field(description="In the same currency; zero on a debit line")
    customer_id: str | None = Field(description="The ERP's customer number")
    item_id: str | None = Field(description="The item")
    receipt_id: str | None = Field(description="The receipt")


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
                    "value_date": "2026-03-31",
                    "company_code": "1000",
                    "currency": "EUR",
                    "receipt_id": "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "application_id": "app_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "dispute_id": None,
                    "document_id": None,
                    "posted_at": "2026-03-31T09:30:00Z",
                    "posted_by": "m.weber",
                    "lines": [_LINE, _CONTRA],
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    sequence: int = Field(description="Grows with each entry; may have gaps")
    kind: str = Field(description="What was posted")
    posting_date: date = Field(description="Day on which it counts in the ledger")
    value_date: date | None = Field(description="Value date of the receipt behind it")
    company_code: str = Field(description="The company of the ledger")
    currency: str = Field(description="ISO 4217 code")
    receipt_id: str | None = Field(description="The receipt")
    application_id: str | None = Field(description="The application that posted it")
    dispute_id: str | None = Field(description="The dispute that posted it")
    document_id: str | None = Field(description="The refund, write-off, recovery or small-balance run that it posts")
    posted_at: datetime = Field(description="Instant, UTC")
    posted_by: str | None = Field(description="Who asked for it; null where an event or a job did")
    lines: list[JournalLine] = Field(description="Debits and credits, which balance")


class TrialBalanceRow(BaseModel):
    """One account in one currency."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BALANCE]})

    account: str = Field(description="Account of the ledger")
    account_number: str | None = Field(
        examples=["1200"], description="Its number in the general ledger; null where companies summed here differ in it"
    )
    account_name: str | None = Field(examples=["Trade receivables"], description="Its name there, or null likewise")
    currency: str = Field(description="ISO 4217 code")
    debit: NonNegativeAmount = Field(description="Sum of all debits up to and including `as_of`")
    credit: NonNegativeAmount = Field(description="Sum of all credits up to and including `as_of`")
    balance: Amount = Field(description="Debit less credit; negative for a liability or revenue")


class TrialBalance(BaseModel):
    """All accounts as of a day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "as_of": "2026-03-31",
                    "data": [_BALANCE, _BALANCED],
                    "balanced": True,
                }
            ]
        }
    )

    as_of: date = Field(description="Last posting date that counts")
    data: list[TrialBalanceRow] = Field(description="One row per account and currency")
    balanced: bool = Field(description="Whether debit equals credit in every currency")
