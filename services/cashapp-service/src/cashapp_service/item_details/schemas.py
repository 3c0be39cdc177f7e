"""Shapes of one item with what was applied to it, and of what its document says and settled."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.documents.schemas import ItemDocument
from cashapp_service.items.schemas import ITEM_EXAMPLE
from shared.money import Amount, NonNegativeAmount

_APPLIED: dict[str, Any] = {
    "application_id": "app_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "receipt_id": "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "dispute_id": None,
    "posting_date": "2026-03-20",
    "amount": "1000.00",
    "discount": "0.00",
    "credit": "0.00",
    "tolerance_write_off": "0.00",
    "residual": "0.00",
    "reversed_on": None,
}


class ItemApplication(BaseModel):
    """What one application, or the credit of one dispute, took from the item."""

    model_config = ConfigDict(json_schema_extra={"examples": [_APPLIED]})

    application_id: str | None = Field(description="The application; null for the credit of a dispute")
    receipt_id: str | None = Field(description="Its receipt; null for the credit of a dispute")
    dispute_id: str | None = Field(description="The dispute whose decision is credited")
    posting_date: date = Field(description="Day on which it counts in the ledger")
    amount: Amount = Field(description="Money of the receipt, in the item's currency")
    discount: Amount = Field(description="Cash discount, in the same currency")
    credit: Amount = Field(description="By credit memos; negative on the memo itself")
    tolerance_write_off: Amount = Field(description="Small difference written off, in the same currency")
    residual: Amount = Field(description="Carried into a residual item")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")


class TaxPart(BaseModel):
    """The tax at one rate."""

    tax_code: str | None = Field(description="As on the lines")
    tax_rate_pct: Decimal = Field(description="Per cent of `net_amount`", examples=["19"])
    net_amount: Amount = Field(description="Of all lines at this rate, in the document's currency")
    tax_amount: Amount = Field(description="Tax on it, in the document's currency")


class DownPaymentSettlement(BaseModel):
    """What an invoice took of a down-payment request."""

    request_id: str = Field(description="The request's item")
    item_id: str = Field(description="The invoice's (first) item")
    deducted: NonNegativeAmount = Field(description="What was paid of the request and is deducted from the invoice")
    withdrawn: NonNegativeAmount = Field(description="What was open of the request and is asked for by the invoice now")


class ItemDetail(ItemDocument):
    """An item with what was applied to it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {**ITEM_EXAMPLE, "instalments": [], "applications": [_APPLIED], "taxes": [], "down_payments": []}
            ]
        }
    )

    applications: list[ItemApplication] = Field(description="What was applied, the oldest first")
    taxes: list[TaxPart] = Field(description="Tax of the document by rate, where its lines tell; in positive amounts")
    down_payments: list[DownPaymentSettlement] = Field(description="Settlements in which it takes part")
