"""Shapes of bank statements on the wire."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from shared.money import Amount


class Statement(BaseModel):
    """A bank statement. Balances are null where the bank states none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "stm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "import_id": "caj_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "account": "DE89370400440532013000",
                    "number": "17/1",
                    "currency": "EUR",
                    "opening_balance": "1000.00",
                    "closing_balance": "2190.00",
                    "opening_date": "2026-03-30",
                    "closing_date": "2026-03-31",
                    "entries": 1,
                    "proved": True,
                    "continuity": "continues",
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    import_id: str = Field(description="The job that imported it")
    account: str = Field(description="IBAN or number, as the bank writes it")
    number: str = Field(description="The bank's statement number")
    currency: str = Field(description="ISO 4217 code")
    opening_balance: Amount | None = Field(description="In `currency`; negative for an overdraft")
    closing_balance: Amount | None = Field(description="In `currency`; negative for an overdraft")
    opening_date: date | None = Field(description="YYYY-MM-DD")
    closing_date: date | None = Field(description="YYYY-MM-DD")
    entries: int = Field(description="How many entries it has")
    proved: bool = Field(description="Whether opening balance + entries = closing balance")
    continuity: str = Field(
        description="How it follows what was imported before: first, continues, gap, overlap, unproved"
    )


class StatementEntryView(BaseModel):
    """An entry of a bank statement."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "ste_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "position": 1,
                    "booking_date": "2026-03-31",
                    "value_date": "2026-03-31",
                    "amount": "1190.00",
                    "currency": "EUR",
                    "payer_name": "Nordlicht Handels GmbH",
                    "purpose": "RE-2026-00017",
                    "reversal": False,
                    "receipt_id": "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    position: int = Field(description="Counts from 1")
    booking_date: date = Field(description="YYYY-MM-DD, on which the bank booked it")
    value_date: date = Field(description="YYYY-MM-DD, the bank's")
    amount: Amount = Field(description="In `currency`; a credit is positive")
    currency: str = Field(description="ISO 4217 code")
    bank_reference: str | None = Field(description="The bank's own reference")
    customer_reference: str | None = Field(description="What the payer gave as its reference")
    payer_name: str | None = Field(description="The other party; for a debit, who was paid")
    payer_account: str | None = Field(description="Masked for roles that do not need it")
    purpose: str = Field(description="The text of the payment")
    transaction_code: str | None = Field(description="The bank's code of what it is")
    reversal: bool = Field(description="Whether the bank takes back an earlier entry")
    receipt_id: str | None = Field(description="The receipt that a credit became")
    known_as: str | None = Field(description="The entry of an earlier statement that this one is")
