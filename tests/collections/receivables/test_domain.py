"""Which money counts as a customer's payments."""

from datetime import date
from decimal import Decimal

from collections_service.receivables.domain import Application, Payment, ReceivedMoney, payments_of
from shared.money import Money

PAID = date(2026, 3, 5)


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def received(held: str | None, *applications: tuple[str, str, str], payer: str | None = "C-1") -> ReceivedMoney:
    given = [Application(item_id, customer_id, eur(amount)) for item_id, customer_id, amount in applications]
    return ReceivedMoney("rcp_1", payer, PAID, None if held is None else eur(held), given)


def payment(item_id: str | None, amount: str) -> Payment:
    return Payment("rcp_1", PAID, item_id, eur(amount))


def test_a_receipt_counts_once_whether_it_is_applied_or_not() -> None:
    assert payments_of("C-1", [received("100.00")]) == [payment(None, "100.00")]
    assert payments_of("C-1", [received("100.00", ("itm_1", "C-1", "60.00"))]) == [
        payment("itm_1", "60.00"),
        payment(None, "40.00"),
    ]


def test_money_that_went_back_counts_for_nothing_while_the_items_do_not_know_it_yet() -> None:
    assert payments_of("C-1", [received("0.00", ("itm_1", "C-1", "100.00"))]) == []


def test_what_an_item_got_counts_before_its_receipt_is_known() -> None:
    assert payments_of("C-1", [received(None, ("itm_1", "C-1", "100.00"))]) == [payment("itm_1", "100.00")]


def test_what_one_customer_pays_for_another_counts_for_the_one_who_owed_it() -> None:
    group = received("100.00", ("itm_1", "C-2", "70.00"), payer="C-1")

    assert payments_of("C-2", [group]) == [payment("itm_1", "70.00")]
    assert payments_of("C-1", [group]) == [payment(None, "30.00")]


def test_money_of_an_unknown_payer_counts_for_nobody() -> None:
    assert payments_of("C-1", [received("0.00", payer=None)]) == []
