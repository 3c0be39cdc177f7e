"""Reasons, codes and what may be done with a payment exception, on plain values."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest

from cashapp_service.applications.domain.allocation import Allocation, Shortfall
from cashapp_service.items.domain.item import Item
from cashapp_service.payment_exceptions.domain import (
    CODES,
    DAYS_TO_REACT,
    Outcome,
    ReturnReason,
    Scheme,
    Status,
    deadline,
    reason_of,
)
from cashapp_service.payment_exceptions.domain.reasons import _ALL
from cashapp_service.payment_exceptions.domain.refusals import ReasonMissingError, ReasonsDifferError
from cashapp_service.payment_exceptions.domain.reinstatement import Grants, Reopened, by_item, less, reinstated
from cashapp_service.payment_exceptions.domain.workflow import (
    CONTESTABLE,
    PRESENTATIONS_MAX,
    Facts,
    check_contest,
    check_fail,
    check_reopen,
    check_represent,
    check_resolve,
    possible_outcomes,
)
from shared.errors import OpenItemError

DAY = date(2026, 4, 7)
FACTS = Facts(
    status="open",
    outcome=None,
    reason="chargeback",
    returned_on=DAY,
    deadline_on=date(2026, 5, 7),
    presentations=0,
    evidence=1,
    recovery_receipt_id=None,
)


def refusal(check: Any, *args: Any, **options: Any) -> str | None:
    try:
        check(*args, **options)
    except OpenItemError as error:
        return error.code
    return None


def test_every_code_stands_for_one_of_our_reasons_and_for_one_scheme() -> None:
    assert len(CODES) == len(_ALL)
    assert {one.reason for one in _ALL} == set(get_args(ReturnReason)) == set(DAYS_TO_REACT)
    assert {one.scheme for one in _ALL} == set(get_args(Scheme))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("R01", "nsf"),
        ("R02", "closed_account"),
        ("R08", "stopped"),
        ("R10", "recalled"),
        ("R24", "duplicate"),
        ("AC04", "closed_account"),
        ("AM04", "nsf"),
        ("MD06", "recalled"),
        ("C", "stopped"),
        ("10.4", "chargeback"),
        ("12.6", "duplicate"),
        ("11.3", "card_error"),
        ("4853", "chargeback"),
        ("4834", "card_error"),
    ],
)
def test_a_schemes_code_tells_the_reason(code: str, reason: str) -> None:
    assert reason_of(None, code) == reason


def test_an_unknown_code_needs_a_reason_and_a_known_one_takes_no_other() -> None:
    assert reason_of("nsf", "ZZ99") == "nsf"
    with pytest.raises(ReasonMissingError):
        reason_of(None, "ZZ99")
    with pytest.raises(ReasonMissingError):
        reason_of(None, None)
    with pytest.raises(ReasonsDifferError):
        reason_of("nsf", "R02")


@pytest.mark.parametrize("reason", DAYS_TO_REACT)
def test_every_reason_has_a_deadline_after_the_return(reason: Any) -> None:
    assert deadline(reason, DAY) > DAY


def test_a_scheme_may_set_a_deadline_of_its_own() -> None:
    assert deadline("chargeback", DAY, "4853") == date(2026, 5, 22)
    assert deadline("chargeback", DAY, "10.4") == date(2026, 5, 7)
    assert deadline("nsf", DAY, "R01") == deadline("nsf", DAY)


@pytest.mark.parametrize(
    ("change", "on", "code"),
    [
        ({}, DAY, None),
        ({}, date(2026, 5, 7), None),
        ({}, date(2026, 5, 8), "deadline_passed"),
        ({}, date(2026, 4, 6), "before_return"),
        ({"evidence": 0}, DAY, "evidence_missing"),
        ({"reason": "nsf"}, DAY, "step_not_possible"),
        ({"reason": "recalled"}, DAY, "step_not_possible"),
        ({"status": "contested"}, DAY, "step_not_possible"),
        ({"status": "represented"}, DAY, "step_not_possible"),
        ({"status": "resolved", "outcome": "lost"}, DAY, "already_resolved"),
    ],
)
def test_a_chargeback_is_contested_with_evidence_until_its_deadline(change: Any, on: date, code: str | None) -> None:
    assert refusal(check_contest, replace(FACTS, **change), on) == code


@pytest.mark.parametrize(
    ("change", "on", "code"),
    [
        ({}, DAY, None),
        ({"presentations": 1}, DAY, None),
        ({"presentations": 2}, DAY, "step_not_possible"),
        ({"reason": "stopped"}, DAY, None),
        ({"reason": "stopped", "presentations": 1}, DAY, "step_not_possible"),
        ({"reason": "closed_account"}, DAY, "step_not_possible"),
        ({"reason": "recalled"}, DAY, "step_not_possible"),
        ({"status": "represented"}, DAY, "step_not_possible"),
        ({"status": "resolved", "outcome": "lost"}, DAY, "already_resolved"),
        ({}, date(2026, 4, 6), "before_return"),
    ],
)
def test_a_payment_is_presented_again_as_often_as_its_reason_allows(change: Any, on: date, code: str | None) -> None:
    assert refusal(check_represent, replace(FACTS, **{"reason": "nsf"} | change), on) == code


def test_only_what_was_presented_again_can_fail() -> None:
    assert refusal(check_fail, replace(FACTS, status="represented"), DAY) is None
    assert refusal(check_fail, replace(FACTS, status="represented"), date(2026, 4, 6)) == "before_return"
    assert refusal(check_fail, FACTS, DAY) == "step_not_possible"


OUTCOMES: dict[tuple[str, str], set[str]] = {
    ("open", "nsf"): {"replaced", "collected", "written_off", "accepted"},
    ("open", "chargeback"): {"lost", "replaced", "collected", "written_off", "accepted"},
    ("contested", "chargeback"): {"won", "lost", "replaced", "collected", "written_off", "accepted"},
    ("represented", "nsf"): {"represented", "replaced", "collected", "written_off", "accepted"},
}


@pytest.mark.parametrize("outcome", get_args(Outcome))
@pytest.mark.parametrize(("status", "reason"), OUTCOMES)
def test_what_an_exception_ends_as_depends_on_where_it_stands(status: Any, reason: Any, outcome: Any) -> None:
    facts = replace(FACTS, status=status, reason=reason)
    value_date = DAY if outcome in ("won", "represented") else None
    possible = outcome in OUTCOMES[status, reason]

    code = refusal(check_resolve, facts, outcome, on=DAY, value_date=value_date, receipt_id=None)

    assert code == (None if possible else "outcome_not_possible")
    assert (outcome in possible_outcomes(facts)) == possible


@pytest.mark.parametrize(
    ("outcome", "value_date", "receipt_id", "code"),
    [
        ("won", None, None, "money_back_missing"),
        ("won", DAY, None, None),
        ("won", None, "rcp_1", None),
        ("won", date(2026, 4, 6), None, "before_return"),
        ("lost", DAY, None, "no_money_back"),
        ("lost", None, "rcp_1", "no_money_back"),
        ("replaced", None, "rcp_1", None),
        ("replaced", DAY, None, "no_money_back"),
    ],
)
def test_an_outcome_says_of_the_money_what_is_true_of_it(
    outcome: Any, value_date: Any, receipt_id: Any, code: str | None
) -> None:
    facts = replace(FACTS, status="contested")

    assert refusal(check_resolve, facts, outcome, on=DAY, value_date=value_date, receipt_id=receipt_id) == code


def test_nothing_is_resolved_before_it_was_returned() -> None:
    day = date(2026, 4, 6)

    assert refusal(check_resolve, FACTS, "lost", on=day, value_date=None, receipt_id=None) == "before_return"


def test_an_exception_is_reopened_unless_its_money_came_back() -> None:
    lost = replace(FACTS, status="resolved", outcome="lost")

    assert refusal(check_reopen, FACTS) == "not_resolved"
    assert refusal(check_reopen, lost) is None
    assert refusal(check_reopen, replace(lost, outcome="replaced", recovery_receipt_id="rcp_1")) is None
    assert refusal(check_reopen, replace(lost, outcome="won", recovery_receipt_id="rcp_1")) == "money_came_back"


def test_no_status_and_no_reason_was_forgotten() -> None:
    assert set(get_args(Status)) == {"open", "contested", "represented", "resolved"}
    assert CONTESTABLE | PRESENTATIONS_MAX.keys() | {"closed_account", "recalled"} == set(get_args(ReturnReason))


def item(balance: str, item_id: str = "i") -> Item:
    return Item(
        item_id=item_id,
        company_code="1000",
        number=item_id,
        kind="invoice",
        customer_id="C-1",
        issue_date=DAY,
        due_date=DAY,
        postable_from=DAY,
        amount=Decimal("1000.00"),
        balance=Decimal(balance),
        currency="EUR",
    )


def reopened(amount: str, discount: str = "0", tolerance: str = "0", item_id: str = "i") -> Reopened:
    return Reopened(item_id, item_id, Decimal(amount), Decimal(discount), Decimal(tolerance))


def as_before(*, tolerance: str = "5", left: str = "20") -> Grants:
    """Grant each discount as it was, and tolerance up to so much per item and so much of all together."""
    return Grants(
        discount=lambda _, __, before: before,
        tolerance=lambda _: Decimal(tolerance),
        tolerance_left=Decimal(left),
    )


@pytest.mark.parametrize(
    ("balance", "available", "won", "taken"),
    [
        ("1000.00", "978", True, ("978", "20", "2")),
        ("1000.00", "978", False, ("978", "0", "0")),
        ("999.00", "978", True, ("978", "20", "0")),
        ("300.00", "978", True, ("300", "0", "0")),
        ("1000.00", "500", True, ("500", "20", "0")),
    ],
)
def test_money_that_came_back_pays_what_is_open_and_grants_what_was_granted(
    balance: str, available: str, won: bool, taken: tuple[str, str, str]
) -> None:
    was = [reopened("978", "20", "2")]

    (wanted,) = reinstated(was, {"i": item(balance)}, Decimal(available), grants=as_before() if won else None)

    assert (wanted.amount, wanted.discount, wanted.tolerance_write_off) == tuple(map(Decimal, taken))


@pytest.mark.parametrize(
    ("limits", "written_off"),
    [
        ({}, ["2", "2"]),
        ({"tolerance": "1.99"}, ["0", "0"]),
        ({"left": "2"}, ["2", "0"]),
        ({"left": "3.99"}, ["2", "0"]),
    ],
)
def test_small_differences_stay_open_that_may_not_be_written_off_any_more(
    limits: dict[str, str], written_off: list[str]
) -> None:
    was = [reopened("998", tolerance="2", item_id=one) for one in ("a", "b")]

    found = reinstated(was, {"a": item("1000", "a"), "b": item("1000", "b")}, Decimal(2000), grants=as_before(**limits))

    assert [(one.amount, one.tolerance_write_off) for one in found] == [
        (Decimal(998), Decimal(one)) for one in written_off
    ]


def test_nothing_is_paid_of_what_was_paid_otherwise_or_has_no_money_left() -> None:
    was = [reopened("500", item_id="a"), reopened("500", item_id="b"), reopened("500", item_id="gone")]
    items = {"a": item("0.00", "a"), "b": item("1000.00", "b")}

    assert reinstated(was, items, Decimal(0), grants=as_before()) == ()
    assert [one.item_id for one in reinstated(was, items, Decimal(900), grants=as_before())] == ["b"]


def took(item_id: str, amount: str, currency: str = "EUR", **fields: Any) -> Allocation:
    """Return what an application took of an item."""
    none = Decimal(0)
    return Allocation(
        item_id=item_id,
        number=item_id,
        customer_id="C-1",
        currency=currency,
        payment=Decimal(amount),
        receipt_amount=Decimal(amount),
        credit=none,
        discount=none,
        discount_earned=none,
        tolerance=none,
        **fields,
    )


def short(amount: str, kind: Shortfall = "dispute", **fields: Any) -> dict[str, Any]:
    """Return how an allocation is short."""
    return {"shortfall": kind, "shortfall_amount": Decimal(amount), "reason_code": "price"} | fields


def test_what_several_applications_paid_of_an_item_is_one_and_other_currencies_are_left_out() -> None:
    found = by_item([took("a", "10"), took("b", "7", "USD"), took("a", "5")], "EUR")

    assert [(one.item_id, one.amount) for one in found] == [("a", Decimal(15))]


def test_the_first_short_payment_of_an_item_is_the_one_that_goes_on_and_an_open_rest_is_none() -> None:
    taken = [
        took("a", "10", **short("90", "partial")),
        took("a", "10", **short("80", short_payment_id="shp_1", short_payment_version=1)),
        took("a", "10", **short("70", short_payment_id="shp_2", short_payment_version=1)),
    ]

    (found,) = by_item(taken, "EUR")

    assert found.short_payment is not None
    assert (found.short_payment.short_payment_id, found.short_payment.amount) == ("shp_1", Decimal(80))


@pytest.mark.parametrize(
    ("balance", "available", "held_back"),
    [("1000", "950", "50"), ("1000", "650", "50"), ("980", "950", "30"), ("950", "950", None), ("1000", "0", None)],
    ids=["as before", "a part came back", "less is open", "the rest was paid", "all came back"],
)
def test_what_was_held_back_is_held_back_again_as_far_as_it_is_open(
    balance: str, available: str, held_back: str | None
) -> None:
    was = by_item([took("i", "950", **short("50", short_payment_id="shp_1", short_payment_version=3))], "EUR")

    again = reinstated(was, {"i": item(balance)}, Decimal(available), grants=as_before())

    shorts = [one.short_of(Decimal(balance) - one.cleared) for one in again if one.shortfall]
    assert shorts == ([Decimal(held_back)] if held_back else [])
    assert [one.goes_on for one in again if one.shortfall] == [one.short_payment for one in was if held_back]


def test_what_goes_on_with_a_part_is_none_of_what_the_rest_brings_back() -> None:
    was = by_item([took("a", "950", **short("50")), took("b", "950", **short("50"))], "EUR")

    again = reinstated(was, {"a": item("1000", "a"), "b": item("1000", "b")}, Decimal(600), grants=None)

    assert [(one.item_id, one.amount, one.short_payment is None) for one in less(was, again)] == [
        ("a", Decimal(350), True),
        ("b", Decimal(950), False),
    ]
