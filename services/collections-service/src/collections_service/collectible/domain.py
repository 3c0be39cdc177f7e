"""The collectible amount, defined here and nowhere else (domain.md, Collections)."""

from dataclasses import dataclass
from datetime import date

from collections_service.receivables.domain import Standing
from shared.money import Money


def collectible_amount(*, overdue: Money, due: Money, open_promises: Money, disputed: Money, unapplied: Money) -> Money:
    """Return overdue + due − open promises − disputed − unapplied cash; never below zero, for nothing is owed back to us.

    All of one customer in one currency. `due` is what falls due on the day itself; what is not due cannot be asked for.
    """
    rest = overdue + due - open_promises - disputed - unapplied
    return max(rest, Money.zero(rest.currency))


@dataclass(frozen=True, slots=True)
class Position:
    """How a customer stands in one currency, with its promises and what can be asked of it."""

    standing: Standing
    open_promises: Money
    promise_due_on: date | None
    broken_promises: int
    collectible: Money
