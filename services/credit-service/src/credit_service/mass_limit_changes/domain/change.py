"""What a mass change does to one account."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal

from credit_service.credit_accounts.domain import ZERO, Account, Limit
from credit_service.mass_limit_changes.domain.states import MassChangeError
from shared.money import AMOUNT_DIGITS_MAX, smallest_unit

RoundingMode = Literal["nearest", "up", "down"]
_MODES = {"nearest": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}
_LIMIT_MAX = Decimal(10) ** AMOUNT_DIGITS_MAX
_EXCLUSIVE = ("percent", "amount", "limit")


@dataclass(frozen=True, slots=True)
class Rounding:
    """New limits are multiples of `to`, in whatever currency the account has; half of it is rounded up."""

    to: Decimal
    mode: RoundingMode = "nearest"

    def applied(self, amount: Decimal) -> Decimal:
        """Return the amount rounded."""
        return (amount / self.to).quantize(Decimal(1), _MODES[self.mode]) * self.to


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed; what is None stays. `percent` and `amount` raise, or lower where negative; `limit` is the new limit."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    limit: Decimal | None = None
    currency: str | None = None
    valid_until: date | None = None
    risk_class: str | None = None
    review_on: date | None = None
    rounding: Rounding | None = None

    def ensure_sound(self) -> None:
        """Raise `MassChangeError` where nothing is stated, two things exclude each other or an amount has no currency."""
        stated = [name for name in _EXCLUSIVE if getattr(self, name) is not None]
        if len(stated) > 1:
            raise MassChangeError(f"Only one of {', '.join(_EXCLUSIVE)}.", field=f"change.{stated[1]}")
        if not stated and (self.valid_until, self.risk_class, self.review_on) == (None, None, None):
            raise MassChangeError("State percent, amount, limit, valid_until, risk_class or review_on.", field="change")
        if stated and stated[0] != "percent" and self.currency is None:
            raise MassChangeError("An amount needs its currency.", field="change.currency")
        if self.rounding is not None and not stated:
            raise MassChangeError("There is no amount to round.", field="change.rounding")


@dataclass(frozen=True, slots=True)
class Planned:
    """What an account would have. `raises` where it lets more be owed or moves the risk class, which needs authority."""

    limit: Limit
    risk_class: str
    review_on: date | None
    raises: bool


class NotPossibleError(Exception):
    """The change has no meaning for an account; carries why."""


def planned(account: Account, change: Change) -> Planned | None:
    """Return what a change would do to an account, None where nothing; raise `NotPossibleError`.

    Who was never given a limit gets none by the way: it would be one of zero, below that of the group.
    """
    before = account.limit.lasting
    amount = _new_amount(account, change)
    has_limit = account.limit_decided or change.limit is not None or amount != before.shown
    lasting = Limit.of(amount, change.valid_until or before.valid_until) if has_limit else before
    risk_class = change.risk_class or account.risk_class
    review_on = change.review_on or account.next_review_on
    if (lasting, risk_class, review_on) == (before, account.risk_class, account.next_review_on):
        return None
    return Planned(lasting, risk_class, review_on, before.is_raised_by(lasting) or risk_class != account.risk_class)


def _new_amount(account: Account, change: Change) -> Decimal | None:
    before, currency = account.limit.lasting, account.currency
    if change.limit is None and change.percent is None and change.amount is None:
        return before.shown
    if change.limit is not None:
        wanted = change.limit
    elif before.shown is None:
        raise NotPossibleError("The limit is not managed: there is no amount to change.")
    elif account.pool_id is not None and not account.limit_decided:
        raise NotPossibleError(
            "It shares the limit of its group and has none of its own: there is no amount to change."
        )
    elif change.percent is not None:
        wanted = before.shown * (100 + change.percent) / 100
    else:
        wanted = before.shown + (change.amount or ZERO)
    rounding = change.rounding or Rounding(smallest_unit(currency))
    return _fitting(rounding.applied(max(wanted, ZERO)), currency)


def _fitting(amount: Decimal, currency: str) -> Decimal:
    if amount >= _LIMIT_MAX:
        raise NotPossibleError("The new limit has more digits than an amount may have.")
    if amount != amount.quantize(smallest_unit(currency)):
        raise NotPossibleError(f"The rounding is finer than {currency} allows.")
    return amount
