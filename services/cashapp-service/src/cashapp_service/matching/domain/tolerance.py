"""A small difference between what is named and what was paid: written off instead of left open.

The one thing to know: the limits are those of an application (`tolerance_groups.domain`): amount and per cent, per item and
per receipt, the user's and the customer's, the smaller counts. What was paid too much is the receipt's and never written off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN

from cashapp_service.matching.domain.candidates import by_age
from cashapp_service.matching.domain.facts import OpenItem, Receipt
from cashapp_service.matching.domain.proposals import Allocation
from cashapp_service.matching.domain.spreading import Spread, in_full
from cashapp_service.tolerance_groups.domain import Policy
from shared.money import Money, smallest_unit


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be written off with one receipt: on each item as the policy says, on all of them at most `left`."""

    policy: Policy
    left: Money

    def on(self, item: OpenItem) -> Money:
        """Return the most that may be written off on an item; a per cent of what it was issued at."""
        return min(self.policy.item_limit(item.issued_at or item.balance), self.left)


def allowance(receipt: Receipt, policy: Policy) -> Allowance:
    """Return what may still be written off with a receipt, whatever its applications wrote off before."""
    zero = Money.zero(receipt.amount.currency)
    most = policy.receipt_limit(receipt.received or receipt.amount)
    return Allowance(policy, max(most - (receipt.written_off or zero), zero))


def within_tolerance(items: Sequence[OpenItem], amount: Money, allowed: Allowance) -> Spread | None:
    """Return the spread that clears all items where what is missing may be written off; else None.

    With every discount that is earned first, then without: who pays more than the net amount did not take it.
    """
    return _cleared(items, amount, allowed, discounted=True) or _cleared(items, amount, allowed, discounted=False)


def _cleared(items: Sequence[OpenItem], amount: Money, allowed: Allowance, *, discounted: bool) -> Spread | None:
    zero = Money.zero(amount.currency)
    missing = Money.total((item.net if discounted else item.balance for item in items), amount.currency) - amount
    if not zero < missing <= allowed.left or (discounted and not any(item.discount for item in items)):
        return None
    short: dict[str, Allocation] = {}
    for item in sorted(items, key=lambda one: (-allowed.on(one).amount, by_age(one))):
        if missing > zero and item.balance > zero and (one := _short(item, missing, allowed, discounted=discounted)):
            short[item.item_id] = one
            missing -= (item.net if discounted else item.balance) - one.amount
    written_off = Money.total((one.tolerance or zero for one in short.values()), amount.currency)
    if missing or written_off > allowed.left:
        return None
    return Spread(tuple(short.get(item.item_id) or _whole(item, discounted=discounted) for item in items), zero)


def _whole(item: OpenItem, *, discounted: bool) -> Allocation:
    return Allocation(item.item_id, item.net, item.discount) if discounted and item.discount else in_full(item)


def _short(item: OpenItem, missing: Money, allowed: Allowance, *, discounted: bool) -> Allocation | None:
    """Return the allocation that is paid as much less as may be written off of the item; None where that is nothing.

    A discount is earned on what is cleared in money and discount, so it shrinks with what is written off, and that grows.
    """
    zero, most = Money.zero(missing.currency), allowed.on(item)
    discount = item.discount if discounted and item.discount else zero
    less = min(missing, most)
    kept = _earned(item, discount, less)
    if less + discount - kept > most:
        less -= discount - kept
        kept = _earned(item, discount, less)
    paid = item.balance - discount - less
    if less <= zero or paid <= zero:
        return None
    return Allocation(item.item_id, paid, kept, tolerance=less + discount - kept)


def _earned(item: OpenItem, discount: Money, less: Money) -> Money:
    """Return what of the discount is earned where `less` than the net amount is paid."""
    kept, before = discount, None
    while kept != before:
        before = kept
        cleared = item.balance - less - discount + kept
        part = discount.amount * cleared.amount / item.balance.amount
        kept = Money(part.quantize(smallest_unit(discount.currency), ROUND_DOWN), discount.currency)
    return kept
