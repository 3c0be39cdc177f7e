"""An order's value walks from its reservation into receivables; this is where it stands on the way."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from credit_service.credit_accounts.domain import ZERO
from credit_service.fulfilment.domain import Taken
from shared.errors import ConflictError, NotFoundError
from shared.events.credit import HoldReason, OrderState, OrderStatus
from shared.money import exact, rounded
from shared.values import changed, value


class OrderNotFoundError(NotFoundError):
    """No check of this order was ever asked for."""

    code = "order_not_found"

    def __init__(self, order_id: str) -> None:
        super().__init__(f"There is no order {order_id}: check it first with POST /v1/credit-checks.")


class OrderOfAnotherCustomerError(ConflictError):
    """The order is known for another customer."""

    code = "order_of_another_customer"

    def __init__(self, order_id: str) -> None:
        super().__init__(
            f"Order {order_id} belongs to another customer: use its own number for this one.", field="customer_id"
        )


class OrderEndedError(ConflictError):
    """The order was cancelled or is over."""

    code = "order_ended"

    def __init__(self, order_id: str, status: str) -> None:
        super().__init__(f"Order {order_id} is {status}: send a new order under a number of its own.")


@value(frozen=True, slots=True)
class Release:
    """What a person let pass: these rules, up to this amount, until this day (inclusive, None without an end)."""

    rules: tuple[str, ...]
    up_to: Decimal
    valid_until: date | None

    def is_in_time(self, as_of: date) -> bool:
        """Tell whether it lets the order pass on `as_of`; on its last day it does."""
        return self.valid_until is None or as_of <= self.valid_until


@value(frozen=True, slots=True)
class Order:
    """An order. `version` counts its published changes; `rate` is to the account's currency.

    `open_amount` is neither delivered nor invoiced, `delivered_amount` is delivered and not invoiced. `order_type`,
    `payment_terms` and `prepaid` are as the ERP named them, so that looking at the order again sees the same. `held_at` are the
    checkpoints whose rules it is subject to while it is held; `manual_hold` says why a person holds it, until a person ends that.
    """

    order_id: str
    customer_id: str
    version: int
    status: OrderStatus
    amount: Decimal
    currency: str
    rate: Decimal
    open_amount: Decimal
    reserved: Decimal
    requested_delivery_date: date | None
    checkpoint: str
    held_reserves: bool
    decision_id: str
    hold_id: str | None
    release: Release | None
    order_type: str | None = None
    payment_terms: str | None = None
    prepaid: bool = False
    delivered_amount: Decimal = ZERO
    held_at: tuple[str, ...] = ()
    manual_hold: str | None = None

    @property
    def content(self) -> tuple[Any, ...]:
        """What two checks of one order must share to be the same."""
        return (
            self.customer_id,
            self.amount,
            self.currency,
            self.requested_delivery_date,
            self.checkpoint,
            self.order_type,
            self.payment_terms,
            self.prepaid,
        )

    @property
    def reserves(self) -> bool:
        """Whether its open amount counts as exposure."""
        return reserves(self.status, held_reserves=self.held_reserves)


def settled(order: Order, taken: Taken, *, account_currency: str) -> Order:
    """Return the order with what deliveries and invoices leave open of it, and what that reserves.

    It is `invoiced` when all of it is, whatever was delivered; of a cancelled or rejected order nothing is open, but goods that
    left stay delivered.
    """
    ended = order.status in ("cancelled", "rejected")
    open_amount = ZERO if ended else max(order.amount - taken.most, ZERO)
    status = order.status
    if not ended and taken.invoiced >= order.amount:
        status = "invoiced"
    elif status == "invoiced":
        status = "approved"
    counts = reserves(status, held_reserves=order.held_reserves)
    return changed(
        order,
        status=status,
        open_amount=open_amount,
        reserved=rounded(open_amount * order.rate, account_currency) if counts else ZERO,
        delivered_amount=max(taken.delivered - taken.invoiced, ZERO),
    )


def reserves(status: OrderStatus, *, held_reserves: bool) -> bool:
    """Tell whether the open amount of an order in this state counts as exposure."""
    return status in ("approved", "released") or (status == "held" and held_reserves)


def told(
    order: Order, *, reasons: list[HoldReason], exposure_after: Decimal | None, account_currency: str
) -> OrderState:
    """Return what others are told of an order."""
    content = told_content(order, reasons=reasons, exposure_after=exposure_after, account_currency=account_currency)
    return OrderState(**content)


def told_content(
    order: Order, *, reasons: Iterable[HoldReason], exposure_after: Decimal | None, account_currency: str
) -> dict[str, Any]:
    """Return the fields of an `OrderState`, in their order, for whoever writes an event without making its model."""
    return {
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "status": order.status,
        "amount": exact(order.amount, order.currency),
        "currency": order.currency,
        "open_amount": exact(order.open_amount if order.reserves else ZERO, order.currency),
        "delivered_amount": exact(order.delivered_amount, order.currency),
        "hold_id": order.hold_id,
        "reasons": [dict(reason) for reason in reasons],
        "exposure_after": None if exposure_after is None else exact(exposure_after, account_currency),
    }
