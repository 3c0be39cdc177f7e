"""Claims: what a case disputes of one item, and how an item's balance is shared among the cases that dispute it.

The one thing to know: amounts are reckoned anew from the newest facts, never moved step by step. So it does not matter in
which order payments, credits and reversals were heard of, or how often, and conservation holds by construction:
original = disputed + credited + paid + denied.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.money import Money


@dataclass(frozen=True, slots=True)
class Claim:
    """The facts of one item in one case.

    `credits` is the sum of the credits posted for the case to the item, `denied` what decisions so far did not grant,
    `paid` what was paid when last reckoned. `over` tells that somebody ended the case: closed by decision, or void.
    """

    original: Money
    credits: Money
    denied: Money
    paid: Money
    over: bool


@dataclass(frozen=True, slots=True)
class ClaimAmounts:
    """Where a claim stands. The four add up to what was claimed at first."""

    disputed: Money
    credited: Money
    paid: Money
    denied: Money


def share_balance(balance: Money, claims: Sequence[Claim]) -> list[ClaimAmounts]:
    """Return where each claim on one item stands, given the item's balance.

    A payment takes the undisputed part of the item first, then from the claims, the last one (as given) first.
    """
    zero = Money.zero(balance.currency)
    room = max(balance, zero)
    shares = []
    for claim in claims:
        amounts = _ended(claim, zero) if claim.over else _alive(claim, room, zero)
        room -= amounts.disputed
        shares.append(amounts)
    return shares


def _alive(claim: Claim, room: Money, zero: Money) -> ClaimAmounts:
    claimed = claim.original - claim.denied
    credited = min(max(claim.credits, zero), claimed)
    disputed = min(claimed - credited, room)
    return ClaimAmounts(disputed, credited, claimed - credited - disputed, claim.denied)


def _ended(claim: Claim, zero: Money) -> ClaimAmounts:
    credited = min(max(claim.credits, zero), claim.original)
    paid = min(claim.paid, claim.original - credited)
    return ClaimAmounts(zero, credited, paid, claim.original - credited - paid)


def left_to_dispute(balance: Money, claims: Sequence[Claim]) -> Money:
    """Return how much of an item nobody disputes yet."""
    zero = Money.zero(balance.currency)
    return max(balance, zero) - Money.total(
        (share.disputed for share in share_balance(balance, claims)), balance.currency
    )


def granted_per_item(granted: Money, disputed: Sequence[Money]) -> list[Money]:
    """Return how an amount that was granted is spread over the items of a case, the first item first."""
    parts = []
    for amount in disputed:
        part = min(granted, amount)
        granted -= part
        parts.append(part)
    return parts
