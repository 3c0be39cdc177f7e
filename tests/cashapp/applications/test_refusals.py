"""A refusal names the field and says what would fit into it."""

from typing import Any

import pytest

from tests.cashapp.driver import Cashapp, takes


def named(answer: Any) -> tuple[str, list[str], str]:
    """Return code, fields and detail of a refusal."""
    problem = answer.json()
    assert 400 <= answer.status_code < 500, answer.text
    return problem["code"], [one["field"] for one in problem["errors"]], problem["detail"]


@pytest.mark.parametrize(
    ("allocation", "field", "fits"),
    [
        ({"amount": "100.01"}, "allocations.1.amount", "at most 100.00 EUR"),
        ({"amount": "99.00", "discount": "2.00"}, "allocations.1.amount", "at most 98.00 EUR"),
        ({"amount": "99.00", "discount_taken": "2.00"}, "allocations.1.discount_taken", "at most 1.00 EUR"),
    ],
    ids=["amount", "beside a discount", "deducted"],
)
async def test_more_than_the_balance_names_the_allocation_and_what_fits(
    books: Cashapp, allocation: dict[str, str], field: str, fits: str, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.id
    first, second = await books.invoice(f"{name} 1", "10.00"), await books.invoice(f"{name} 2", "100.00")
    receipt = await books.receipt("200.00", customer_id="C-1")

    answer = await books.apply(receipt, takes(first, "10.00"), takes(second, **allocation))

    code, fields, detail = named(answer)
    assert (code, fields) == ("item_balance_exceeded", [field])
    assert fits in detail


async def test_an_item_that_stands_twice_is_named_where_it_stands_again(books: Cashapp) -> None:
    first, second = await books.invoice("TW-1", "10.00"), await books.invoice("TW-2", "100.00")
    receipt = await books.receipt("200.00", customer_id="C-1")

    answer = await books.apply(receipt, takes(first, "1.00"), takes(second, "1.00"), takes(first, "2.00"))

    code, fields, detail = named(answer)
    assert (answer.status_code, code, fields) == (422, "item_twice", ["allocations.2.item_id"])
    assert "TW-1 stands twice" in detail
    assert (await books.receipt_now(receipt))["applied"] == "0.00"


async def test_more_of_a_memo_than_is_open_is_named_with_its_sign(books: Cashapp) -> None:
    memo = await books.invoice("MEMO-1", "50.00", kind="credit_memo")
    invoice = await books.invoice("MEMO-2", "100.00")
    receipt = await books.receipt("50.00", customer_id="C-1")

    answer = await books.apply(receipt, takes(memo, "-60.00"), takes(invoice, "100.00"))

    code, fields, detail = named(answer)
    assert (code, fields) == ("item_balance_exceeded", ["allocations.0.amount"])
    assert "at most -50.00 EUR" in detail


async def test_too_little_money_names_the_first_allocation_that_is_not_covered(books: Cashapp) -> None:
    items = [await books.invoice(f"SHORT-{n}", "100.00") for n in range(3)]
    receipt = await books.receipt("150.00", customer_id="C-1")

    answer = await books.apply(receipt, *(takes(one, "100.00") for one in items))

    code, fields, detail = named(answer)
    assert (code, fields) == ("receipt_exhausted", ["allocations.1.amount"])
    assert "at most 50.00 EUR" in detail


async def test_too_little_money_to_put_on_account_names_that(books: Cashapp) -> None:
    item = await books.invoice("SHORT-4", "100.00")
    receipt = await books.receipt("150.00", customer_id="C-1")

    code, fields, detail = named(await books.apply(receipt, takes(item, "100.00"), on_account="60.00"))

    assert (code, fields) == ("receipt_exhausted", ["on_account"])
    assert "at most 50.00 EUR" in detail


async def test_what_is_cleared_identified_or_not_proposed_names_its_field(books: Cashapp) -> None:
    item = await books.invoice("CLEARED", "10.00")
    await books.apply(await books.receipt("10.00", customer_id="C-1"), takes(item, "10.00"))
    receipt = await books.receipt("10.00", customer_id="C-1")

    cleared = await books.apply(receipt, takes(item, "10.00"))
    payer = await books.apply(receipt, on_account="1.00", customer_id="C-2")
    due = await books.post(f"/v1/items/{item['id']}/due-date", {"due_date": "2026-09-01", "reason_code": "goodwill"})

    assert named(cleared)[:2] == ("item_cleared", ["allocations.0.item_id"])
    assert named(payer)[:2] == ("payer_known", ["customer_id"])
    assert named(due)[:2] == ("item_cleared", ["due_date"])


async def test_a_repeat_with_other_content_names_each_field_that_differs(books: Cashapp) -> None:
    await books.invoice("REPEATED", "10.00")
    body = {"number": "REPEATED", "kind": "invoice", "customer_id": "C-1", "issue_date": "2026-03-02"}
    receipt = {"method": "wire", "amount": "30.00", "currency": "EUR", "value_date": "2026-03-20"}
    receipt |= {"customer_id": "C-1", "bank_reference": "REPEATED"}
    await books.post("/v1/receipts", receipt)

    item = await books.post("/v1/items", body | {"amount": "11.00", "currency": "EUR"})
    money = await books.post("/v1/receipts", receipt | {"amount": "31.00"})

    assert named(item)[:2] == ("item_exists", ["issue_date", "posting_date", "amount"])
    assert named(money)[:2] == ("receipt_exists", ["amount"])


async def test_refunds_and_write_offs_name_what_is_too_much_and_what_is_free(books: Cashapp) -> None:
    item = await books.invoice("TOO-MUCH", "40.00", customer_id="C-2")
    receipt = await books.receipt("30.00", customer_id="C-2")
    spent = await books.receipt("40.00", customer_id="C-2")
    await books.apply(spent, takes(item, "5.00"), on_account="35.00")
    await books.apply(spent, takes(item, "35.00"))
    other = await books.invoice("TOO-MUCH-2", "40.00", customer_id="C-2")
    wanted = {"customer_id": "C-2", "currency": "EUR", "reason_code": "overpayment"}
    loss = {"reason_code": "insolvency", "evidence": ["Notice"]}

    refund = await books.post("/v1/refunds", wanted | {"amount": "31.00", "receipt_ids": [receipt["id"]]})
    nothing = await books.post("/v1/refunds", wanted | {"receipt_ids": [receipt["id"], spent["id"]]})
    write_off = await books.post("/v1/write-offs", loss | {"items": [{"item_id": other["id"], "amount": "41.00"}]})

    assert named(refund)[:2] == ("refund_exceeds_credit", ["amount"])
    assert named(nothing)[:2] == ("nothing_to_refund", ["receipt_ids.1"])
    assert named(write_off)[:2] == ("write_off_exceeds_balance", ["items.0.amount"])
    assert "30.00" in named(refund)[2]
    assert "at most 40.00 EUR" in named(write_off)[2]


async def test_an_invoice_that_deducts_too_much_names_the_down_payment(books: Cashapp) -> None:
    request = await books.invoice("AZ-MUCH", "50.00", kind="down_payment_request")
    await books.apply(await books.receipt("50.00", customer_id="C-1"), takes(request, "50.00"))
    body = {"number": "RE-MUCH", "kind": "invoice", "customer_id": "C-1", "issue_date": "2026-03-25", "currency": "EUR"}

    answer = await books.post(
        "/v1/items", body | {"amount": "100.00", "down_payments": [{"number": "AZ-MUCH", "amount": "51.00"}]}
    )

    assert named(answer)[:2] == ("down_payment_exceeded", ["down_payments.0.amount"])
