"""What a customer deducts as cash discount, divided by what the terms grant; and what is there no more."""

from typing import Any

from tests.cashapp.driver import Cashapp, takes


async def test_an_unearned_deduction_is_divided_by_the_terms(books: Cashapp) -> None:
    item = await books.invoice("UNEARNED-1", "1000.00", payment_terms="2/20 net 30")
    receipt = await books.receipt("970.00", customer_id="C-1", value_date="2026-03-21")

    answer = await books.apply(receipt, takes(item, "970.00", discount_taken="30.00"))

    assert answer.status_code == 201, answer.text
    (taken,) = answer.json()["allocations"]
    assert (taken["discount"], taken["shortfall"], taken["shortfall_amount"]) == ("19.80", "dispute", "10.20")
    assert taken["reason_code"] == "unearned_discount"


async def test_a_deduction_after_the_last_day_is_no_discount_at_all(books: Cashapp) -> None:
    item = await books.invoice("UNEARNED-2", "1000.00", payment_terms="2/20 net 30")
    receipt = await books.receipt("980.00", customer_id="C-1", value_date="2026-03-22")

    answer = await books.apply(receipt, takes(item, "980.00", discount_taken="20.00", shortfall="residual"))

    (taken,) = answer.json()["allocations"]
    assert (taken["discount"], taken["reason_code"]) == ("0.00", "unearned_discount")
    assert (await books.item(taken["residual_item_id"]))["balance"] == "20.00"


async def test_a_deduction_that_the_terms_grant_is_a_discount(books: Cashapp) -> None:
    item = await books.invoice("UNEARNED-3", "1000.00", payment_terms="2/20 net 30")
    receipt = await books.receipt("980.00", customer_id="C-1", value_date="2026-03-21")

    answer = await books.apply(receipt, takes(item, "980.00", discount_taken="20.00"))
    twice = await books.apply(receipt, takes(item, "1.00", discount_taken="1.00", discount="1.00"))

    assert answer.json()["allocations"][0]["discount"] == "20.00"
    assert (await books.item(item["id"]))["status"] == "cleared"
    assert (twice.status_code, twice.json()["code"]) == (422, "discount_twice")


async def test_an_item_that_is_cleared_takes_nothing_and_says_what_to_do(books: Cashapp) -> None:
    item = await books.invoice("CLEARED-1", "10.00")
    await books.apply(await books.receipt("10.00", customer_id="C-1"), takes(item, "10.00"))

    answer = await books.apply(await books.receipt("10.00", customer_id="C-1"), takes(item, "10.00"))

    assert (answer.status_code, answer.json()["code"]) == (409, "item_cleared")


async def test_a_deduction_beyond_the_balance_is_refused(books: Cashapp) -> None:
    item = await books.invoice("UNEARNED-4", "100.00", payment_terms="2/20 net 30")

    answer = await books.apply(
        await books.receipt("90.00", customer_id="C-1"), takes(item, "90.00", discount_taken="10.01")
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "item_balance_exceeded")


async def test_of_an_item_that_is_paid_in_part_the_rest_is_no_deduction(books: Cashapp) -> None:
    item = await books.invoice("UNEARNED-5", "1000.00")

    answer = await books.apply(
        await books.receipt("400.00", customer_id="C-1"), takes(item, "400.00", discount_taken="20.00")
    )

    (taken,) = answer.json()["allocations"]
    assert (taken["shortfall"], (await books.item(item["id"]))["balance"]) == ("partial", "600.00")
    assert item["id"] not in [one.item.item_id for one in await books.events("payment.short_paid")]  # type: ignore[attr-defined]


async def test_an_overpayment_stays_on_account_and_pays_the_next_item(books: Cashapp) -> None:
    first, second = await books.invoice("OVER-1", "100.00"), await books.invoice("OVER-2", "50.00")
    receipt = await books.receipt("120.00", customer_id="C-1")

    over = await books.apply(receipt, takes(first, "100.00"), on_account="20.00")
    await books.apply(receipt, takes(second, "20.00"))
    await books.apply(await books.receipt("30.00", customer_id="C-1"), takes(second, "30.00"))

    assert (over.json()["receipt"]["status"], over.json()["receipt"]["on_account"]) == ("partially_applied", "20.00")
    assert {(await books.item(one["id"]))["status"] for one in (first, second)} == {"cleared"}


async def test_the_tolerance_of_a_receipt_holds_over_all_its_applications(books: Cashapp) -> None:
    items = [await books.invoice(f"TOLERANCE-{n}", "500.00") for n in range(5)]
    receipt = await books.receipt("5000.00", customer_id="C-1")

    applied = [await books.apply(receipt, takes(item, "495.00", tolerance_write_off="5.00")) for item in items]
    await books.post(f"/v1/applications/{applied[0].json()['id']}/reverse", {})
    again = await books.apply(receipt, takes(items[4], "495.00", tolerance_write_off="5.00"))

    assert [one.status_code for one in applied] == [201, 201, 201, 201, 422]
    assert applied[4].json()["code"] == "tolerance_exceeded"
    assert again.status_code == 201, again.text


async def test_the_rest_of_an_item_with_the_longest_number_has_a_number_too(books: Cashapp) -> None:
    items = [await books.invoice("N" * 63 + end, "100.00") for end in "12"]

    receipt = await books.receipt("120.00", customer_id="C-1")
    answer = await books.apply(
        receipt, *(takes(item, "60.00", shortfall="residual", reason_code="price") for item in items)
    )

    assert answer.status_code == 201, answer.text
    rests = [await books.item(one["residual_item_id"]) for one in answer.json()["allocations"]]
    assert len({one["number"] for one in rests}) == 2


async def test_the_discounts_of_parts_come_to_that_of_the_whole(books: Cashapp) -> None:
    item = await books.invoice("PARTS-1", "1.00", payment_terms="2/20 net 30")
    receipt = await books.receipt("1.00", customer_id="C-1")

    # A quarter earns half a cent, which would be rounded up four times.
    granted = [
        (await books.apply(receipt, takes(item, "0.24", discount_taken="0.01", shortfall="partial"))).json()
        for _ in range(4)
    ]

    assert [one["allocations"][0]["discount"] for one in granted] == ["0.01", "0.00", "0.00", "0.01"]


async def test_the_last_part_takes_what_rounding_left_of_the_discount(books: Cashapp) -> None:
    item = await books.invoice("PARTS-2", "100.00", payment_terms="2/20 net 30")
    parts = [("32.68", "0.66"), ("32.67", "0.67"), ("32.65", "0.67")]

    answers = []
    for paid, discount in parts:
        receipt = await books.receipt(paid, customer_id="C-1")
        answers.append(await books.apply(receipt, takes(item, paid, discount=discount)))

    assert [one.status_code for one in answers] == [201, 201, 201], answers[-1].text
    assert (await books.item(item["id"]))["status"] == "cleared"


async def test_a_part_paid_too_late_is_granted_no_discount_that_an_earlier_one_left(books: Cashapp) -> None:
    item = await books.invoice("PARTS-3", "1000.00", payment_terms="2/20 net 30")
    await books.apply(await books.receipt("500.00", customer_id="C-1"), takes(item, "500.00"))

    late = await books.receipt("490.00", customer_id="C-1", value_date="2026-03-22")
    refused = await books.apply(late, takes(item, "490.00", discount="10.00"))
    in_time = await books.receipt("480.00", customer_id="C-1")
    granted = await books.apply(in_time, takes(item, "480.00", discount="20.00"))

    assert (refused.status_code, granted.status_code) == (422, 201), granted.text
    assert (await books.item(item["id"]))["status"] == "cleared"


async def test_a_part_that_is_reversed_gives_its_discount_back(books: Cashapp) -> None:
    item = await books.invoice("PARTS-4", "1000.00", payment_terms="2/20 net 30")
    receipt = await books.receipt("1000.00", customer_id="C-1")

    first = await books.apply(receipt, takes(item, "490.00", discount="10.00"))
    await books.post(f"/v1/applications/{first.json()['id']}/reverse", {})
    too_much = await books.apply(receipt, takes(item, "480.00", discount="20.00"))
    again = await books.apply(receipt, takes(item, "980.00", discount="20.00"))

    assert (too_much.status_code, again.status_code) == (422, 201), again.text


async def test_parts_of_a_yen_are_rounded_over_all_of_them(books: Cashapp) -> None:
    item = await books.invoice("PARTS-5", "75", payment_terms="2/20 net 30", currency="JPY")
    receipt = await books.receipt("75", customer_id="C-1", currency="JPY")

    answers = [
        await books.apply(receipt, takes(item, "25", shortfall="partial")),
        await books.apply(receipt, takes(item, "24", discount="1")),
        await books.apply(receipt, takes(item, "24", discount="1")),
    ]

    # 1.5 yen of the whole are 2; a yen was granted with the second part, so that one is left for the third.
    assert [one.status_code for one in answers] == [201, 201, 201]


async def test_what_a_reversed_part_had_earned_is_carried_no_more(books: Cashapp) -> None:
    item = await books.invoice("PARTS-6", "75", payment_terms="2/20 net 30", currency="JPY")
    receipt = await books.receipt("75", customer_id="C-1", currency="JPY")

    # It earned half a yen that was not granted.
    first = await books.apply(receipt, takes(item, "25", shortfall="partial"))
    await books.post(f"/v1/applications/{first.json()['id']}/reverse", {})
    too_much = await books.apply(receipt, takes(item, "24", discount="2"))
    right = await books.apply(receipt, takes(item, "24", discount="1"))

    assert (too_much.status_code, right.status_code) == (422, 201)


async def rest_of(books: Cashapp, item: dict[str, Any]) -> str:
    receipt = await books.receipt("1.00", customer_id="C-1")
    answer = await books.apply(receipt, takes(item, "1.00", shortfall="residual", reason_code="price"))
    assert answer.status_code == 201, answer.text
    return str((await books.item(answer.json()["allocations"][0]["residual_item_id"]))["number"])


async def test_a_rest_takes_the_first_number_that_nobody_has(books: Cashapp) -> None:
    first = await books.invoice("NUMBER-1", "100.00")
    await books.invoice("NUMBER-1-R-2", "5.00")
    second = await books.invoice("NUMBER-2", "100.00")
    await books.invoice("NUMBER-2-R", "5.00")
    await books.invoice("NUMBER-2-R-3", "5.00")
    third = await books.invoice("NUMBER-3", "100.00")
    await books.invoice("NUMBER-3-R", "100.00", payment_terms="50% 10, 50% 60")

    assert [await rest_of(books, one) for one in (first, second, third)] == [
        "NUMBER-1-R",
        "NUMBER-2-R-2",
        "NUMBER-3-R-2",
    ]


async def test_two_rests_of_one_payment_do_not_share_a_number(books: Cashapp) -> None:
    items = [await books.invoice(start + "N" * 63, "100.00") for start in "AB"]
    receipt = await books.receipt("120.00", customer_id="C-1")

    answer = await books.apply(
        receipt, *(takes(item, "60.00", shortfall="residual", reason_code="price") for item in items)
    )

    assert answer.status_code == 201, answer.text
