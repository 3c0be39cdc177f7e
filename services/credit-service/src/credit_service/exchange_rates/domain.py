"""Conversion by stored rates. The rate used is kept with what it converted (design.md, Money)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.errors import InvalidError, NotFoundError

RATE_DECIMALS = Decimal("0.0000000001")
RATE_BELOW = Decimal(10**10)
"""What is converted keeps its rate in a `numeric(20, 10)`."""


class MissingExchangeRateError(InvalidError):
    """No rate leads from one currency to the other."""

    code = "missing_exchange_rate"

    def __init__(self, currency: str, account_currency: str) -> None:
        super().__init__(
            f"There is no exchange rate from {currency} to {account_currency}: put it with "
            "PUT /v1/exchange-rates/{date}, or send the amount in the account's currency.",
            field="currency",
        )


class NoRateError(NotFoundError):
    """No rate is stored that leads from one currency to the other on that day."""

    code = "exchange_rate_not_found"

    def __init__(self, currency: str, target: str) -> None:
        super().__init__(f"No rate leads from {currency} to {target} on that day: put it with PUT /v1/exchange-rates.")


@dataclass(frozen=True, slots=True)
class Rates:
    """The newest rates as of a day, by base currency: units of each currency for one unit of the base."""

    by_base: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)

    def between(self, currency: str, target: str) -> Decimal | None:
        """Return how many units of `target` one unit of `currency` is worth.

        None where no base knows both, and where the rates are so far apart that the one between them cannot be kept: rounded
        to nothing it would let any order go unseen.
        """
        if currency == target:
            return Decimal(1)
        for base, rates in sorted(self.by_base.items()):
            known = {**rates, base: Decimal(1)}
            if currency in known and target in known:
                rate = min(known[target] / known[currency], RATE_BELOW).quantize(RATE_DECIMALS)
                return rate if 0 < rate < RATE_BELOW else None
        return None
