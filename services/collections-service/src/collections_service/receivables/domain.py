"""What one customer owes in one currency, and which money counts as its payments.

The one thing to know: a receipt and the items it pays are told by different events, which come in any order. The money of
a receipt is therefore what the receipt itself says; the items only say what it went to. So nothing counts twice, and
nothing is lost, while one of the events is still on its way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.errors import InvalidError
from shared.money import Money

Dimension = Literal["customer", "collector", "company", "risk_class"]
"""What receivables are summed up by."""
Basis = Literal["due_date", "issue_date"]
"""From which day of an item its days late are counted."""


class UnknownCustomerError(InvalidError):
    """The request names a customer that does not exist."""

    code = "unknown_customer"

    def __init__(self, customer_id: str) -> None:
        super().__init__(
            f"There is no customer {customer_id}: put it first with PUT /v1/customers/{customer_id}.",
            field="customer_id",
        )


class UnknownItemError(InvalidError):
    """The request names an item that does not exist."""

    code = "unknown_item"

    def __init__(self, item_id: str, field: str) -> None:
        super().__init__(f"There is no item {item_id}: take an id from GET /v1/items.", field=field)


class ForeignItemError(InvalidError):
    """The request names an item of another customer."""

    code = "item_of_another_customer"

    def __init__(self, item_id: str, customer_id: str, field: str) -> None:
        super().__init__(f"Item {item_id} is not owed by customer {customer_id}: leave it out.", field=field)


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that a request names, as far as this service needs it."""

    item_id: str
    customer_id: str
    currency: str
    issue_date: date


@dataclass(frozen=True, slots=True)
class Standing:
    """What one customer owes in one currency as of a day, and what speaks about it."""

    customer_id: str
    currency: str
    name: str | None
    collector: str | None
    risk_class: str | None
    past_due: Money
    """Items due before the day, credit memos taken off."""
    due: Money
    """Items due on the day itself."""
    disputed: Money
    """Of `past_due` and `due`; never more than an item's balance."""
    unapplied: Money
    """Money of the customer on account or not yet applied."""
    oldest_due_date: date | None
    """Of the open items that are owed, whether it has passed or not."""
    disputes: int
    holds: int


@dataclass(frozen=True, slots=True)
class AgedAmount:
    """A sum of postings of one key: in bucket 0 what is not due, then by lateness; bucket None is unapplied cash."""

    key: str | None
    bucket: int | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Application:
    """What one item got from one receipt, net of reversals."""

    item_id: str
    customer_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ReceivedMoney:
    """One receipt: what is there of it, and what it went to."""

    receipt_id: str
    customer_id: str | None
    value_date: date
    held: Money | None
    """Not refunded, not returned and of a known payer; None while the receipt's own event has not come."""
    applications: Sequence[Application]


@dataclass(frozen=True, slots=True)
class Payment:
    """Money of a customer: applied to an item, or not allocated (`item_id` is None)."""

    receipt_id: str
    value_date: date
    item_id: str | None
    amount: Money


def payments_of(customer_id: str, receipts: Iterable[ReceivedMoney]) -> list[Payment]:
    """Return what counts as payments of `customer_id`: what its items got, and what its receipts have left.

    What is applied never counts for more than its receipt holds, so that a returned payment counts for nothing even while
    the items do not know it yet.
    """
    return [
        payment
        for receipt in receipts
        for owner, payment in _shares(receipt)
        if owner == customer_id and payment.amount.amount > 0
    ]


def _shares(receipt: ReceivedMoney) -> Iterable[tuple[str | None, Payment]]:
    """Yield each part of a receipt and whose payment it is."""
    left = receipt.held
    for application in sorted(receipt.applications, key=lambda one: one.item_id):
        share = application.amount if left is None else min(left, application.amount)
        left = None if left is None else left - share
        yield (
            application.customer_id,
            Payment(receipt.receipt_id, receipt.value_date, application.item_id, share),
        )
    if left is not None:
        yield receipt.customer_id, Payment(receipt.receipt_id, receipt.value_date, None, left)
