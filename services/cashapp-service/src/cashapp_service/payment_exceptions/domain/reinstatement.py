"""What the money that came back pays: the items that the return had opened again, as far as they are open still.

The one thing to know: a payment whose chargeback was won was good all the time, so that the discount taken with it is granted
again; one that cleared at its second presentation was late.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from cashapp_service.applications.domain.allocation import Allocation, ShortPayment, Wanted
from cashapp_service.items.domain.item import Item

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """What may be granted again.

    `discount` tells it of an item, its payment and what was granted before, for a part of the payment in proportion; `tolerance`
    how much may be written off an item, and `tolerance_left` of all together.
    """

    discount: Callable[[Item, Decimal, Decimal], Decimal]
    tolerance: Callable[[Item], Decimal]
    tolerance_left: Decimal


@dataclass(frozen=True, slots=True)
class Reopened:
    """What the return took back of one item: the receipt's money, what was granted with it, and what had been held back."""

    item_id: str
    number: str
    amount: Decimal
    discount: Decimal
    tolerance: Decimal
    short_payment: ShortPayment | None = None

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The item, and the residual item that may be open again when it is paid again."""
        residual = self.short_payment.residual_item_id if self.short_payment else None
        return (self.item_id,) if residual is None else (self.item_id, residual)


def reinstated(
    reopened: Iterable[Reopened], items: Mapping[str, Item], available: Decimal, *, grants: Grants | None
) -> tuple[Wanted, ...]:
    """Return what to apply: at most what is `available`, and of each item at most what is open.

    A small difference that may not be written off any more, by whoever pays again or with this money, stays open. Without
    `grants` the payment is a late one, with which nothing is granted. What the customer had held back with a reason he holds back
    again: as far as it stays open, the same case or the same residual item goes on, however much of the payment came back.
    """
    wanted = []
    tolerance_left = grants.tolerance_left if grants else ZERO
    for one in reopened:
        item = items.get(one.item_id)
        if item is None:
            continue
        amount = min(one.amount, item.balance, available)
        if amount <= 0:
            continue
        available -= amount
        discount = tolerance = ZERO
        if grants is not None:
            discount = grants.discount(item, amount, min(one.discount, item.balance - amount))
            rest = item.balance - amount - discount
            if amount == one.amount and rest == one.tolerance <= min(grants.tolerance(item), tolerance_left):
                tolerance = one.tolerance
                tolerance_left -= tolerance
        again = Wanted(item_id=item.item_id, amount=amount, discount=discount, tolerance_write_off=tolerance)
        wanted.append(_held_back_again(again, one.short_payment) if item.balance > again.cleared else again)
    return tuple(wanted)


def _held_back_again(wanted: Wanted, before: ShortPayment | None) -> Wanted:
    if before is None:
        return wanted
    return replace(wanted, shortfall=before.kind, reason_code=before.reason_code, goes_on=before)


def by_item(taken_back: Iterable[Allocation], currency: str) -> list[Reopened]:
    """Return what a return took back, item by item, however many applications had paid it.

    Items in another currency than the receipt's are left out: what the money is worth for them is asked again. Of several short
    payments of an item the one that is given first counts.
    """
    found: dict[str, Reopened] = {}
    for one in taken_back:
        if one.currency != currency:
            continue
        before = found.get(one.item_id) or Reopened(one.item_id, one.number, ZERO, ZERO, ZERO)
        found[one.item_id] = replace(
            before,
            amount=before.amount + one.payment,
            discount=before.discount + one.discount,
            tolerance=before.tolerance + one.tolerance,
            short_payment=before.short_payment or one.short_payment,
        )
    return list(found.values())


def less(reopened: Iterable[Reopened], paid_again: Iterable[Wanted]) -> list[Reopened]:
    """Return what is open of what a return took back when a part of it was paid again at once."""
    paid = {one.item_id: one for one in paid_again}
    found = []
    for one in reopened:
        again = paid.get(one.item_id)
        left = (
            one
            if again is None
            else replace(
                one,
                amount=one.amount - again.amount,
                discount=one.discount - again.discount,
                tolerance=one.tolerance - again.tolerance_write_off,
                short_payment=one.short_payment if again.goes_on is None else None,
            )
        )
        if left.amount or left.discount or left.tolerance:
            found.append(left)
    return found
