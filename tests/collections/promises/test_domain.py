"""When a promise is kept, partly kept or broken, and whose money is whose."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from collections_service.promises.domain import (
    Promise,
    Verdict,
    default_made_on,
    judge,
    judge_together,
    news,
)
from collections_service.receivables.domain import Payment
from shared.events.collections import PromiseStatus
from shared.money import Money

MADE, PROMISED = date(2026, 3, 2), date(2026, 3, 10)


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def promise(name: str = "prm_1", amount: str = "100.00", *, by: date = PROMISED, items: str = "") -> Promise:
    return Promise(name, MADE, by, 2, eur(amount), frozenset(items.split()))


def paid(amount: str, on: date = PROMISED, item: str | None = None, receipt: str = "rcp_1") -> Payment:
    return Payment(receipt, on, item, eur(amount))


def after(days: int) -> date:
    return PROMISED + timedelta(days=days)


@pytest.mark.parametrize("as_of", [MADE, PROMISED, after(1), after(2)])
def test_a_promise_is_not_broken_on_its_due_date_nor_on_its_tolerance_days(as_of: date) -> None:
    assert judge(promise(), [], as_of) == Verdict("open", eur("0"))


def test_a_promise_is_broken_on_the_day_after_its_tolerance() -> None:
    assert judge(promise(), [], after(3)) == Verdict("broken", eur("0"))


def test_a_promise_is_partially_kept_by_less_than_was_promised() -> None:
    assert judge(promise(), [paid("99.99")], after(3)) == Verdict("partially_kept", eur("99.99"))


def test_a_part_of_the_money_leaves_the_promise_open_until_its_day() -> None:
    assert judge(promise(), [paid("40.00")], PROMISED) == Verdict("open", eur("40.00"))


def test_a_promise_is_kept_as_soon_as_the_money_is_there() -> None:
    assert judge(promise(), [paid("60.00", MADE), paid("40.00", MADE)], MADE) == Verdict("kept", eur("100.00"))


def test_more_money_than_promised_keeps_it_with_what_was_promised() -> None:
    assert judge(promise(), [paid("250.00")], PROMISED).kept_amount == eur("100.00")


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (MADE - timedelta(days=1), "broken"),
        (MADE, "kept"),
        (after(2), "kept"),
        (after(3), "broken"),
    ],
)
def test_money_counts_from_the_day_of_the_promise_to_its_last_tolerance_day(on: date, status: PromiseStatus) -> None:
    assert judge(promise(), [paid("100.00", on)], after(9)).status == status


def test_money_for_another_item_does_not_keep_a_promise_that_names_its_items() -> None:
    named = promise(items="itm_1 itm_2")

    assert judge(named, [paid("100.00", item="itm_3")], after(3)).status == "broken"
    assert judge(named, [paid("50.00", item="itm_1"), paid("50.00", item="itm_2")], after(3)).status == "kept"


def test_money_on_account_keeps_a_promise_that_names_its_items() -> None:
    assert judge(promise(items="itm_1"), [paid("100.00", item=None)], after(3)).status == "kept"


def test_money_for_any_item_keeps_a_promise_that_names_none() -> None:
    assert judge(promise(), [paid("100.00", item="itm_9")], after(3)).status == "kept"


def test_money_in_another_currency_does_not_keep_a_promise() -> None:
    dollars = Payment("rcp_1", PROMISED, None, Money(Decimal("100.00"), "USD"))

    assert judge(promise(), [dollars], after(3)).status == "broken"


def test_no_money_keeps_two_promises() -> None:
    first, second = promise("prm_b"), promise("prm_a", by=after(1))

    verdicts = judge_together([(second, after(9)), (first, after(9))], [paid("150.00")])

    assert verdicts == {"prm_b": Verdict("kept", eur("100.00")), "prm_a": Verdict("partially_kept", eur("50.00"))}


def test_money_that_another_promise_names_is_taken_last() -> None:
    general, naming = promise("prm_1"), promise("prm_2", by=after(1), items="itm_1")

    verdicts = judge_together(
        [(general, after(9)), (naming, after(9))],
        [paid("100.00", MADE, "itm_1", "rcp_1"), paid("100.00", PROMISED, "itm_2", "rcp_2")],
    )

    assert {verdict.status for verdict in verdicts.values()} == {"kept"}


def test_money_that_is_not_allocated_is_left_for_who_has_no_other() -> None:
    general, naming = promise("prm_1"), promise("prm_2", by=after(1), items="itm_1")

    verdicts = judge_together(
        [(general, after(9)), (naming, after(9))],
        [paid("100.00", MADE, None, "rcp_1"), paid("100.00", PROMISED, "itm_2", "rcp_2")],
    )

    assert {verdict.status for verdict in verdicts.values()} == {"kept"}


def test_a_promise_without_items_takes_contested_money_rather_than_break() -> None:
    general, naming = promise("prm_1"), promise("prm_2", by=after(1), items="itm_1")

    verdicts = judge_together([(general, after(9)), (naming, after(9))], [paid("100.00", item="itm_1")])

    assert (verdicts["prm_1"].status, verdicts["prm_2"].status) == ("kept", "broken")


def test_the_order_in_which_promises_and_payments_are_given_changes_nothing() -> None:
    promises = [(promise(f"prm_{n}", by=after(n % 3)), after(9)) for n in range(5)]
    payments = [paid("70.00", after(-n), None, f"rcp_{n}") for n in range(5)]

    assert judge_together(promises, payments) == judge_together(promises[::-1], payments[::-1])


@pytest.mark.parametrize(
    ("before", "then", "told"),
    [
        (("open", "0"), ("open", "40"), None),
        (("open", "0"), ("kept", "100"), "kept"),
        (("open", "0"), ("broken", "0"), "broken"),
        (("open", "40"), ("partially_kept", "40"), "broken"),
        (("kept", "100"), ("open", "0"), "reopened"),
        (("kept", "100"), ("broken", "0"), "broken"),
        (("broken", "0"), ("kept", "100"), "kept"),
        (("broken", "0"), ("partially_kept", "40"), "broken"),
        (("partially_kept", "40"), ("partially_kept", "60"), "broken"),
        (("kept", "100"), ("kept", "100"), None),
    ],
)
def test_the_world_is_told_what_became_of_a_promise(
    before: tuple[PromiseStatus, str], then: tuple[PromiseStatus, str], told: str | None
) -> None:
    assert news(Verdict(before[0], eur(before[1])), Verdict(then[0], eur(then[1]))) == told


def test_a_promise_is_made_today_unless_it_says_otherwise() -> None:
    assert default_made_on(today=MADE, promised_on=PROMISED, issued_on=MADE - timedelta(days=30)) == MADE
    assert default_made_on(today=PROMISED, promised_on=PROMISED, issued_on=None) == PROMISED


def test_a_promise_entered_after_its_day_was_made_when_it_first_could_be() -> None:
    issued_on = MADE - timedelta(days=30)

    assert default_made_on(today=after(5), promised_on=PROMISED, issued_on=issued_on) == issued_on
    assert default_made_on(today=after(5), promised_on=PROMISED, issued_on=after(1)) == PROMISED
    assert default_made_on(today=after(5), promised_on=PROMISED, issued_on=None) == PROMISED
