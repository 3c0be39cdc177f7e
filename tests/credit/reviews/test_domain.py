from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from credit_service.credit_accounts.domain import Account, Exposure, Limit
from credit_service.reviews.domain import Horizon, NextReviewError, due, months_later, next_review

DAY = date(2026, 3, 2)
LIMIT = Limit("amount", Decimal(100), date(2026, 3, 10), Decimal(200), date(2026, 3, 5))
ACCOUNT = Account("C-1", "EUR", 1, LIMIT, "C", False, Exposure(), None, 0, next_review_on=DAY)


def within(days: int | None, due_before: date | None = None) -> Horizon:
    return Horizon.of(DAY, due_before=due_before, expiring_within_days=days)


@pytest.mark.parametrize(
    ("horizon", "reasons"),
    [
        (within(None), ["review_due"]),
        (within(None, DAY), []),
        (within(2, DAY), []),
        (within(3, DAY), ["temporary_increase_ends"]),
        (within(7), ["review_due", "temporary_increase_ends"]),
        (within(8), ["review_due", "limit_expires", "temporary_increase_ends"]),
    ],
)
def test_why_an_account_has_to_be_looked_at(horizon: Horizon, reasons: list[str]) -> None:
    found = due(ACCOUNT, horizon)

    assert (list(found.reasons) if found else []) == reasons


def test_the_earliest_day_counts_and_is_overdue_from_the_next_on() -> None:
    late = replace(ACCOUNT, next_review_on=date(2026, 2, 27))

    found = [due(late, within(0)), due(ACCOUNT, within(7)), due(replace(ACCOUNT, next_review_on=None), within(7))]

    assert [(one.due_on.day, one.days_overdue) for one in found if one] == [(27, 3), (2, 0), (5, 0)]


def test_an_account_without_days_is_not_due() -> None:
    assert due(replace(ACCOUNT, next_review_on=None, limit=Limit("zero")), within(366)) is None


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 12, "2027-12-15"),
        ("2026-03-02", 0, "2026-03-02"),
    ],
)
def test_the_same_day_months_later(day: str, months: int, later: str) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(later)


def test_the_next_review_comes_after_this_one() -> None:
    assert next_review(DAY, None, months=6) == date(2026, 9, 2)
    assert next_review(DAY, date(2026, 3, 3), months=6) == date(2026, 3, 3)
    with pytest.raises(NextReviewError):
        next_review(DAY, DAY, months=6)
