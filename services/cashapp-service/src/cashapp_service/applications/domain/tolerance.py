"""How much of a difference may be written off without asking: amount and per cent, per item and per receipt."""

from dataclasses import dataclass
from decimal import Decimal

from shared.errors import InvalidError
from shared.money import Money


class ToleranceExceededError(InvalidError):
    """The difference is too large to be written off; it is a shortfall."""

    code = "tolerance_exceeded"

    def __init__(self, limit: Money, *, of_what: str, field: str) -> None:
        super().__init__(f"At most {limit} {of_what} may be written off: take the rest as a shortfall.", field=field)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """An amount and a share; the smaller counts."""

    amount: Decimal
    pct: Decimal

    def limit(self, of: Money) -> Money:
        """Return the most that may be written off on `of`."""
        share = abs(of.amount) * self.pct / 100
        cut = min(self.amount, share).quantize(of.amount, "ROUND_DOWN")
        return Money(cut, of.currency)
