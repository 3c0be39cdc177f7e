"""Finding the items of a known payer by the amount alone: one, one with discount, all, the oldest, or two."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cashapp_service.matching.domain.facts import OpenItem
from cashapp_service.matching.domain.proposals import Method
from cashapp_service.matching.domain.spreading import Spread, exactly, with_discount
from shared.money import Money

OLDEST_MAX = 1_000
"""Of a customer with more open items the oldest are looked at, beside those that are named or of just the amount."""


@dataclass(frozen=True, slots=True)
class Found:
    """A spread that fits the amount, why it does, and whether others would fit as well (`unsure` says so)."""

    method: Method
    spread: Spread
    detail: str
    unsure: str | None = None


def find_by_amount(items: Sequence[OpenItem], amount: Money, *, complete: bool = True) -> Iterator[Found]:
    """Yield the ways in which items, the oldest first, come to exactly the amount, the likeliest first.

    Where they are not all that is open (not `complete`), nothing is said of all of them, or of the only ones that fit.
    """
    singles = [item for item in items if item.balance == amount]
    if singles:
        yield Found(
            Method.AMOUNT_EXACT,
            _sure(exactly(singles[:1], amount)),
            f"The balance of {singles[0].number} is the amount received.",
            f"{len(singles)} items have this balance." if len(singles) > 1 else None,
        )
    discounted = [item for item in items if item.discount and item.net == amount]
    if discounted:
        yield Found(
            Method.AMOUNT_DISCOUNT,
            _sure(with_discount(discounted[:1], amount)),
            f"The balance of {discounted[0].number} less its cash discount is the amount received.",
            f"{len(discounted)} items would fit." if len(discounted) > 1 else None,
        )
    if complete and len(items) > 1 and (spread := exactly(items, amount)):
        yield Found(Method.AMOUNT_ALL_OPEN, spread, "All open items together come to the amount received.")
    if oldest := _oldest(items if complete else items[:OLDEST_MAX], amount):
        yield Found(
            Method.AMOUNT_OLDEST,
            _sure(exactly(oldest, amount)),
            f"The {len(oldest)} items that are due first come to the amount received.",
        )
    if complete:
        yield from _pair(items, amount)


def _oldest(items: Sequence[OpenItem], amount: Money) -> list[OpenItem] | None:
    total = Money.zero(amount.currency)
    for count, item in enumerate(items, start=1):
        total += item.balance
        if total == amount and 1 < count < len(items):
            return list(items[:count])
    return None


def _pair(items: Sequence[OpenItem], amount: Money) -> Iterator[Found]:
    """Yield the one pair that fits, if there is just one."""
    seen: dict[Money, list[OpenItem]] = {}
    pairs: list[tuple[OpenItem, OpenItem]] = []
    for item in items:
        for other in seen.get(amount - item.balance, ())[:2]:
            pairs.append((other, item))
        if len(pairs) > 1:
            return
        seen.setdefault(item.balance, []).append(item)
    if len(pairs) == 1 and len(items) > 2:
        first, second = pairs[0]
        detail = f"{first.number} and {second.number} are the only two that come to the amount received."
        yield Found(Method.AMOUNT_PAIR, _sure(exactly(pairs[0], amount)), detail)


def _sure(spread: Spread | None) -> Spread:
    assert spread is not None, "the items were chosen to come to the amount"
    return spread
