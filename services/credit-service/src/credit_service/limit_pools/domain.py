"""Who shares a limit, and what they owe together.

The one thing to know: nothing of the sum is kept. Whoever grants on a pool takes its lock and then adds up what its members owe,
so that the sum cannot drift, and an invoice or a payment of one member waits for nobody.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from credit_service.credit_accounts.domain import ZERO, Account, Cover, Limit
from shared.money import AMOUNT_DIGITS_MAX, smallest_unit

AMOUNT_MAX = Decimal(10**AMOUNT_DIGITS_MAX)
_WIDE = Context(prec=80)
"""For sums of many converted amounts, which may have more digits than one."""

RECHECK_POOL = "holds.recheck_pool"
"""The job that looks again at what is held of a pool's members; `releases` does it."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool as one member sees it: the limit of the customer at its head, and what all members owe, in the head's currency.

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

    @property
    def owed(self) -> Decimal:
        """What the members owe, rounded up: what passes the limit by less than the smallest unit passes it."""
        return self.exposure.quantize(smallest_unit(self.currency), ROUND_CEILING, _WIDE)

    def moved(self, amount: Decimal) -> "Pool":
        """Return the pool after the member's exposure has grown by `amount` of the member's currency."""
        return replace(self, exposure=self.exposure + amount * (self.rate or ZERO))

    def seen_by(self, rate: Decimal | None) -> "Pool":
        """Return the pool as a member with this rate sees it."""
        return replace(self, rate=rate)


def bound(limit: Limit, cover: Cover, as_of: date, *, cover_counts: bool) -> Decimal | None:
    """Return what may be owed on `as_of`, None where there is no bound.

    Insured cover, where it counts, is added while it is valid to a limit in force; no credit and an expired limit stay so.
    """
    granted = limit.effective(as_of)
    if not granted or not cover_counts or (cover.valid_until is not None and cover.valid_until < as_of):
        return granted
    return granted + cover.paid


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may be owed: `own` by the customer in its currency, `pooled` by its pool in the pool's; None without a bound."""

    own: Decimal | None
    pooled: Decimal | None
    pool: Pool | None

    def limit(self, currency: str) -> Decimal | None:
        """Return the lower of both in the customer's `currency`, None where there is neither."""
        return self._lower(self.own, self.pooled, currency)

    def left(self, exposure: Decimal, currency: str) -> Decimal | None:
        """Return what is left of the lower of both, negative where it is passed; the pool's exposure includes the customer's."""
        own = None if self.own is None else self.own - exposure
        pooled = None if self.pooled is None or self.pool is None else self.pooled - self.pool.exposure
        return self._lower(own, pooled, currency)

    def _lower(self, own: Decimal | None, pooled: Decimal | None, currency: str) -> Decimal | None:
        found = [] if own is None else [own]
        if pooled is not None and self.pool is not None and self.pool.rate:
            # Rounded down, because it is not more than that; a tiny rate would make it longer than a decimal is.
            converted = max(min(pooled / self.pool.rate, AMOUNT_MAX), -AMOUNT_MAX)
            found.append(converted.quantize(smallest_unit(currency), ROUND_FLOOR))
        return min(found, default=None)


def bounds_of(account: Account, pool: Pool | None, as_of: date, *, cover_counts: bool) -> Bounds:
    """Return what a customer may owe, and its pool."""
    limit = own_limit(account.limit, decided=account.limit_decided, pool=pool)
    pooled = None if pool is None else bound(pool.limit, pool.cover, as_of, cover_counts=cover_counts)
    return Bounds(bound(limit, account.cover, as_of, cover_counts=cover_counts), pooled, pool)


def own_limit(limit: Limit, *, decided: bool, pool: Pool | None) -> Limit:
    """Return the customer's own limit. One that was never given any has none of its own in a pool, and no credit outside."""
    return limit if decided or pool is None else Limit("unmanaged")


def pool_of(customer_id: str, parents: Mapping[str, str | None], heads: Collection[str]) -> str | None:
    """Return the pool that a customer belongs to: the nearest head from itself upwards, None where there is none.

    Nobody is above itself: `customers` sees to that.
    """
    one: str | None = customer_id
    while one is not None and one not in heads:
        one = parents.get(one)
    return one
