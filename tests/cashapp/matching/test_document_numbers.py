"""A document number is found however it is written, and is not found in what only contains its digits."""

import pytest

from tests.cashapp.matching.builders import ACME, BOLT, against, best, item, proposals, receipt, taken

NUMBER = "RE-2024-00017"


@pytest.mark.parametrize(
    "purpose",
    [
        "RE-2024-00017",
        "re-2024-00017",
        "RE-2024 / 00017",
        "RE 2024/17",
        "RE2024-17",
        "RE202400017",
        "Rechnung RE-2024-00017 vom 17.03.2024",
        "Rechnung:RE-2024-00017, danke",
        "Zahlung fuer RE-2024-0001 7 vom 1.3.",
        "Zahlung fuer RE-2024-\n00017",
        "SVWZ+RE-2024-00017EUR 100,00",
        "RE‑2024‑00017".replace("‑", "-"),
        "ＲＥ-２０２４-００017",
        "RE_2024_00017 / Kd.Nr. 4711",
        "RE-2024-00017 DE89370400440532013000",
        "Inv.No. RE-2024-00017 (100.00)",
    ],
)
def test_a_number_is_found_however_it_is_written(purpose: str) -> None:
    found = best(receipt("100.00", purpose), item(NUMBER), item("RE-2024-00018"))
    assert taken(found) == {NUMBER: "100.00"}
    assert found.automatic


@pytest.mark.parametrize(
    ("number", "purpose"),
    [
        ("0000123456", "123456"),
        ("123456", "0000123456"),
        ("123456", "Rechnungsnr. 123456"),
        ("123456", "RE123456"),
        ("123456", "RG-123456"),
        ("20240017", "2024 0017"),
        ("F/2024/333", "Faktura F 2024 333"),
        ("RE-2024-00017", "Rechnung 2024-00017"),
    ],
)
def test_zeros_prefixes_and_gaps_do_not_hide_a_number_of_a_known_payer(number: str, purpose: str) -> None:
    found = best(receipt("100.00", purpose, payer_name="ACME"), item(number))
    assert taken(found) == {number: "100.00"}
    assert found.automatic


@pytest.mark.parametrize(
    ("number", "purpose"),
    [
        ("10017", "Invoice 100178"),
        ("10017", "Invoice 510017"),
        ("3704", "from DE89 3704 0044 0532 0130 00"),
        ("3704", "from DE89 3704 0044 0532 0130 00 RE"),
        ("0044", "from DE89 3704 0044 0532 0130 00"),
        ("2024", "paid on 17.03.2024"),
        ("2024", "paid on 2024-03-17"),
        ("1250", "EUR 1250,00"),
        ("1250", "EUR 1.250,00 paid"),
        ("1234567", "Tel. 089/1234567"),
        ("1234567", "call +49 89 1234567"),
        ("17", "Invoice 17"),
    ],
)
def test_digits_inside_something_else_name_nothing(number: str, purpose: str) -> None:
    assert proposals(receipt("100.00", purpose), item(number)) == ()


@pytest.mark.parametrize(
    ("number", "purpose", "why"),
    [
        ("10017", "2024/10017", "cling to 10017"),
        ("10017", "10017-99", "cling to 10017"),
        ("10017", "10017A", "cling to 10017"),
        ("10017", "Kd.Nr. 10017", "something else"),
        ("10017", "PO 10017", "something else"),
        ("10017", "100 17", "joined over a gap"),
        ("2024.17", "EUR 2024.17", "reads as an amount"),
        ("100", "Invoice 100", "too short"),
        ("RE-2024-00017", "XY-2024-00017", "Other letters"),
    ],
)
def test_a_doubtful_number_is_proposed_and_never_applied_by_itself(number: str, purpose: str, why: str) -> None:
    found = best(receipt("100.00", purpose, payer_account=ACME.bank_accounts[0]), item(number))
    assert taken(found) == {number: "100.00"}
    assert not found.automatic
    assert why in against(found)


@pytest.mark.parametrize("number", ["1001", "RE-1001"])
def test_the_same_number_of_two_customers_is_never_applied_by_itself(number: str) -> None:
    found = proposals(
        receipt("100.00", number, payer_account=ACME.bank_accounts[0]), item(number), item(number, customer=BOLT)
    )
    assert {one.customer_id for one in found} == {"C-100", "C-200"}
    assert not any(one.automatic for one in found)
    assert "also that of customer C-200" in against(found[0])


def test_the_same_number_of_one_customer_in_two_companies_is_never_applied_by_itself() -> None:
    found = best(receipt("100.00", "RE-1001"), item("RE-1001", item_id="a/1"), item("RE-1001", item_id="b/1"))
    assert not found.automatic


def test_a_longer_number_hides_the_shorter_one_inside_it() -> None:
    found = best(receipt("100.00", "RE-2024-00017"), item("RE-2024-00017"), item("2024-00017"), item("00017"))
    assert taken(found) == {"RE-2024-00017": "100.00"}
    assert found.automatic


def test_a_gap_that_may_end_the_number_or_not_makes_both_readings_doubtful() -> None:
    items = item("RE-1001", "70.00"), item("RE-10017", "100.00")
    shorter = best(receipt("70.00", "RE-1001 7 Stueck"), *items)
    longer = best(receipt("100.00", "RE-1001 7"), *items)
    assert (taken(shorter), taken(longer)) == ({"RE-1001": "70.00"}, {"RE-10017": "100.00"})
    assert not shorter.automatic
    assert not longer.automatic


def test_a_short_number_from_an_unknown_payer_is_not_applied_by_itself() -> None:
    assert not best(receipt("100.00", "Invoice 1001"), item("1001")).automatic
    assert best(receipt("100.00", "Invoice 1001", payer_name="ACME GmbH"), item("1001")).automatic


@pytest.mark.parametrize(
    ("purpose", "numbers"),
    [
        ("RE-1001, RE-1002 und RE-1003", ["RE-1001", "RE-1002", "RE-1003"]),
        ("RE-1001/RE-1002/RE-1003", ["RE-1001", "RE-1002", "RE-1003"]),
        ("RE-1001, 1002, 1003", ["RE-1001", "RE-1002", "RE-1003"]),
        ("RE-1001, 02, 03", ["RE-1001", "RE-1002", "RE-1003"]),
        ("RE-1001/2/3", ["RE-1001", "RE-1002", "RE-1003"]),
        ("RE-1001 + 1002 & 1003", ["RE-1001", "RE-1002", "RE-1003"]),
        ("RE-1001 bis RE-1003", ["RE-1001", "RE-1002", "RE-1003"]),
        ("RE-1001 to 1003", ["RE-1001", "RE-1002", "RE-1003"]),
        ("RE-1001 - RE-1003", ["RE-1001", "RE-1002", "RE-1003"]),
        ("RE-1001-1003", ["RE-1001", "RE-1002", "RE-1003"]),
    ],
)
def test_lists_and_ranges_name_all_their_numbers(purpose: str, numbers: list[str]) -> None:
    items = [item(f"RE-{value}", f"{value}.00") for value in range(1000, 1006)]
    found = best(receipt("3006.00", purpose), *items)
    assert sorted(taken(found)) == numbers
    assert found.automatic


def test_both_ends_of_a_range_alone_are_taken_where_only_they_fit_the_amount() -> None:
    items = [item(f"RE-{value}", f"{value}.00") for value in range(1000, 1006)]
    assert sorted(taken(best(receipt("2004.00", "RE-1001 - RE-1003"), *items))) == ["RE-1001", "RE-1003"]


def test_a_list_that_the_amount_does_not_prove_is_not_applied_by_itself() -> None:
    items = [item(f"RE-{value}", f"{value}.00") for value in range(1000, 1006)]
    assert not best(receipt("3000.00", "RE-1001, 1002, 1003"), *items).automatic


def test_a_customers_order_leads_to_its_invoices() -> None:
    items = item("RE-1001", "60.00", po_number="PO-4500123"), item("RE-1002", "40.00", po_number="PO-4500123")
    found = best(receipt("100.00", "your PO-4500123", payer_name="ACME"), *items)
    assert taken(found) == {"RE-1001": "60.00", "RE-1002": "40.00"}
    assert not found.automatic


def test_an_order_beside_the_number_is_no_obstacle() -> None:
    items = item("RE-1001", "60.00", order_id="SO-77001"), item("RE-1002", "40.00", order_id="SO-77001")
    found = best(receipt("60.00", "RE-1001 order SO-77001"), *items)
    assert taken(found) == {"RE-1001": "60.00"}
    assert found.automatic


def test_a_payment_reference_names_its_item() -> None:
    found = best(receipt("100.00", "RF18539007547034"), item("RE-1001", reference="RF18 5390 0754 7034"))
    assert found.automatic


def test_a_number_in_the_end_to_end_reference_is_found() -> None:
    assert best(receipt("100.00", "", references=("RE-1001",)), item("RE-1001")).automatic
