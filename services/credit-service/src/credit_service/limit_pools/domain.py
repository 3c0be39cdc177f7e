"""What the group shares, and what it owes together.

The one thing to know: nothing of the sum is kept. Whoever grants on a pool takes its lock and then adds up what its members owe,
so that the sum cannot drift, and an invoice or a payment of one member waits for nobody.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from credit_service.credit_accounts.domain import ZERO, Cover, Limit


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool as one member sees it: the limit of the customer at its head, and what all members owe, in the pool's currency.

    `exposure` is the sum of the members' exposures at their stored rates, not rounded. `rate` is the member's own, None where
    none is known; `unconverted` counts the members that owe something and have none.
    """

    pool_id: str
    currency: str
    rate: Decimal | None
    limit: Limit
    cover: Cover
    exposure: Decimal
    unconverted: int

    def moved(self, amount: Decimal) -> "Pool":
        """Return the pool after the member's exposure has grown by `amount` of the member's currency."""
        return replace(self, exposure=self.exposure + amount * (self.rate or ZERO))


def bound(limit: Limit, cover: Cover, as_of: date, *, cover_counts: bool) -> Decimal | None:
    """Return what may be owed on `as_of`, None where there is no bound.

    Insured cover, where it counts, is added while it is valid to a limit in force; no credit and an expired limit stay so.
    """
    granted = limit.effective(as_of)
    if not granted or not cover_counts or (cover.valid_until is not None and cover.valid_until < as_of):
        return granted
    return granted + cover.paid
