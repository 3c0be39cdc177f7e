"""How the money is spread: exactly, several items, credit memos, discounts, short, over, by amount alone."""

from datetime import date
from decimal import Decimal

import pytest

from cashapp_service.matching.domain import Method, OpenItem, RemittanceLine, Shortfall
from shared.money import Money
from tests.cashapp.matching.builders import ACME, BOLT, against, best, eur, item, proposals, receipt, taken

ACCOUNT = ACME.bank_accounts[0]


def test_one_named_document_with_the_exact_amount_is_applied_by_itself() -> None:
    found = best(receipt("100.00", "RE-1001"), item("RE-1001"))
    assert (found.method, found.on_account, found.automatic) == (Method.NAMED_EXACT, eur("0"), True)
    assert found.allocations[0].shortfall is None


def test_a_named_credit_memo_is_netted() -> None:
    found = best(receipt("70.00", "RE-1001 ./. GS-3001"), item("RE-1001"), item("GS-3001", "-30.00"))
    assert taken(found) == {"RE-1001": "100.00", "GS-3001": "-30.00"}
    assert found.automatic


def test_an_unnamed_credit_memo_that_fits_is_proposed() -> None:
    found = best(receipt("70.00", "RE-1001"), item("RE-1001"), item("GS-3001", "-30.00"), item("GS-3002", "-5.00"))
    assert (found.method, taken(found)) == (Method.NAMED_CREDIT, {"RE-1001": "100.00", "GS-3001": "-30.00"})
    assert not found.automatic


def test_an_earned_discount_is_granted() -> None:
    found = best(receipt("98.00", "RE-1001"), item("RE-1001", discount=eur("2.00")))
    assert found.method is Method.NAMED_DISCOUNT
    assert (found.allocations[0].amount, found.allocations[0].discount) == (eur("98.00"), eur("2.00"))
    assert found.automatic


def test_a_discount_that_is_not_earned_leaves_the_item_short() -> None:
    found = best(receipt("98.00", "RE-1001"), item("RE-1001"))
    assert (found.method, found.automatic) == (Method.NAMED_PARTIAL, False)


def test_a_named_invoice_paid_short_is_proposed_as_partial_and_not_applied() -> None:
    found = best(receipt("60.00", "RE-1001", payer_account=ACCOUNT), item("RE-1001"))
    (allocation,) = found.allocations
    assert (allocation.amount, allocation.shortfall) == (eur("60.00"), Shortfall.PARTIAL)
    assert not found.automatic
    assert "40.00 EUR is missing" in against(found)


@pytest.mark.parametrize(
    ("purpose", "code"),
    [
        ("RE-1001 less 20.00 DAMAGE", "damage"),
        ("RE-1001, shortage", "shortage"),
        ("RE-1001 LATE DELIVERY", "late_delivery"),
        ("RE-1001 late-delivery", "late_delivery"),
    ],
)
def test_a_reason_in_the_text_makes_it_a_short_payment_that_is_applied(purpose: str, code: str) -> None:
    found = best(receipt("80.00", purpose), item("RE-1001"))
    (allocation,) = found.allocations
    assert found.method is Method.NAMED_SHORT_PAYMENT
    assert (allocation.amount, allocation.shortfall, allocation.reason_code) == (eur("80.00"), Shortfall.DISPUTE, code)
    assert found.automatic


@pytest.mark.parametrize(
    ("amount", "purpose", "why"),
    [
        ("80.00", "RE-1001 DAMAGE and FREIGHT", "also mean freight"),
        ("40.00", "RE-1001 DAMAGE", "More than half"),
        ("150.00", "RE-1001 RE-1002 DAMAGE", "which one is short"),
    ],
)
def test_a_short_payment_that_can_be_read_in_two_ways_is_not_applied(amount: str, purpose: str, why: str) -> None:
    found = best(receipt(amount, purpose), item("RE-1001"), item("RE-1002"))
    assert not found.automatic
    assert why in against(found)


@pytest.mark.parametrize("purpose", ["RE-1001 DAMAGED", "RE-1001 PRICELIST", "RE-1001"])
def test_a_word_that_only_contains_a_reason_is_none(purpose: str) -> None:
    assert best(receipt("80.00", purpose), item("RE-1001")).method is Method.NAMED_PARTIAL


def test_a_reason_in_a_payment_in_full_changes_nothing() -> None:
    assert best(receipt("100.00", "RE-1001 FREIGHT"), item("RE-1001")).method is Method.NAMED_EXACT


def test_what_is_paid_too_much_stays_on_account() -> None:
    found = best(receipt("130.00", "RE-1001"), item("RE-1001"))
    assert (taken(found), found.on_account, found.automatic) == ({"RE-1001": "100.00"}, eur("30.00"), False)


def test_a_document_that_is_named_and_left_out_stops_the_automatic_application() -> None:
    found = best(receipt("100.00", "RE-1001 RE-5005"), item("RE-1001"), item("RE-5005", customer=BOLT))
    assert not found.automatic
    assert "RE-5005 of customer C-200" in against(found)


def test_nothing_is_proposed_across_currencies() -> None:
    dollars = OpenItem("x", "C-100", "RE-1001", Money(Decimal(100), "USD"), date(2026, 3, 1))
    found = proposals(receipt("100.00", "RE-1001", payer_account=ACCOUNT), dollars)
    assert [one.method for one in found] == [Method.ON_ACCOUNT]


@pytest.mark.parametrize(
    ("amount", "method", "numbers"),
    [
        ("50.00", Method.AMOUNT_EXACT, {"B-2"}),
        ("29.40", Method.AMOUNT_DISCOUNT, {"A-1"}),
        ("87.00", Method.AMOUNT_ALL_OPEN, {"A-1", "B-2", "C-3", "D-4"}),
        ("80.00", Method.AMOUNT_OLDEST, {"A-1", "B-2"}),
        ("62.00", Method.AMOUNT_PAIR, {"B-2", "C-3"}),
        ("61.00", Method.ON_ACCOUNT, set()),
    ],
)
def test_a_known_payer_who_names_nothing_is_matched_by_amount_and_only_proposed(
    amount: str, method: Method, numbers: set[str]
) -> None:
    items = (
        item("A-1", "30.00", due_date=date(2026, 1, 1), discount=eur("0.60")),
        item("B-2", "50.00", due_date=date(2026, 1, 2)),
        item("C-3", "12.00", due_date=date(2026, 1, 3)),
        item("D-4", "-5.00", due_date=date(2026, 1, 4)),
    )
    found = best(receipt(amount, payer_account=ACCOUNT), *items)
    assert (found.method, set(taken(found))) == (method, numbers)
    assert not found.automatic


def test_of_two_items_with_the_same_balance_the_older_is_proposed_with_doubt() -> None:
    items = item("B-2", due_date=date(2026, 2, 1)), item("A-1", due_date=date(2026, 2, 2))
    found = best(receipt("100.00", payer_account=ACCOUNT), *items)
    assert taken(found) == {"B-2": "100.00"}
    assert "2 items have this balance" in against(found)


@pytest.mark.parametrize("amount", ["0.00", "-5.00"])
def test_what_is_no_receipt_gets_no_proposal(amount: str) -> None:
    assert proposals(receipt(amount, "RE-1001"), item("RE-1001")) == ()


def line(number: str, amount: str, discount: str | None = None, reason_code: str | None = None) -> RemittanceLine:
    return RemittanceLine(number, eur(amount), eur(discount) if discount else None, reason_code)


def test_a_remittance_is_taken_at_its_word() -> None:
    lines = (
        line("RE-1001", "98.00", "2.00"),
        line("RE-1002", "80.00", reason_code="price"),
        line("RE-1003", "40.00"),
        line("GS-3001", "-30.00"),
    )
    found = best(
        receipt("188.00", remittance=lines),
        item("RE-1001", discount=eur("2.00")),
        item("RE-1002"),
        item("RE-1003"),
        item("GS-3001", "-30.00"),
    )
    assert taken(found) == {"GS-3001": "-30.00", "RE-1001": "98.00", "RE-1002": "80.00", "RE-1003": "40.00"}
    assert [(one.shortfall, one.reason_code) for one in found.allocations] == [
        (None, None),
        (None, None),
        (Shortfall.DISPUTE, "price"),
        (Shortfall.PARTIAL, None),
    ]
    assert found.automatic


@pytest.mark.parametrize(
    ("amount", "lines", "on_account", "why"),
    [
        ("150.00", (line("RE-1001", "100.00"),), "50.00", "comes to 100.00 EUR"),
        ("50.00", (line("RE-1001", "100.00"),), "0.00", "comes to 100.00 EUR"),
        ("150.00", (line("RE-1001", "150.00"),), "50.00", "cannot be placed"),
        ("150.00", (line("RE-1001", "100.00"), line("RE-9", "50.00")), "50.00", "RE-9 is not an open item"),
        ("98.00", (line("RE-1001", "98.00", "2.00"),), "0.00", "is not earned"),
        ("120.00", (line("RE-1001", "100.00"), line("RE-1001", "20.00")), "20.00", "is not an open item"),
        ("90.00", (line("RE-1001", "100.00"), line("RE-1001", "-10.00")), "0.00", "sign"),
        ("200.00", (line("RE-1001", "100.00"), line("BO-5001", "100.00")), "100.00", "other customers"),
    ],
)
def test_a_remittance_that_does_not_fit_is_only_proposed(
    amount: str, lines: tuple[RemittanceLine, ...], on_account: str, why: str
) -> None:
    found = best(receipt(amount, remittance=lines), item("RE-1001"), item("BO-5001", customer=BOLT))
    assert not found.automatic
    assert why in against(found)
    if "sign" not in why:
        assert found.on_account == eur(on_account)


def test_an_unearned_discount_in_a_remittance_is_a_shortfall_with_its_reason() -> None:
    found = best(receipt("98.00", remittance=(line("RE-1001", "98.00", "2.00"),)), item("RE-1001"))
    assert found.allocations[0].reason_code == "unearned_discount"
    assert found.allocations[0].discount == eur("0")


def test_a_discount_on_a_part_is_earned_in_proportion() -> None:
    half = best(receipt("49.00", remittance=(line("RE-1001", "49.00", "1.00"),)), item("RE-1001", discount=eur("2.00")))
    assert (half.allocations[0].discount, half.automatic) == (eur("1.00"), True)
    more = best(receipt("49.00", remittance=(line("RE-1001", "49.00", "1.01"),)), item("RE-1001", discount=eur("2.00")))
    assert (more.allocations[0].discount, more.automatic) == (eur("0.00"), False)
