"""Applying receipts, over HTTP on a real database; after each the books must hold."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from shared.events.cashapp import PaymentApplied, PaymentShortPaid
from tests.cashapp.driver import Cashapp, kinds, takes


@pytest.fixture(autouse=True)
async def _the_books_hold(cashapp: Cashapp) -> AsyncIterator[None]:
    yield
    assert await cashapp.violations() == []
    await cashapp.trial_balance()


async def test_a_payment_in_full_clears_the_item(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt(customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(item, "1000.00"))

    assert answer.status_code == 201, answer.text
    assert answer.json()["receipt"]["status"] == "applied"
    now = await cashapp.item(item["id"])
    assert (now["status"], now["balance"]) == ("cleared", "0.00")
    assert [(one["amount"], one["reversed_on"]) for one in now["applications"]] == [("1000.00", None)]
    assert [one["receipt_id"] for one in now["applications"]] == [receipt["id"]]
    assert kinds(await cashapp.events()) == ["item.posted", "payment.received", "payment.applied", "item.cleared"]


async def test_a_partial_payment_leaves_the_rest_open_and_its_due_date_unchanged(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt("400.00", customer_id="C-1")

    await cashapp.apply(receipt, takes(item, "400.00", shortfall="partial"))

    now = await cashapp.item(item["id"])
    assert (now["status"], now["balance"], now["due_date"]) == ("open", "600.00", item["due_date"])


async def test_a_residual_clears_the_item_and_opens_one_for_the_rest(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(order_id="SO-1")
    receipt = await cashapp.receipt("900.00", customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(item, "900.00", shortfall="residual", reason_code="price"))

    residual = await cashapp.item(answer.json()["allocations"][0]["residual_item_id"])
    assert (await cashapp.item(item["id"]))["status"] == "cleared"
    assert residual["number"] == "RE-2026-00017-R"
    assert (residual["balance"], residual["due_date"]) == ("100.00", item["due_date"])
    assert residual["reference"] == "RE-2026-00017 price"
    assert (residual["refers_to"], residual["reason_code"]) == ("RE-2026-00017", "price")
    assert residual["order_id"] is None, "the order's invoice must not count twice"


async def test_a_disputed_shortfall_is_told_with_its_reason(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt("900.00", customer_id="C-1")

    await cashapp.apply(receipt, takes(item, "900.00", reason_code="damage"))

    (told,) = await cashapp.events("payment.short_paid")
    assert isinstance(told, PaymentShortPaid)
    assert (told.shortfall, told.reason_code, told.item.balance) == (Decimal("100.00"), "damage", Decimal("100.00"))
    assert told.item_version == (await cashapp.item(item["id"]))["version"]


async def test_an_earned_discount_belongs_to_the_item_not_to_the_receipt(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(payment_terms="2/20 net 30")
    receipt = await cashapp.receipt("980.00", customer_id="C-1", value_date="2026-03-21")

    answer = await cashapp.apply(receipt, takes(item, "980.00", discount="20.00"))

    assert answer.status_code == 201, answer.text
    assert (await cashapp.item(item["id"]))["status"] == "cleared"
    assert (await cashapp.trial_balance())["cash_discount"] == 20
    (event,) = await cashapp.events("payment.applied")
    assert isinstance(event, PaymentApplied)
    assert (event.allocations[0].amount, event.allocations[0].discount) == (Decimal("980.00"), Decimal("20.00"))


@pytest.mark.parametrize(
    ("value_date", "discount"),
    [("2026-03-22", "20.00"), ("2026-03-21", "20.01")],
    ids=["a day late", "a cent too much"],
)
async def test_an_unearned_discount_is_refused(cashapp: Cashapp, value_date: str, discount: str) -> None:
    item = await cashapp.invoice(payment_terms="2/20 net 30")
    receipt = await cashapp.receipt("980.00", customer_id="C-1", value_date=value_date)

    answer = await cashapp.apply(receipt, takes(item, str(Decimal(1000) - Decimal(discount)), discount=discount))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "allocations.0.discount"


async def test_on_a_partial_payment_the_discount_is_earned_in_proportion(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(payment_terms="2/20 net 30")
    receipt = await cashapp.receipt("490.00", customer_id="C-1", value_date="2026-03-21")

    refused = await cashapp.apply(receipt, takes(item, "490.00", discount="11.00"))
    taken = await cashapp.apply(receipt, takes(item, "490.00", discount="10.00"))

    assert (refused.status_code, taken.status_code) == (422, 201)
    assert (await cashapp.item(item["id"]))["balance"] == "500.00"


async def test_a_difference_within_the_tolerance_is_written_off(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt("995.00", customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(item, "995.00", tolerance_write_off="5.00"))

    assert answer.status_code == 201, answer.text
    assert (await cashapp.trial_balance())["tolerance"] == 5


@pytest.mark.parametrize(
    ("amount", "written_off"),
    [("1000.00", "5.01"), ("400.00", "4.01"), ("400.00", "1.00")],
    ids=["beyond the amount", "beyond the per cent", "leaving the item open"],
)
async def test_a_difference_beyond_the_tolerance_is_a_shortfall(
    cashapp: Cashapp, amount: str, written_off: str
) -> None:
    item = await cashapp.invoice(amount=amount)
    paid = str(Decimal(amount) - Decimal(written_off) - (10 if written_off == "1.00" else 0))
    receipt = await cashapp.receipt(paid, customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(item, paid, tolerance_write_off=written_off))

    assert (answer.status_code, answer.json()["code"]) == (422, "tolerance_exceeded")


async def test_a_credit_memo_is_netted_and_the_receipt_pays_the_rest(cashapp: Cashapp) -> None:
    item, memo = await cashapp.invoice(), await cashapp.invoice("CM-1", "200.00", kind="credit_memo")
    receipt = await cashapp.receipt("800.00", customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(item, "1000.00"), takes(memo, "-200.00"))

    assert answer.status_code == 201, answer.text
    assert answer.json()["amount"] == "800.00"
    assert {(await cashapp.item(one["id"]))["status"] for one in (item, memo)} == {"cleared"}


async def test_a_credit_memo_is_netted_against_the_invoices_in_their_order_and_only_once(cashapp: Cashapp) -> None:
    items = [await cashapp.invoice(f"RE-{number}", "150.00") for number in range(3)]
    memo = await cashapp.invoice("CM-1", "200.00", kind="credit_memo")
    receipt = await cashapp.receipt("250.00", customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(memo, "-200.00"), *(takes(item, "150.00") for item in items))

    taken = [(one["amount"], one["credit"]) for one in answer.json()["allocations"]]
    assert taken == [("0.00", "-200.00"), ("0.00", "150.00"), ("100.00", "50.00"), ("150.00", "0.00")]


async def test_what_is_written_off_of_one_receipt_has_a_limit_of_its_own(cashapp: Cashapp) -> None:
    items = [await cashapp.invoice(f"RE-{number}", "500.00") for number in range(5)]
    receipt = await cashapp.receipt("2475.00", customer_id="C-1")
    small = {"tolerance_write_off": "5.00"}

    answer = await cashapp.apply(receipt, *(takes(item, "495.00", **small) for item in items))

    assert (answer.status_code, answer.json()["code"]) == (422, "tolerance_exceeded")
    assert "20.00 EUR of this receipt" in answer.json()["detail"]


async def test_credit_memos_never_pay_a_receipt_out(cashapp: Cashapp) -> None:
    memo = await cashapp.invoice("CM-1", "200.00", kind="credit_memo")
    receipt = await cashapp.receipt("800.00", customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(memo, "-200.00"))

    assert (answer.status_code, answer.json()["code"]) == (422, "nothing_applied")


async def test_money_on_account_is_applied_when_nothing_else_is_left(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt(customer_id="C-1")
    await cashapp.apply(receipt, on_account="700.00")
    parked = await cashapp.receipt_now(receipt)

    answer = await cashapp.apply(receipt, takes(item, "1000.00"))

    assert (parked["on_account"], parked["unapplied"], parked["status"]) == ("700.00", "300.00", "unapplied")
    assert answer.json()["receipt"]["applied"] == "1000.00"
    assert (await cashapp.item(item["id"]))["status"] == "cleared"


async def test_an_unidentified_receipt_becomes_the_customers_whose_item_it_pays(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt("1000.00", payer_name="Somebody Else")

    answer = await cashapp.apply(receipt, takes(item, "1000.00"))

    assert receipt["status"] == "unidentified"
    assert answer.json()["receipt"]["customer_id"] == "C-1"
    assert kinds(await cashapp.events())[1:] == [
        "payment.received",
        "payment.received",
        "payment.applied",
        "item.cleared",
    ]


async def test_what_a_person_confirmed_is_known_the_next_time(cashapp: Cashapp) -> None:
    payer = {"payer_name": "Somebody Else", "payer_account": "DE02 1203 0000 0000 2020 51"}
    item = await cashapp.invoice()
    await cashapp.apply(await cashapp.receipt("1000.00", **payer), takes(item, "1000.00"))

    receipt = await cashapp.receipt("55.00", **payer)

    assert (receipt["customer_id"], receipt["status"]) == ("C-1", "unapplied")


async def test_a_receipt_can_be_identified_without_being_applied(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("55.00")
    path = f"/v1/receipts/{receipt['id']}/identify"

    first = await cashapp.post(path, {"customer_id": "C-2"})
    other = await cashapp.post(path, {"customer_id": "C-1"})
    unknown = await cashapp.post(path, {"customer_id": "C-2"})

    assert first.json()["unapplied"] == "55.00"
    assert (other.status_code, unknown.status_code) == (409, 200)


async def test_without_a_body_the_best_proposal_is_taken(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt("1000.00", customer_id="C-1")
    proposals = await cashapp.get(f"/v1/receipts/{receipt['id']}/proposals")

    answer = await cashapp.post(f"/v1/receipts/{receipt['id']}/applications")

    assert proposals["data"][0]["allocations"][0]["item_id"] == item["id"]
    assert proposals["data"][0]["explanation"]
    assert answer.status_code == 201
    assert (await cashapp.item(item["id"]))["status"] == "cleared"


async def test_without_a_proposal_allocations_are_asked_for(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("10.00")

    answer = await cashapp.post(f"/v1/receipts/{receipt['id']}/applications")

    assert (answer.status_code, answer.json()["code"]) == (409, "no_proposal")


async def test_more_than_is_left_of_the_receipt_is_refused_with_what_there_is(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt("100.00", customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(item, "100.01"))

    assert answer.status_code == 409
    assert "100.00 EUR left" in answer.json()["detail"]


async def test_more_than_is_open_of_the_item_is_refused_with_what_there_is(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(amount="50.00")
    receipt = await cashapp.receipt("100.00", customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(item, "50.01"))

    assert answer.status_code == 409
    assert "balance of 50.00 EUR" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"customer_id": "C-2"}, "foreign_item"),
        ({"currency": "USD"}, "exchange_rate_missing"),
        ({"company_code": "2000"}, "foreign_item"),
    ],
)
async def test_an_item_of_another_customer_currency_or_company_is_refused(
    cashapp: Cashapp, other: dict[str, str], code: str
) -> None:
    item = await cashapp.invoice(**other)
    receipt = await cashapp.receipt(customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(item, "10.00"))

    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("allocation", "code"),
    [
        ({"item_id": "itm_none", "amount": "1.00"}, "unknown_item"),
        ({"amount": "-1.00"}, "wrong_sign"),
        ({"amount": "0.00"}, "wrong_sign"),
        ({"amount": "1.001"}, "too_many_decimals"),
        ({"amount": "1.00", "shortfall": "residual"}, "reason_missing"),
        ({"amount": "1000.00", "shortfall": "dispute", "reason_code": "price"}, "nothing_short"),
        ({"amount": "1.00", "shortfall": "gone"}, "invalid_request"),
    ],
)
async def test_a_wrong_allocation_is_refused(cashapp: Cashapp, allocation: dict[str, str], code: str) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt(customer_id="C-1")

    answer = await cashapp.apply(receipt, {"item_id": item["id"]} | allocation)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_an_item_stands_once_among_the_allocations(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt(customer_id="C-1")

    answer = await cashapp.apply(receipt, takes(item, "500.00"), takes(item, "500.00"))

    assert answer.status_code == 422


async def test_an_application_is_posted_when_money_and_item_are_there(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(issue_date="2026-03-25", due_date="2026-04-25")
    receipt = await cashapp.receipt(customer_id="C-1", value_date="2026-03-20")

    too_early = await cashapp.apply(receipt, takes(item, "1000.00"), posting_date="2026-03-24")
    answer = await cashapp.apply(receipt, takes(item, "1000.00"))

    assert (too_early.status_code, too_early.json()["code"]) == (422, "posted_too_early")
    assert answer.json()["posting_date"] == "2026-03-25"


async def test_forty_applications_at_once_never_take_more_than_there_is(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(amount="1000.00")
    receipts = [await cashapp.receipt("150.00", customer_id="C-1", reference=f"{number}") for number in range(2)]

    answers = await asyncio.gather(*(cashapp.apply(receipts[number % 2], takes(item, "50.00")) for number in range(40)))

    assert Counter(answer.status_code for answer in answers) == {201: 6, 409: 34}
    assert (await cashapp.item(item["id"]))["balance"] == "700.00"


async def test_two_receipts_at_once_never_overpay_an_item(cashapp: Cashapp) -> None:
    items = [await cashapp.invoice(f"RE-{number}", "30.00") for number in range(2)]
    receipts = [await cashapp.receipt("60.00", customer_id="C-1") for _ in range(8)]

    answers = await asyncio.gather(
        *(
            cashapp.apply(receipt, *(takes(item, "30.00") for item in items[:: 1 if number % 2 else -1]))
            for number, receipt in enumerate(receipts)
        )
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 7}


async def test_a_decision_on_a_receipt_that_has_changed_since_is_refused(cashapp: Cashapp) -> None:
    item, receipt = await cashapp.invoice(), await cashapp.receipt(customer_id="C-1")
    path, body = f"/v1/receipts/{receipt['id']}/applications", {"allocations": [takes(item, "10.00")]}

    codes = [(await cashapp.post(path, body, headers={"If-Match": '"1"'})).status_code for _ in range(2)]

    assert codes == [201, 412]
