"""How a receipt is spread over items: exactly, with discount, with credit memos netted, short, or with a rest over.

The one thing to know: whatever way, the allocations and the rest come to the receipt to the cent, and no item gets
more than its balance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cashapp_service.matching.domain.facts import OpenItem
from cashapp_service.matching.domain.proposals import Allocation, Shortfall
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Spread:
    """The allocations, and what stays on account."""

    allocations: tuple[Allocation, ...]
    on_account: Money


def in_full(item: OpenItem) -> Allocation:
    """Return the allocation that clears an item without a discount."""
    return Allocation(item.item_id, item.balance, Money.zero(item.balance.currency))


def exactly(items: Sequence[OpenItem], amount: Money) -> Spread | None:
    """Return the spread that clears all items, where their balances come to the receipt; else None."""
    if not items or Money.total((item.balance for item in items), amount.currency) != amount:
        return None
    return Spread(tuple(in_full(item) for item in items), Money.zero(amount.currency))


def with_discount(items: Sequence[OpenItem], amount: Money) -> Spread | None:
    """Return the spread that clears all items with every discount that is earned; None where it is not exact."""
    if not any(item.discount for item in items):
        return None
    if Money.total((item.net for item in items), amount.currency) != amount:
        return None
    zero = Money.zero(amount.currency)
    allocations = (Allocation(item.item_id, item.net, item.discount or zero) for item in items)
    return Spread(tuple(allocations), zero)


def with_a_credit(items: Sequence[OpenItem], credits_open: Sequence[OpenItem], amount: Money) -> Spread | None:
    """Return the exact spread that nets one credit memo that was not named, or all of them; else None."""
    for credit in credits_open:
        if spread := exactly([*items, credit], amount):
            return spread
    return exactly([*items, *credits_open], amount) if len(credits_open) > 1 else None


def as_far_as_it_goes(items: Sequence[OpenItem], amount: Money, *, reason_code: str | None = None) -> Spread | None:
    """Return the spread over items in their order: what is over stays on account, the last one paid may be short.

    Credit memos add to the receipt first. None where the credit memos exceed the rest.
    """
    zero = Money.zero(amount.currency)
    memos = [item for item in items if item.balance < zero]
    available = amount - Money.total((item.balance for item in memos), amount.currency)
    allocations = [in_full(item) for item in memos]
    for item in items:
        if item.balance > zero and available > zero:
            paid = min(item.balance, available)
            available -= paid
            allocations.append(_paid(item, paid, reason_code))
    if available > amount or len(allocations) == len(memos):
        return None
    return Spread(tuple(allocations), available)


def _paid(item: OpenItem, paid: Money, reason_code: str | None) -> Allocation:
    if paid == item.balance:
        return in_full(item)
    shortfall = Shortfall.DISPUTE if reason_code else Shortfall.PARTIAL
    return Allocation(item.item_id, paid, Money.zero(paid.currency), shortfall, reason_code)
