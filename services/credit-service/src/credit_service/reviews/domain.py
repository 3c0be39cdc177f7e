"""When a review is due, and what one may conclude."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from credit_service.credit_accounts.domain import Account
from shared.days import LAST_DAY, days_late
from shared.errors import InvalidError

Outcome = Literal["confirmed", "change_requested", "problem"]
Reason = Literal["review_due", "limit_expires", "temporary_increase_ends"]


class NextReviewError(InvalidError):
    """The next review must come after this one."""

    code = "next_review"

    def __init__(self, reviewed_on: date) -> None:
        super().__init__(f"The next review comes after {reviewed_on}.", field="next_review_on")


@dataclass(frozen=True, slots=True)
class Horizon:
    """Which accounts are asked for: reviews due before a day, and limits that end in the days up to another, inclusive."""

    as_of: date
    due_before: date
    limits_until: date | None

    @classmethod
    def of(cls, as_of: date, *, due_before: date | None, expiring_within_days: int | None) -> "Horizon":
        """Return what is asked for; without `due_before` what is due on `as_of` or was before."""
        tomorrow = min(as_of, LAST_DAY) + timedelta(days=1)
        until = None if expiring_within_days is None else as_of + timedelta(days=expiring_within_days)
        return cls(as_of, due_before or tomorrow, until)


@dataclass(frozen=True, slots=True)
class Due:
    """Why somebody has to look at an account, and since when or until when: the earliest of the days."""

    due_on: date
    reasons: tuple[Reason, ...]
    days_overdue: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Who a customer is, who watches it, and when it was reviewed last."""

    name: str
    credit_analyst: str | None
    last_reviewed_on: date | None


def due(account: Account, horizon: Horizon) -> Due | None:
    """Return why an account has to be looked at, None where it need not be."""
    until = horizon.limits_until
    days: dict[Reason, date | None] = {
        "review_due": account.next_review_on,
        "limit_expires": account.limit.valid_until,
        "temporary_increase_ends": account.limit.temporary_until,
    }
    counted: dict[Reason, date] = {
        reason: day
        for reason, day in days.items()
        if day is not None
        and (day < horizon.due_before if reason == "review_due" else until is not None and day <= until)
    }
    if not counted:
        return None
    earliest = min(counted.values())
    return Due(earliest, tuple(counted), days_late(earliest, horizon.as_of))


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_review(reviewed_on: date, asked: date | None, *, months: int) -> date:
    """Return the day of the next review, after the months of the risk class where none is asked for."""
    day = asked or min(months_later(reviewed_on, months), LAST_DAY)
    if day <= reviewed_on:
        raise NextReviewError(reviewed_on)
    return day
