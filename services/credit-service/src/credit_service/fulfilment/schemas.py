"""Shapes of deliveries as they are shown."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.fulfilment.domain import DeliveryStatus
from credit_service.fulfilment.tables import DeliveryRow
from shared.days import Day
from shared.money import Money, NonNegativeAmount

SENT: dict[str, Any] = {
    "delivery_id": "DN-8001",
    "currency": "EUR",
    "amount": "300.00",
    "delivered_on": "2026-03-02",
}


class DeliveryShown(BaseModel):
    """A delivery of an order."""

    model_config = ConfigDict(
        title="Delivery",
        json_schema_extra={
            "examples": [
                SENT
                | {
                    "order_id": "SO-1001",
                    "customer_id": "C-1",
                    "status": "delivered",
                    "not_invoiced": "300.00",
                    "rate": "1",
                    "recorded_at": "2026-03-02T08:00:00Z",
                    "cancelled_at": None,
                    "note": "",
                }
            ]
        },
    )

    order_id: str = Field(description="The ERP's order number")
    delivery_id: str = Field(description="The ERP's delivery number")
    customer_id: str = Field(description="The ERP's customer number")
    status: DeliveryStatus = Field(description="`cancelled` where the goods came back")
    amount: NonNegativeAmount = Field(description="Sales value of the goods, in `currency`")
    currency: str = Field(description="ISO 4217, the order's")
    not_invoiced: NonNegativeAmount = Field(description="What no invoice has taken over, in `currency`")
    rate: str = Field(
        description="Units of the account's currency for one of `currency`, as it is kept with the delivery"
    )
    delivered_on: Day = Field(description="Day of the delivery")
    recorded_at: datetime = Field(description="When it was recorded, in UTC")
    cancelled_at: datetime | None = Field(description="When it was withdrawn, in UTC; null where it stands")
    note: str = Field(description="Why it was cancelled")

    @classmethod
    def of(cls, row: DeliveryRow) -> "DeliveryShown":
        """Return the delivery as it is shown."""
        return cls(
            order_id=row.order_id,
            delivery_id=row.delivery_id,
            customer_id=row.customer_id,
            status=row.status,
            amount=Money(row.amount, row.currency).amount,
            currency=row.currency,
            not_invoiced=Money(row.open_amount, row.currency).amount,
            rate=format(row.rate.normalize(), "f"),
            delivered_on=row.delivered_on,
            recorded_at=row.recorded_at,
            cancelled_at=row.cancelled_at,
            note=row.note,
        )
