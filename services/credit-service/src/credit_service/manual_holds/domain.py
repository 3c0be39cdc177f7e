"""Which orders a person may hold, and how the reason is told."""

from credit_service.orders.domain import Order
from shared.errors import ConflictError


class OrderNotHoldableError(ConflictError):
    """Nothing of the order is left to be held."""

    code = "order_not_holdable"

    def __init__(self, order_id: str, status: str) -> None:
        super().__init__(f"Nothing of order {order_id} is left to be held: it is {status}, or delivered in full.")


class ManualHoldExistsError(ConflictError):
    """A person holds the order already."""

    code = "manual_hold_exists"

    def __init__(self, order_id: str, hold_id: str) -> None:
        super().__init__(f"Order {order_id} is held by hand already: see GET /v1/holds/{hold_id}.")


def is_holdable(order: Order) -> bool:
    """Tell whether something of the order is still to go; one that is held already may get a further reason."""
    return order.status == "held" or (order.status in ("approved", "released") and order.open_amount > 0)


def told(reason_code: str, note: str) -> str:
    """Return the reason as the hold names it."""
    return f"{reason_code}: {note}" if note else reason_code
