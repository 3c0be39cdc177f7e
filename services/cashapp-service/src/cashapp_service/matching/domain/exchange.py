"""A payment in another currency than the items it names: valued at the rate stored for its value date, and only proposed.

The one thing to know: a rate is in units of the items' currency for one unit of the receipt's. What the whole receipt is worth
above or below the items, within what the company takes for a difference of rates, is exchange gain or loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from cashapp_service.matching.domain.facts import OpenItem
from cashapp_service.matching.domain.proposals import Allocation
from cashapp_service.matching.domain.spreading import Spread, as_far_as_it_goes, exactly
from cashapp_service.tolerance_groups.domain import Policy
from shared.money import Money, rounded, smallest_unit


@dataclass(frozen=True, slots=True)
class Exchange:
    """Money in another currency spread over items: what it takes of the receipt, and in a sentence what it is worth."""

    spread: Spread
    detail: str


def exchanged(items: Sequence[OpenItem], amount: Money, rate: Decimal, policy: Policy) -> Exchange | None:
    """Return how a receipt pays items that are all in one other currency; None where that is not to be told.

    Credit memos are left to a person: what of which currency they are netted with is not said.
    """
    if not items or any(item.balance.amount <= 0 for item in items):
        return None
    currency = items[0].balance.currency
    total = Money.total((item.balance for item in items), currency)
    worth = Money(rounded(amount.amount * rate, currency), currency)
    spread = exactly(items, total) if _is_meant(worth, total, policy) else as_far_as_it_goes(items, worth)
    if spread is None:
        return None
    left = amount
    if spread.on_account:
        left = min(amount, Money(rounded(total.amount / rate, amount.currency), amount.currency))
    shared = _shared(spread.allocations, left)
    if not all(_may_be_taken(one, rate, policy) for one in shared):
        return None
    detail = f"{amount} are worth {worth} at the rate {rate.normalize():f} stored for the value date."
    return Exchange(Spread(shared, amount - left), detail)


def _is_meant(worth: Money, total: Money, policy: Policy) -> bool:
    difference = worth - total
    return abs(difference.amount) <= policy.exchange_limit(total).amount


def _may_be_taken(one: Allocation, rate: Decimal, policy: Policy) -> bool:
    """Return whether an application will take it: a share of so small an amount may be off by more than the rate explains."""
    if one.receipt_amount is None or one.receipt_amount.amount <= 0:
        return False
    difference = rounded(one.receipt_amount.amount * rate, one.amount.currency) - one.amount.amount
    return abs(difference) <= policy.exchange_limit(one.amount).amount


def _shared(allocations: Sequence[Allocation], money: Money) -> tuple[Allocation, ...]:
    """Return allocations with their shares of the receipt's money, which come to all of it."""
    total = sum((one.amount.amount for one in allocations), Decimal(0))
    unit = smallest_unit(money.currency)
    before, paid, found = Decimal(0), Decimal(0), []
    for one in allocations:
        paid += one.amount.amount
        until = (money.amount * paid / total).quantize(unit, ROUND_DOWN)
        found.append(replace(one, receipt_amount=Money(until - before, money.currency)))
        before = until
    return tuple(found)
