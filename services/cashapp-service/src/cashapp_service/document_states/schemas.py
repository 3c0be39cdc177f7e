"""Shapes of document states on the wire."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.days import Day
from shared.events.cashapp import ItemKind
from shared.money import Amount, Money

DocumentKind = ItemKind | Literal["receipt"]


class DocumentDigest(BaseModel):
    """A mark of the states of all documents of one customer: two sets of the same documents have the same."""

    customer_id: str = Field(description="The ERP's customer number")
    documents: int = Field(description="Items, cleared ones too, and receipts")
    digest: str = Field(
        description="XOR of the first 8 bytes of the MD5 of each document: of an item `id|kind|order_id|amount|balance|currency|"
        "due_date`, of a receipt `id|receipt|cash|currency`, with amounts to four decimals; as a signed integer"
    )


class DocumentDigests(BaseModel):
    """Digests by customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "data": [{"customer_id": "C-1001", "documents": 12, "digest": "-4611686018427387904"}],
                    "next_after": "C-1001",
                }
            ]
        }
    )

    data: list[DocumentDigest] = Field(description="By customer")
    next_after: str | None = Field(description="Pass as `after` for what follows; null behind the last customer")


class DocumentState(BaseModel):
    """An item or a receipt as its last event told it."""

    id: str = Field(description="OpenItem's identifier of the item or receipt")
    kind: DocumentKind = Field(description="What sort of document it is")
    version: int = Field(description="Version of the item or receipt; its events carry the same")
    customer_id: str = Field(description="The ERP's customer number")
    order_id: str | None = Field(description="The order that an item bills")
    amount: Amount = Field(description="In `currency`; negative for a credit memo")
    balance: Amount = Field(description="What of an item is open, what of a receipt is on account or not applied")
    currency: str = Field(description="ISO 4217 code")
    document_date: Day = Field(description="Issue date of an item, value date of a receipt")
    due_date: Day | None = Field(description="Null for a receipt")

    @classmethod
    def of(cls, row: Any) -> "DocumentState":
        """Return a state as it is shown."""
        values = dict(row._mapping)
        values |= {name: Money(values[name], row.currency).amount for name in ("amount", "balance")}
        return cls.model_validate(values)


class DocumentStates(BaseModel):
    """The documents of one customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "data": [
                        {
                            "id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                            "kind": "invoice",
                            "version": 2,
                            "customer_id": "C-1001",
                            "order_id": "SO-4711",
                            "amount": "1190.00",
                            "balance": "190.00",
                            "currency": "EUR",
                            "document_date": "2026-03-01",
                            "due_date": "2026-03-31",
                        }
                    ],
                    "next_after": None,
                }
            ]
        }
    )

    data: list[DocumentState] = Field(description="By identifier")
    next_after: str | None = Field(description="Pass as `after` for what follows; null behind the last document")
