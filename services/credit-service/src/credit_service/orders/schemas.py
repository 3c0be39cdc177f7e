"""Shapes of orders on the wire."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from credit_service.orders.domain import Order
from credit_service.orders.tables import OrderChangeRow
from shared.days import Day
from shared.events.credit import OrderStatus
from shared.money import Money, NonNegativeAmount, TooManyDecimalsError


class OrderHistoryLine(BaseModel):
    """One change of an order."""

    status: OrderStatus = Field(description="Where it stands")
    amount: NonNegativeAmount = Field(description="Value of the order then, in its currency")
    open_amount: NonNegativeAmount = Field(description="Neither delivered nor invoiced then, in its currency")
    decision_id: str | None = Field(description="The credit check behind it")
    actor: str = Field(description="Who did it; `system` for what happened by itself")
    note: str = Field(description="What is said with it, in words")
    changed_at: datetime = Field(description="When, in UTC")


class OrderShown(BaseModel):
    """An order as the credit check knows it."""

    model_config = ConfigDict(
        title="Order",
        json_schema_extra={
            "examples": [
                {
                    "order_id": "SO-1001",
                    "customer_id": "C-1",
                    "status": "approved",
                    "amount": "800.00",
                    "open_amount": "800.00",
                    "delivered_amount": "0.00",
                    "currency": "EUR",
                    "requested_delivery_date": "2026-04-01",
                    "checkpoint": "order",
                    "order_type": None,
                    "payment_terms": None,
                    "prepaid": False,
                    "decision_id": "chk_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "hold_id": None,
                    "version": 1,
                    "history": [],
                }
            ]
        },
    )

    order_id: str = Field(description="The ERP's order number")
    customer_id: str = Field(description="The ERP's customer number")
    status: OrderStatus = Field(description="Where it stands")
    amount: NonNegativeAmount = Field(description="Value of the order, in its currency")
    open_amount: NonNegativeAmount = Field(description="Neither delivered nor invoiced, in the order's currency")
    delivered_amount: NonNegativeAmount = Field(description="Delivered and not invoiced, in the order's currency")
    currency: str = Field(description="ISO 4217, the order's")
    requested_delivery_date: Day | None = Field(description="Day on which the goods are wanted")
    checkpoint: str = Field(description="Where it was checked last")
    order_type: str | None = Field(default=None, description="The ERP's, by which a policy may leave it out")
    payment_terms: str | None = Field(default=None, description="Of this order, where they were named")
    prepaid: bool = Field(default=False, description="Whether it is paid before delivery")
    decision_id: str = Field(description="The last credit check")
    hold_id: str | None = Field(description="The open hold")
    version: int = Field(description="Number of its published changes")
    history: list[OrderHistoryLine] = Field(description="Oldest first")

    @classmethod
    def of(cls, order: Order, history: list[OrderChangeRow]) -> "OrderShown":
        """Return the order as it is shown."""
        return cls(
            order_id=order.order_id,
            customer_id=order.customer_id,
            status=order.status,
            amount=Money(order.amount, order.currency).amount,
            open_amount=Money(order.open_amount, order.currency).amount,
            delivered_amount=Money(order.delivered_amount, order.currency).amount,
            currency=order.currency,
            requested_delivery_date=order.requested_delivery_date,
            checkpoint=order.checkpoint,
            order_type=order.order_type,
            payment_terms=order.payment_terms,
            prepaid=order.prepaid,
            decision_id=order.decision_id,
            hold_id=order.hold_id,
            version=order.version,
            history=[_line(row, order.currency) for row in history],
        )


def _line(row: OrderChangeRow, currency: str) -> OrderHistoryLine:
    # A changed order may have another currency than it had then; its amounts keep the decimals they need.
    shown = {name: _plain(getattr(row, name), currency) for name in ("amount", "open_amount")}
    return OrderHistoryLine.model_validate(row.model_dump() | shown)


def _plain(amount: Decimal, currency: str) -> Decimal:
    try:
        return Money(amount, currency).amount
    except TooManyDecimalsError:
        return amount.normalize()
