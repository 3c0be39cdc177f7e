"""Documents over HTTP: one or a batch, once, refused by their field."""

from typing import Any

import pytest

from cashapp_service.ledger.domain import Account
from tests.cashapp.driver import Cashapp, kinds

INVOICE = {
    "number": "RE-1",
    "kind": "invoice",
    "customer_id": "C-1",
    "issue_date": "2026-03-01",
    "amount": "119.00",
    "currency": "EUR",
}


async def test_an_invoice_is_posted_once_and_equal_content_changes_nothing(cashapp: Cashapp) -> None:
    first = await cashapp.post("/v1/items", INVOICE)
    second = await cashapp.post("/v1/items", INVOICE)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.headers["ETag"] == '"1"'
    assert kinds(await cashapp.events()) == ["item.posted"]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "119.01"},
        {"customer_id": "C-2"},
        {"due_date": "2026-04-30"},
        {"order_id": "SO-1"},
        {"kind": "debit_memo"},
    ],
)
async def test_a_number_with_other_content_is_refused(cashapp: Cashapp, change: dict[str, str]) -> None:
    await cashapp.post("/v1/items", INVOICE)

    answer = await cashapp.post("/v1/items", INVOICE | change)

    assert answer.status_code == 409
    assert next(iter(change)) in answer.json()["detail"]


async def test_the_same_number_in_another_company_code_is_another_document(cashapp: Cashapp) -> None:
    await cashapp.post("/v1/items", INVOICE)

    answer = await cashapp.post("/v1/items", INVOICE | {"company_code": "2000", "amount": "5.00"})

    assert answer.status_code == 201


async def test_without_terms_the_customers_terms_set_the_due_date(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()

    assert (item["due_date"], item["payment_terms"]) == ("2026-03-31", "net 30")


async def test_a_due_date_needs_no_terms(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(due_date="2026-03-09")

    assert (item["due_date"], item["payment_terms"]) == ("2026-03-09", None)


async def test_a_credit_memo_is_posted_positive_and_owed_negative(cashapp: Cashapp) -> None:
    memo = await cashapp.invoice("CM-1", "50.00", kind="credit_memo")

    assert (memo["amount"], memo["balance"]) == ("-50.00", "-50.00")
    assert await cashapp.trial_balance() == {Account.RECEIVABLES: -50, Account.CREDIT_MEMOS: 50}


async def test_an_amount_has_the_decimals_of_its_currency(cashapp: Cashapp) -> None:
    yen = await cashapp.invoice("Y-1", "1250", currency="JPY")
    dinar = await cashapp.invoice("K-1", "1250.125", currency="KWD")

    assert (yen["balance"], dinar["balance"]) == ("1250", "1250.125")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "10.005"}, "amount"),
        ({"amount": "-1.00"}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": 10}, "amount"),
        ({"amount": "1e5"}, "amount"),
        ({"amount": "9999999999999999.00"}, "amount"),
        ({"amount": "10.5", "currency": "JPY"}, "amount"),
        ({"currency": "XXQ"}, "currency"),
        ({"customer_id": "C-9"}, "customer_id"),
        ({"issue_date": "2026-02-30"}, "issue_date"),
        ({"issue_date": "01.03.2026"}, "issue_date"),
        ({"issue_date": "9999-12-31"}, "issue_date"),
        ({"due_date": "2026-02-28"}, "due_date"),
        ({"payment_terms": "whenever"}, "payment_terms"),
        ({"kind": "receipt"}, "kind"),
        ({"number": "a\0b"}, "number"),
        ({"number": "x" * 65}, "number"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_field_is_named(cashapp: Cashapp, change: dict[str, Any], field: str) -> None:
    answer = await cashapp.post("/v1/items", INVOICE | change)

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_customer_cannot_be_told_while_its_owner_is_away(cashapp: Cashapp) -> None:
    answer = await cashapp.post("/v1/items", INVOICE | {"customer_id": "C-AWAY"})

    assert answer.status_code == 503
    assert (await cashapp.get("/v1/items"))["data"] == []


async def test_a_role_without_the_scope_is_refused(cashapp: Cashapp) -> None:
    answer = await cashapp.post("/v1/items", INVOICE, role="auditor")

    assert answer.status_code == 403


async def test_an_idempotency_key_gives_the_same_answer_again(cashapp: Cashapp) -> None:
    key = {"Idempotency-Key": "k-1"}

    first = await cashapp.post("/v1/items", INVOICE, headers=key)
    second = await cashapp.post("/v1/items", INVOICE, headers=key)
    other = await cashapp.post("/v1/items", INVOICE | {"number": "RE-2"}, headers=key)

    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == second.json()


async def test_each_document_of_a_batch_is_taken_or_refused_by_itself_and_in_order(cashapp: Cashapp) -> None:
    await cashapp.post("/v1/items", INVOICE)
    batch = [
        INVOICE | {"number": "RE-2"},
        INVOICE | {"number": "RE-3", "amount": "1.234"},
        INVOICE,
        INVOICE | {"amount": "5.00"},
        INVOICE | {"number": "RE-4", "customer_id": "C-9"},
        INVOICE | {"number": "RE-2"},
        INVOICE | {"number": "RE-2", "amount": "7.00"},
        "nonsense",
    ]

    answer = await cashapp.post("/v1/items/batch", {"items": batch})

    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [one.get("number") or one["status"] for one in results] == ["RE-2", 422, "RE-1", 409, 422, "RE-2", 409, 422]
    assert results[1]["errors"][0]["field"] == "amount"
    assert len((await cashapp.get("/v1/items"))["data"]) == 2
    assert await cashapp.violations() == []


async def test_a_batch_of_more_than_a_thousand_is_refused(cashapp: Cashapp) -> None:
    answer = await cashapp.post("/v1/items/batch", {"items": [INVOICE] * 1001})

    assert answer.status_code == 422
