"""Deliveries of an order, and what invoices have taken over of them.

The one thing to know: with O the order's value, D what was delivered and I what was invoiced, D - I is delivered and not invoiced
and O - max(D, I) still reserved, neither ever below zero. Both follow from the documents as they stand, so it does not matter
in which order they came.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from credit_service.credit_accounts.domain import ZERO
from shared.errors import ConflictError, InvalidError, NotFoundError, differing
from shared.money import rounded
from shared.values import value

DeliveryStatus = Literal["delivered", "cancelled"]


class DeliveryNotFoundError(NotFoundError):
    """The order has no such delivery."""

    code = "delivery_not_found"

    def __init__(self, order_id: str, delivery_id: str) -> None:
        super().__init__(
            f"Order {order_id} has no delivery {delivery_id}: send it first with POST /v1/orders/{order_id}/deliveries."
        )


class DeliveryExistsError(ConflictError):
    """The number is taken by a delivery with other content."""

    code = "delivery_exists"

    def __init__(self, order_id: str, delivery_id: str, fields: Sequence[str]) -> None:
        super().__init__(
            f"Delivery {delivery_id} of order {order_id} is known with other content, it differs in {', '.join(fields)}:"
            " cancel it and send the right one under a number of its own.",
            errors=differing(fields),
        )


class CustomerNeededError(InvalidError):
    """The order was never checked, so nobody knows whose it is."""

    code = "customer_needed"

    def __init__(self, order_id: str) -> None:
        super().__init__(
            f"Order {order_id} was never checked: name the customer that the goods went to.", field="customer_id"
        )


class Part(NamedTuple):
    """What documents of one currency sum up to: in it, and in the account's currency at the rates stored with them."""

    currency: str
    amount: Decimal
    account_amount: Decimal


@value(frozen=True, slots=True)
class Taken:
    """What was taken over from an order's reservation, in the order's currency."""

    invoiced: Decimal = ZERO
    delivered: Decimal = ZERO

    @property
    def most(self) -> Decimal:
        """What is not reserved any more: the same goods may be delivered and invoiced."""
        return max(self.invoiced, self.delivered)


NOTHING_TAKEN = Taken()


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods that left for an order. `rate` is to the account's currency; `open_amount` is what no invoice has taken over."""

    order_id: str
    delivery_id: str
    customer_id: str
    status: DeliveryStatus
    amount: Decimal
    currency: str
    rate: Decimal
    delivered_on: date
    account_amount: Decimal
    open_amount: Decimal
    account_open: Decimal

    def left(self, open_amount: Decimal, account_currency: str) -> "Delivery":
        """Return the delivery with so much not invoiced."""
        return replace(self, open_amount=open_amount, account_open=rounded(open_amount * self.rate, account_currency))


def not_invoiced(deliveries: Iterable[Delivery], invoices: Sequence[Part], account_currency: str) -> list[Delivery]:
    """Return the live deliveries of one order with what `invoices` of it leave open, the earliest being invoiced first.

    Invoices take over deliveries in their own currency as they stand, and then others by their value in the account's.
    """
    waiting = sorted(deliveries, key=lambda one: (one.delivered_on, one.delivery_id))
    spare = ZERO
    for part in invoices:
        same = [one for one in waiting if one.currency == part.currency]
        spare += _beyond(part, sum((one.amount for one in same), ZERO), account_currency)
    by_currency = {part.currency: part.amount for part in invoices}
    found = []
    for delivery in waiting:
        taken = min(delivery.amount, by_currency.get(delivery.currency, ZERO))
        by_currency[delivery.currency] = by_currency.get(delivery.currency, ZERO) - taken
        found.append(delivery.left(delivery.amount - taken, account_currency))
    return _by_value(found, spare, account_currency) if spare > 0 else found


def _beyond(part: Part, delivered: Decimal, account_currency: str) -> Decimal:
    """Return what is invoiced above what was delivered in the same currency, in the account's currency."""
    if part.amount <= delivered:
        return ZERO
    return rounded(part.account_amount * (part.amount - delivered) / part.amount, account_currency)


def _by_value(deliveries: list[Delivery], spare: Decimal, account_currency: str) -> list[Delivery]:
    found = []
    for delivery in deliveries:
        if spare >= delivery.account_open:
            spare -= delivery.account_open
            found.append(delivery.left(ZERO, account_currency))
        else:
            taken = rounded(spare / delivery.rate, delivery.currency)
            spare = ZERO
            found.append(delivery.left(max(delivery.open_amount - taken, ZERO), account_currency))
    return found


def in_order_currency(parts: Iterable[Part], currency: str, rate: Decimal) -> Decimal:
    """Return what documents of an order sum up to in its `currency`; `rate` is the order's to the account's currency."""
    total = ZERO
    for part in parts:
        total += part.amount if part.currency == currency else rounded(part.account_amount / rate, currency)
    return total


def taken(invoiced: Iterable[Part], delivered: Iterable[Part], *, currency: str, rate: Decimal) -> Taken:
    """Return what documents take over of an order in `currency`; `rate` is the order's to the account's currency."""
    return Taken(in_order_currency(invoiced, currency, rate), in_order_currency(delivered, currency, rate))
