from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_service.credit_accounts.domain import Account, Exposure, Limit
from credit_service.mass_limit_changes.domain.change import Change, NotPossibleError, Rounding, planned
from credit_service.mass_limit_changes.domain.selection import Selection
from credit_service.mass_limit_changes.domain.states import MassChangeError, SelectionError

DAY = date(2026, 3, 2)
HUNDREDS = Rounding(Decimal(100))


def account(limit: str | None = "1000.00", *, owes: str = "0", currency: str = "EUR") -> Account:
    amount = None if limit is None else Decimal(limit)
    decided = Account("C-1", currency, 1, Limit.of(amount), "C", False, Exposure(Decimal(owes)), None, 0)
    return replace(decided, limit_decided=True)


def change(**content: Any) -> Change:
    decimals = {name: Decimal(value) for name, value in content.items() if name in ("percent", "amount", "limit")}
    return Change(**content | decimals)


@pytest.mark.parametrize(
    ("before", "content", "after"),
    [
        ("1000.00", {"percent": "10"}, "1100"),
        ("1000.00", {"percent": "-100"}, "0"),
        ("1000.00", {"percent": "0.001"}, "1000.01"),
        ("1049.99", {"percent": "10", "rounding": HUNDREDS}, "1200"),
        ("1000.00", {"percent": "4.9", "rounding": HUNDREDS}, None),
        ("1000.00", {"percent": "5", "rounding": HUNDREDS}, "1100"),
        ("1000.00", {"percent": "1", "rounding": Rounding(Decimal(100), "up")}, "1100"),
        ("1000.00", {"percent": "9", "rounding": Rounding(Decimal(100), "down")}, None),
        ("1000.00", {"amount": "-1000.01", "currency": "EUR"}, "0"),
        ("1000.00", {"amount": "250", "currency": "EUR"}, "1250"),
        ("1000.00", {"limit": "0", "currency": "EUR"}, "0"),
        (None, {"limit": "500", "currency": "EUR"}, "500"),
        ("0", {"percent": "50"}, None),
        ("0", {"amount": "50", "currency": "EUR"}, "50"),
    ],
)
def test_the_new_limit_of_an_account(before: str | None, content: dict[str, Any], after: str | None) -> None:
    plan = planned(account(before), change(**content))

    assert (plan.limit.shown if plan else None) == (None if after is None else Decimal(after))


@pytest.mark.parametrize(
    ("before", "currency", "content"),
    [
        (None, "EUR", {"percent": "10"}),
        (None, "EUR", {"amount": "10", "currency": "EUR"}),
        ("900000000000000.00", "EUR", {"percent": "100"}),
        ("1000", "JPY", {"percent": "10", "rounding": Rounding(Decimal("0.3"))}),
    ],
)
def test_a_change_that_has_no_meaning_for_an_account_says_why(
    before: str | None, currency: str, content: dict[str, Any]
) -> None:
    with pytest.raises(NotPossibleError):
        planned(account(before, currency=currency), change(**content))


@pytest.mark.parametrize("pool_id", [None, "H"])
def test_a_validity_gives_no_limit_of_zero_to_who_was_never_given_any(pool_id: str | None) -> None:
    never_given = replace(account("0"), limit_decided=False, pool_id=pool_id)

    assert planned(never_given, change(valid_until=DAY)) is None
    moved = planned(never_given, change(valid_until=DAY, risk_class="B"))
    assert moved is not None
    assert moved.limit == never_given.limit


def test_a_member_without_a_limit_of_its_own_has_no_amount_to_change_but_may_be_given_one() -> None:
    member = replace(account("0"), limit_decided=False, pool_id="H")

    for content in ({"percent": "10"}, {"amount": "50", "currency": "EUR"}):
        with pytest.raises(NotPossibleError):
            planned(member, change(**content))
    given = planned(member, change(limit="500", currency="EUR"))
    assert given is not None
    assert given.limit.shown == 500


@pytest.mark.parametrize(
    ("content", "raises"),
    [
        ({"percent": "1"}, True),
        ({"percent": "-1"}, False),
        ({"risk_class": "B"}, True),
        ({"review_on": DAY}, False),
        ({"valid_until": DAY}, False),
    ],
)
def test_what_grants_more_needs_authority(content: dict[str, Any], raises: bool) -> None:
    plan = planned(account(), change(**content))

    assert plan is not None
    assert plan.raises is raises


def test_what_is_so_already_is_no_change() -> None:
    present = replace(account(), next_review_on=DAY)

    assert planned(present, change(risk_class="C", review_on=DAY)) is None


@given(
    limit=st.decimals(0, 10**9, places=2),
    percent=st.decimals(-100, 1000, places=4),
    to=st.sampled_from(["0.01", "1", "50", "100", "2500"]),
    mode=st.sampled_from(["nearest", "up", "down"]),
)
def test_a_new_limit_is_a_multiple_and_never_negative(limit: Decimal, percent: Decimal, to: str, mode: Any) -> None:
    step = Decimal(to)
    plan = planned(account(str(limit)), Change(percent=percent, rounding=Rounding(step, mode)))
    amount = (plan.limit if plan else account(str(limit)).limit).shown

    assert amount is not None
    assert amount >= 0
    if plan:
        exact = limit * (100 + percent) / 100
        assert amount % step == 0
        assert abs(amount - exact) <= (step / 2 if mode == "nearest" else step)


@pytest.mark.parametrize(
    ("owes", "limit", "below", "above", "matches"),
    [
        ("500", "1000", "0.5", None, False),
        ("499.99", "1000", "0.5", None, True),
        ("500", "1000", None, "0.5", False),
        ("500.01", "1000", None, "0.5", True),
        ("500", "1000", "0.6", "0.4", True),
        ("0", "0", "0.5", None, False),
        ("10", "0", None, "0.5", False),
        ("10", None, "0.5", None, False),
        ("10", None, None, None, True),
    ],
)
def test_accounts_are_chosen_by_the_use_of_their_limit(
    owes: str, limit: str | None, below: str | None, above: str | None, matches: bool
) -> None:
    bounds = [None if bound is None else Decimal(bound) for bound in (below, above)]
    selection = Selection(utilisation_below=bounds[0], utilisation_above=bounds[1])

    assert selection.is_used_as_asked(account(limit, owes=owes), DAY) is matches


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({}, "change"),
        ({"percent": "1", "amount": "1", "currency": "EUR"}, "change.amount"),
        ({"amount": "1"}, "change.currency"),
        ({"risk_class": "B", "rounding": HUNDREDS}, "change.rounding"),
    ],
)
def test_a_change_that_cannot_be_made_is_named(content: dict[str, Any], field: str) -> None:
    with pytest.raises(MassChangeError) as refused:
        change(**content).ensure_sound()

    assert refused.value.errors[0].field == field


def test_every_account_is_not_chosen_by_saying_nothing() -> None:
    with pytest.raises(SelectionError):
        Selection().ensure_stated()
    Selection(utilisation_above=Decimal(0)).ensure_stated()
