"""Shapes of returned payments on the wire."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.payment_exceptions.domain import Outcome, ReturnReason
from cashapp_service.receipts.schemas import ReceiptView
from shared.days import Day
from shared.http.edge import Body
from shared.money import PositiveAmount


class ReturnBody(Body):
    """How a payment came back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "nsf", "value_date": "2026-04-07", "fee": "12.50"}]}
    )

    reason: ReturnReason = Field(description="Why the bank took it back")
    value_date: Day = Field(description="The bank's; the applications are reversed as of this day")
    fee: PositiveAmount | None = Field(
        default=None, description="Charged to the customer as a debit memo, in the receipt's currency"
    )


class ResolutionBody(Body):
    """What came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "replaced", "note": "Paid by wire instead"}]})

    outcome: Outcome = Field(description="What came of it")
    note: str | None = Field(default=None, max_length=4000, description="In the words of who settled it")


class PaymentException(BaseModel):
    """A returned payment."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "pex_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "reason": "nsf",
                    "amount": "1190.00",
                    "currency": "EUR",
                    "value_date": "2026-04-07",
                    "deadline_on": "2026-04-17",
                    "status": "open",
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one with each change; the ETag")
    receipt_id: str = Field(description="The receipt")
    customer_id: str | None = Field(description="The ERP's customer number")
    reason: ReturnReason = Field(description="Why it came back")
    amount: PositiveAmount = Field(description="What the bank took back, in `currency`")
    currency: str = Field(description="ISO 4217 code")
    value_date: date = Field(description="YYYY-MM-DD, the bank's")
    fee: PositiveAmount | None = Field(description="Charged to the customer, in `currency`")
    fee_item_id: str | None = Field(description="The debit memo of the fee")
    deadline_on: date = Field(description="Last day to react")
    status: Literal["open", "resolved"] = Field(description="Open until somebody settled it")
    outcome: Outcome | None = Field(description="What came of it; null while open")
    note: str | None = Field(description="In the words of who settled it")
    opened_at: datetime = Field(description="Instant, UTC")
    opened_by: str = Field(description="Who reported the return")
    resolved_at: datetime | None = Field(description="Instant, UTC; null while open")
    resolved_by: str | None = Field(description="Who settled it")


class ReturnedReceipt(ReceiptView):
    """The receipt as it is now, and the exception that its return has opened."""

    payment_exception: PaymentException = Field(description="The payment exception that was opened")
