"""Shapes of an aging on the wire."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from collections_service.receivables.domain import Basis
from shared.money import Amount


class AgingTotal(BaseModel):
    """Sums in one currency."""

    currency: str = Field(description="ISO 4217 code")
    amounts: dict[str, Amount] = Field(
        description="By bucket, in `currency`: balances of invoices and debit memos less those of credit memos"
    )
    unapplied: Amount = Field(
        description="Money on account and not yet applied, in `currency`, shown positive; in no bucket"
    )
    total: Amount = Field(description="Sum of the buckets less `unapplied`, in `currency`")


class AgingLine(AgingTotal):
    """Sums of one customer, collector, company or risk class in one currency."""

    key: str | None = Field(description="What the line is of, by `group_by`; null where the customer has none")


class Aging(BaseModel):
    """An aging as of a day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "as_of": "2026-11-22",
                    "basis": "due_date",
                    "buckets": ["not_due", "1-30", "31-60", "61-90", "91+"],
                    "data": [
                        {
                            "key": "C-1001",
                            "currency": "EUR",
                            "amounts": {
                                "not_due": "500.00",
                                "1-30": "1190.00",
                                "31-60": "0.00",
                                "61-90": "0.00",
                                "91+": "0.00",
                            },
                            "unapplied": "90.00",
                            "total": "1600.00",
                        }
                    ],
                    "totals": [
                        {
                            "currency": "EUR",
                            "amounts": {
                                "not_due": "500.00",
                                "1-30": "1190.00",
                                "31-60": "0.00",
                                "61-90": "0.00",
                                "91+": "0.00",
                            },
                            "unapplied": "90.00",
                            "total": "1600.00",
                        }
                    ],
                }
            ]
        }
    )

    as_of: date = Field(description="YYYY-MM-DD; postings up to and with this day count")
    basis: Basis = Field(description="The day from which days late are counted")
    buckets: list[str] = Field(description="Columns in order; days after the due date, or after the issue date")
    data: list[AgingLine] = Field(description="One line for each key and currency, by key")
    totals: list[AgingTotal] = Field(description="The same per currency")
