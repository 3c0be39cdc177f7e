"""Shapes of returned payments on the wire."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from shared.days import Day
from shared.http.edge import Body
from shared.money import PositiveAmount

from cashapp_service.payment_exceptions.domain import Outcome, ReturnReason
from cashapp_service.receipts.schemas import ReceiptView


class ReturnBody(Body):
    """How a payment came back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "nsf", "value_date": "2026-04-07", "fee": "12.50"}]}
    )

    reason: ReturnReason
    value_date: Day = Field(description="The bank's; the applications are reversed as of this day")
    fee: PositiveAmount | None = Field(
        default=None, description="Charged to the customer as a debit memo, in the receipt's currency"
    )


class ResolutionBody(Body):
    """What came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "replaced", "note": "Paid by wire instead"}]})

    outcome: Outcome
    note: str | None = Field(default=None, max_length=4000)


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

    id: str
    version: int
    receipt_id: str
    customer_id: str | None
    reason: ReturnReason
    amount: PositiveAmount = Field(description="What the bank took back, in `currency`")
    currency: str
    value_date: date
    fee: PositiveAmount | None = Field(description="Charged to the customer, in `currency`")
    fee_item_id: str | None
    deadline_on: date = Field(description="Last day to react")
    status: Literal["open", "resolved"]
    outcome: Outcome | None
    note: str | None
    opened_at: datetime
    opened_by: str
    resolved_at: datetime | None
    resolved_by: str | None


class ReturnedReceipt(ReceiptView):
    """The receipt as it is now, and the exception that its return has opened."""

    payment_exception: PaymentException
