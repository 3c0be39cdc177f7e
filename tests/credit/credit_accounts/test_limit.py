from datetime import date
from decimal import Decimal

import pytest

from credit_service.credit_accounts.domain import Limit, NotAnIncreaseError

LAST = date(2026, 3, 31)
NEXT = date(2026, 4, 1)
HUNDRED = Limit.of(Decimal(100))
INCREASED = HUNDRED.increased(Decimal(500), LAST)


@pytest.mark.parametrize(
    ("limit", "as_of", "effective"),
    [
        (Limit.of(None), LAST, None),
        (Limit.of(Decimal(0)), LAST, Decimal(0)),
        (HUNDRED, LAST, Decimal(100)),
        (Limit.of(Decimal(100), LAST), LAST, Decimal(100)),
        (Limit.of(Decimal(100), LAST), NEXT, Decimal(0)),
        (Limit.of(None, LAST), NEXT, Decimal(0)),
        (INCREASED, LAST, Decimal(500)),
        (INCREASED, NEXT, Decimal(100)),
        (Limit.of(Decimal(0)).increased(Decimal(500), LAST), LAST, Decimal(500)),
        (Limit.of(Decimal(0)).increased(Decimal(500), LAST), NEXT, Decimal(0)),
        (Limit.of(Decimal(100), LAST).increased(Decimal(500), NEXT), NEXT, Decimal(500)),
    ],
)
def test_what_may_be_owed_on_a_day(limit: Limit, as_of: date, effective: Decimal | None) -> None:
    assert limit.effective(as_of) == effective


def test_a_limit_under_an_increase_has_not_expired() -> None:
    limit = Limit.of(Decimal(100), LAST)

    assert limit.has_expired(NEXT)
    assert not limit.increased(Decimal(500), NEXT).has_expired(NEXT)


@pytest.mark.parametrize(
    ("old", "new", "raised"),
    [
        (HUNDRED, HUNDRED, False),
        (HUNDRED, Limit.of(Decimal("100.01")), True),
        (HUNDRED, Limit.of(Decimal(0)), False),
        (HUNDRED, Limit.of(None), True),
        (Limit.of(None), HUNDRED, False),
        (Limit.of(None), Limit.of(None), False),
        (Limit.of(Decimal(0)), Limit.of(Decimal("0.01")), True),
        (HUNDRED, Limit.of(Decimal(100), LAST), False),
        (Limit.of(Decimal(100), LAST), HUNDRED, True),
        (Limit.of(Decimal(100), LAST), Limit.of(Decimal(50), NEXT), True),
        (Limit.of(Decimal(100), LAST), Limit.of(Decimal(0)), False),
        (Limit.of(None, LAST), Limit.of(None), True),
    ],
)
def test_a_limit_is_raised_by_more_or_longer(old: Limit, new: Limit, raised: bool) -> None:
    assert old.is_raised_by(new) is raised


@pytest.mark.parametrize(
    ("new", "stays"),
    [
        (Limit.of(Decimal(200)), True),
        (Limit.of(Decimal(499)), True),
        (Limit.of(Decimal(500)), False),
        (Limit.of(Decimal(100)), False),
        (Limit.of(Decimal(50)), False),
        (Limit.of(Decimal(0)), False),
        (Limit.of(None), False),
    ],
)
def test_only_a_raised_limit_keeps_the_increase_above_it(new: Limit, stays: bool) -> None:
    assert (INCREASED.followed_by(new).temporary is not None) is stays
    assert INCREASED.followed_by(new).lasting == new


@pytest.mark.parametrize("limit", [Limit.of(None), Limit.of(Decimal(500)), Limit.of(Decimal(501))])
def test_an_increase_lies_above_the_limit(limit: Limit) -> None:
    with pytest.raises(NotAnIncreaseError):
        limit.increased(Decimal(500), LAST)
