"""Rules, their thresholds and points, and which strategy is whose.

The one thing to know: each rule is one sentence, "a customer with at least this much of that gets so many points"; tiers are
several rules of one name. Amounts are compared in the currency of what is owed, without conversion.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from shared.errors import NotFoundError

RuleName = Literal[
    "past_due_amount",
    "collectible_amount",
    "disputed_amount",
    "days_past_due",
    "no_contact",
    "broken_promises",
    "orders_on_hold",
    "promise_due",
    "follow_up_due",
    "risk_class",
]
Threshold = Literal["amount", "days", "count", "classes"]

THRESHOLDS: dict[RuleName, Threshold | None] = {
    "past_due_amount": "amount",
    "collectible_amount": "amount",
    "disputed_amount": "amount",
    "days_past_due": "days",
    "no_contact": "days",
    "broken_promises": "count",
    "orders_on_hold": "count",
    "promise_due": None,
    "follow_up_due": None,
    "risk_class": "classes",
}
"""What each rule is measured by; None for those that only ask whether."""

DEFAULT_STRATEGY = "default"


class StrategyNotFoundError(NotFoundError):
    """There is no such strategy."""

    code = "collection_strategy_not_found"

    def __init__(self, strategy_id: str) -> None:
        super().__init__(
            f"There is no collection strategy {strategy_id}: put it first with PUT /v1/collection-strategies/{strategy_id}."
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with its points; of the thresholds only the rule's own is given."""

    rule: RuleName
    points: int
    amount: Decimal | None = None
    days: int | None = None
    count: int | None = None
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Strategy:
    """Rules for one collector's portfolio, or for everybody's where `portfolio` is None."""

    strategy_id: str
    portfolio: str | None
    rules: Sequence[Rule]
    follow_up_days: int = field(kw_only=True)


def strategy_for(collector: str | None, strategies: Iterable[Strategy]) -> Strategy | None:
    """Return the strategy for a collector's customers: its own portfolio's, else the default one.

    Where two are for one portfolio the first by name is taken, so that the answer does not change from day to day.
    """
    known = sorted(strategies, key=lambda strategy: strategy.strategy_id)
    own = (strategy for strategy in known if collector is not None and strategy.portfolio == collector)
    default = (strategy for strategy in known if strategy.strategy_id == DEFAULT_STRATEGY)
    return next(own, None) or next(default, None)
