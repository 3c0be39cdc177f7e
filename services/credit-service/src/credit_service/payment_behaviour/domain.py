"""What a customer's items say of how it pays.

The one thing to know: an item that is open past its due date counts as late by the days so far, so that who stops paying does not
look better than who pays late. What a credit memo cleared was not paid and is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from pydantic import BaseModel, ConfigDict

from shared.money import rounded

ZERO = Decimal(0)
WINDOW_DAYS = 365
"""What is looked at: the days up to `as_of`, with it."""
RECENT_DAYS = 90
"""The latest part of the window, which the trend sets against the rest of it."""
SHARE_PLACES = Decimal("0.0001")
DAYS_PLACES = Decimal("0.01")
_DIGITS = 60
"""Enough that no sum of amounts × days × rate is rounded in a way that matters."""


@dataclass(frozen=True, slots=True)
class CurrencyRecord:
    """Sums of a customer's items in one currency.

    `…_weight` is the sum of amounts, `…_days` the sum of amount × days late (early is negative), over the items settled or open
    past due in the latest 90 days and in the rest of the window; `purchases` is invoiced less credited in the window,
    `high_credit` the most that was open at the end of a day of it.
    """

    currency: str
    counted: int
    late: int
    recent_weight: Decimal
    recent_days: Decimal
    earlier_weight: Decimal
    earlier_days: Decimal
    purchases: Decimal
    high_credit: Decimal
    first_item_on: date | None


class PaymentBehaviour(BaseModel):
    """How a customer paid in the 365 days up to `as_of`, amounts in its account's currency.

    A figure that no item speaks for is None. `unconverted` names currencies without an exchange rate: their items are counted
    in `counted_items` and `late_items`, and left out of all that weighs amounts.
    """

    model_config = ConfigDict(frozen=True)

    counted_items: int
    late_items: int
    share_late: Decimal | None
    weighted_days_late: Decimal | None
    trend_days_late: Decimal | None
    purchases: Decimal
    high_credit: Decimal
    first_item_on: date | None
    unconverted: tuple[str, ...]


def behaviour_of(records: Iterable[CurrencyRecord], rates: Mapping[str, Decimal], currency: str) -> PaymentBehaviour:
    """Return what the records of all currencies say together; `rates` lead from each to the account's `currency`."""
    with localcontext(prec=_DIGITS):
        return _behaviour(sorted(records, key=lambda one: one.currency), rates, currency)


def _behaviour(every: list[CurrencyRecord], rates: Mapping[str, Decimal], currency: str) -> PaymentBehaviour:
    known = [(one, rates[one.currency]) for one in every if one.currency in rates]
    counted, late = sum(one.counted for one in every), sum(one.late for one in every)
    recent = _average((one.recent_days * rate, one.recent_weight * rate) for one, rate in known)
    earlier = _average((one.earlier_days * rate, one.earlier_weight * rate) for one, rate in known)
    whole = _average(
        ((one.recent_days + one.earlier_days) * rate, (one.recent_weight + one.earlier_weight) * rate)
        for one, rate in known
    )
    return PaymentBehaviour(
        counted_items=counted,
        late_items=late,
        share_late=(Decimal(late) / counted).quantize(SHARE_PLACES) if counted else None,
        weighted_days_late=whole,
        trend_days_late=None if recent is None or earlier is None else recent - earlier,
        purchases=rounded(sum((one.purchases * rate for one, rate in known), ZERO), currency),
        high_credit=rounded(sum((one.high_credit * rate for one, rate in known), ZERO), currency),
        first_item_on=min((one.first_item_on for one in every if one.first_item_on), default=None),
        unconverted=tuple(one.currency for one in every if one.currency not in rates),
    )


def _average(parts: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    pairs = list(parts)
    weight = sum((weight for _, weight in pairs), ZERO)
    return (sum((days for days, _ in pairs), ZERO) / weight).quantize(DAYS_PLACES) if weight else None


def days_in_window(days: Iterable[date], as_of: date) -> int:
    """Return how many of these days lie in the window up to `as_of`."""
    return sum(0 <= (as_of - day).days < WINDOW_DAYS for day in days)
