"""Documents: tax, posting dates, memos, instalments and down payments."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from cashapp_service.ledger.domain import Account
from cashapp_service.periods.domain import Period
from cashapp_service.periods.use_cases import close_period
from tests.cashapp.driver import Cashapp, kinds, takes

INVOICE: dict[str, Any] = {
    "number": "RE-1",
    "kind": "invoice",
    "customer_id": "C-1",
    "issue_date": "2026-03-01",
    "amount": "1190.00",
    "currency": "EUR",
}
PRICED: dict[str, Any] = {"lines": [{"net_amount": "1000.00", "tax_rate_pct": "19", "tax_code": "S"}]}


async def close(cashapp: Cashapp, period: str) -> None:
    async with cashapp.units.begin() as uow:
        await close_period(uow, "1000", Period.parse(period), by="controller")


async def test_tax_is_posted_to_its_own_account(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(**(INVOICE | PRICED))
    await cashapp.invoice(
        "CM-1", "119.00", kind="credit_memo", tax_amount="19.00", reason_code="price", refers_to="RE-1"
    )

    assert item["tax_amount"] == "190.00"
    assert await cashapp.trial_balance() == {
        Account.RECEIVABLES: 1071,
        Account.REVENUE: -1000,
        Account.CREDIT_MEMOS: 100,
        Account.TAX: -171,
    }
    detail = await cashapp.item(item["id"])
    assert detail["taxes"] == [{"tax_code": "S", "tax_rate_pct": "19", "net_amount": "1000.00", "tax_amount": "190.00"}]
    memo = (await cashapp.get("/v1/items", number="CM-1"))["data"][0]
    assert (memo["reason_code"], memo["refers_to"], memo["tax_amount"]) == ("price", "RE-1", "-19.00")
    assert await cashapp.violations() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "1190.01"} | PRICED, "amount"),
        ({"tax_amount": "1190.01"}, "tax_amount"),
        ({"tax_amount": "0.001"}, "tax_amount"),
        ({"lines": [{"net_amount": "1.005", "tax_rate_pct": "19"}]}, "lines.0.net_amount"),
        ({"lines": [{"net_amount": "1000.00", "tax_rate_pct": "101"}]}, "lines.0.tax_rate_pct"),
        ({"lines": [{"net_amount": "1000.00"}, {}]}, "lines.1.net_amount"),
        ({"reason_code": "price"}, "reason_code"),
        ({"refers_to": "RE-0"}, "refers_to"),
        ({"kind": "debit_memo", "down_payments": [{"number": "AZ-1"}]}, "down_payments"),
        ({"down_payments": [{"number": "AZ-1"}]}, "down_payments.0.number"),
        ({"down_payments": [{"number": "AZ-1", "amount": "1.001"}]}, "down_payments.0.amount"),
        ({"payment_terms": "30% 10, 70% 60", "due_date": "2026-04-01"}, "due_date"),
        ({"payment_terms": "30% 10, 70% 60", "amount": "0.01"}, "amount"),
        ({"payment_terms": "30% 10, 70% 60", "number": "x" * 63}, "number"),
        ({"payment_terms": "30% 10, 60% 60"}, "payment_terms"),
        ({"payment_terms": "net 30 next business day in XX"}, "payment_terms"),
    ],
)
async def test_a_document_that_makes_no_sense_is_refused_by_its_field(
    cashapp: Cashapp, change: dict[str, Any], field: str
) -> None:
    answer = await cashapp.post("/v1/items", INVOICE | change)

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await cashapp.get("/v1/items"))["data"] == []


async def test_a_document_counts_from_its_posting_date_and_its_terms_from_its_issue(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(posting_date="2026-03-05", payment_terms="net 10")

    assert (item["posting_date"], item["due_date"]) == ("2026-03-05", "2026-03-11")
    assert (await cashapp.get("/v1/items", as_of="2026-03-04"))["data"] == []
    assert [one["balance"] for one in (await cashapp.get("/v1/items", as_of="2026-03-05"))["data"]] == ["1000.00"]
    receipt = await cashapp.receipt(customer_id="C-1", value_date="2026-03-02")
    applied = await cashapp.apply(receipt, takes(item, "1000.00"))
    assert applied.json()["posting_date"] == "2026-03-05"


async def test_a_closed_period_refuses_its_documents_alone(cashapp: Cashapp) -> None:
    await cashapp.invoice("RE-0")
    await close(cashapp, "2026-03")
    batch = [INVOICE, INVOICE | {"number": "RE-0", "amount": "1000.00"}, INVOICE | {"posting_date": "2026-04-01"}]

    results = (await cashapp.post("/v1/items/batch", {"items": batch[:2]})).json()["results"]
    single = await cashapp.post("/v1/items", batch[0])
    later = await cashapp.post("/v1/items", batch[2])

    assert [one.get("code") or one["number"] for one in results] == ["period_closed", "RE-0"]
    assert (single.status_code, single.json()["code"]) == (409, "period_closed")
    assert later.status_code == 201


async def test_instalments_are_items_of_their_own_that_come_to_the_amount(cashapp: Cashapp) -> None:
    fields = {"amount": "1190.01", "tax_amount": "190.00", "payment_terms": "30% 2/5 net 10, 70% 60"}
    first = await cashapp.invoice(**(INVOICE | fields))
    again = await cashapp.post("/v1/items", INVOICE | fields)
    other = await cashapp.post("/v1/items", INVOICE | fields | {"payment_terms": "30% 10, 70% 60"})

    assert (again.status_code, other.status_code) == (200, 409)
    assert [(one["number"], one["amount"], one["due_date"]) for one in first["instalments"]] == [
        ("RE-1/1", "357.00", "2026-03-11"),
        ("RE-1/2", "833.01", "2026-04-30"),
    ]
    assert (first["number"], first["document_number"], first["payment_terms"]) == ("RE-1/1", "RE-1", "2/5 net 10")
    assert again.json()["instalments"] == first["instalments"]
    assert await cashapp.trial_balance() == {
        Account.RECEIVABLES: Decimal("1190.01"),
        Account.REVENUE: Decimal("-1000.01"),
        Account.TAX: -190,
    }
    events = await cashapp.events()
    assert kinds(events) == ["item.posted"] * 2
    assert len({event.posting.posting_id for event in events}) == 2  # type: ignore[attr-defined]
    assert await cashapp.violations() == []


async def test_an_instalment_is_found_by_its_documents_number(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(**(INVOICE | {"payment_terms": "30% 10, 70% 60"}))
    receipt = await cashapp.receipt("357.00", reference="Rechnung RE-1")

    named = (await cashapp.get("/v1/items", document_number="RE-1"))["data"]
    proposals = (await cashapp.get(f"/v1/receipts/{receipt['id']}/proposals"))["data"]

    assert [one["number"] for one in named] == ["RE-1/1", "RE-1/2"]
    assert [one["item_id"] for one in proposals[0]["allocations"]] == [item["id"]]


async def test_a_number_is_taken_once_whether_by_a_document_or_an_instalment(cashapp: Cashapp) -> None:
    in_parts = INVOICE | {"payment_terms": "30% 10, 70% 60"}
    await cashapp.invoice(**in_parts)
    await cashapp.invoice("RE-2/2")

    of_an_instalment = await cashapp.post("/v1/items", INVOICE | {"number": "RE-1/2"})
    with_a_taken_one = await cashapp.post("/v1/items", in_parts | {"number": "RE-2"})

    assert [(one.status_code, one.json()["code"]) for one in (of_an_instalment, with_a_taken_one)] == [
        (409, "item_exists")
    ] * 2
    assert len((await cashapp.get("/v1/items"))["data"]) == 3
    assert await cashapp.violations() == []


async def test_of_two_requests_for_one_number_one_is_taken(cashapp: Cashapp) -> None:
    in_parts = INVOICE | {"payment_terms": "30% 10, 70% 60"}
    bodies = [in_parts, INVOICE, INVOICE | {"number": "RE-1/1"}, INVOICE | {"number": "RE-1/2"}] * 2

    answers = await asyncio.gather(*(cashapp.post("/v1/items", body) for body in bodies))

    assert {one.status_code for one in answers} <= {200, 201, 409}
    assert await cashapp.violations() == []


async def test_the_final_invoice_deducts_what_was_paid_down(cashapp: Cashapp) -> None:
    request = await cashapp.invoice("AZ-1", "595.00", kind="down_payment_request", tax_amount="95.00")
    assert await cashapp.trial_balance() == {
        Account.RECEIVABLES: 595,
        Account.DOWN_PAYMENTS: -500,
        Account.TAX: -95,
    }
    receipt = await cashapp.receipt("400.00", customer_id="C-1")
    await cashapp.apply(receipt, takes(request, "400.00"))

    invoice = await cashapp.invoice(**(INVOICE | PRICED | {"down_payments": [{"number": "AZ-1"}]}))
    again = await cashapp.post("/v1/items", INVOICE | PRICED | {"down_payments": [{"number": "AZ-1"}]})
    without = await cashapp.post("/v1/items", INVOICE | PRICED)

    assert (again.status_code, without.status_code) == (200, 409)
    assert (invoice["balance"], (await cashapp.item(request["id"]))["balance"]) == ("790.00", "0.00")
    (settled,) = (await cashapp.item(invoice["id"]))["down_payments"]
    assert (settled["deducted"], settled["withdrawn"]) == ("400.00", "195.00")
    balances = await cashapp.trial_balance()
    assert {name: balances.get(name) for name in (Account.RECEIVABLES, Account.REVENUE, Account.TAX)} == {
        Account.RECEIVABLES: 790,
        Account.REVENUE: -1000,
        Account.TAX: -190,
    }
    assert Account.DOWN_PAYMENTS not in balances
    assert await cashapp.violations() == []


async def test_invoices_share_a_down_payment_and_none_takes_more_than_is_left(cashapp: Cashapp) -> None:
    request = await cashapp.invoice("AZ-1", "100.00", kind="down_payment_request", tax_amount="15.97")
    paid = await cashapp.receipt("100.00", customer_id="C-1")
    await cashapp.apply(paid, takes(request, "100.00"))

    async def invoice(number: str, amount: str, deducted: str | None = None) -> Any:
        deduction = {"number": "AZ-1"} | ({"amount": deducted} if deducted else {})
        return await cashapp.post(
            "/v1/items", INVOICE | {"number": number, "amount": amount, "down_payments": [deduction]}
        )

    first = await invoice("RE-1", "300.00", "33.33")
    too_much = await invoice("RE-2", "300.00", "66.68")
    repeated, other = await invoice("RE-1", "300.00", "33.33"), await invoice("RE-1", "300.00", "33.34")
    small = await invoice("RE-3", "20.00")
    last = await invoice("RE-4", "300.00")

    assert [one.status_code for one in (first, too_much, small, last)] == [201, 409, 201, 201]
    assert [one.json().get("balance") for one in (first, small, last)] == ["266.67", "0.00", "253.33"]
    assert too_much.json()["code"] == "down_payment_exceeded"
    assert (repeated.status_code, other.status_code) == (200, 409)
    assert Account.DOWN_PAYMENTS not in await cashapp.trial_balance()
    assert await cashapp.violations() == []


async def test_a_returned_down_payment_is_owed_again_beside_the_invoice(cashapp: Cashapp) -> None:
    request = await cashapp.invoice("AZ-1", "500.00", kind="down_payment_request")
    receipt = await cashapp.receipt("500.00", customer_id="C-1")
    await cashapp.apply(receipt, takes(request, "500.00"))
    invoice = await cashapp.invoice(**(INVOICE | {"down_payments": [{"number": "AZ-1"}]}))
    await cashapp.post(f"/v1/receipts/{receipt['id']}/return", {"reason": "nsf", "value_date": "2026-04-01"})

    owed = [(await cashapp.item(one["id"]))["balance"] for one in (request, invoice)]

    assert owed == ["500.00", "690.00"]
    assert await cashapp.violations() == []


async def test_what_came_back_of_a_down_payment_stays_owed_when_another_invoice_settles_the_request(
    cashapp: Cashapp,
) -> None:
    request = await cashapp.invoice("AZ-1", "100.00", kind="down_payment_request", tax_amount="15.97")
    paid = await cashapp.apply(await cashapp.receipt("100.00", customer_id="C-1"), takes(request, "100.00"))
    parts = [{"number": "AZ-1", "amount": "60.00"}], [{"number": "AZ-1"}]
    first = await cashapp.invoice("RE-1", "500.00", down_payments=parts[0])
    await cashapp.post(f"/v1/applications/{paid.json()['id']}/reverse", {})

    second = await cashapp.invoice("RE-2", "500.00", down_payments=parts[1])

    owed = [(await cashapp.item(one["id"]))["balance"] for one in (request, first, second)]
    assert owed == ["60.00", "440.00", "500.00"]
    assert Account.DOWN_PAYMENTS not in await cashapp.trial_balance()
    assert await cashapp.violations() == []


@pytest.mark.parametrize("rest", ["credit memo", "residual", "discount"])
async def test_all_that_cleared_a_request_is_deducted_from_the_invoice(cashapp: Cashapp, rest: str) -> None:
    request = await cashapp.invoice("AZ-1", "100.00", kind="down_payment_request", payment_terms="2/30 net 30")
    receipt = await cashapp.receipt("98.00", customer_id="C-1")
    if rest == "credit memo":
        memo = await cashapp.invoice("GS-1", "2.00", kind="credit_memo")
        taken = [takes(request, "100.00"), takes(memo, "-2.00")]
    elif rest == "residual":
        taken = [takes(request, "98.00", shortfall="residual", reason_code="bank_charge")]
    else:
        taken = [takes(request, "98.00", discount="2.00")]
    assert (await cashapp.apply(receipt, *taken)).status_code == 201

    invoice = await cashapp.invoice("RE-1", "500.00", down_payments=[{"number": "AZ-1"}])

    assert invoice["balance"] == "400.00"
    balances = await cashapp.trial_balance()
    assert Account.DOWN_PAYMENTS not in balances
    assert balances[Account.RECEIVABLES] == (402 if rest == "residual" else 400)
    assert await cashapp.violations() == []


async def test_a_down_payment_of_another_customer_is_none(cashapp: Cashapp) -> None:
    await cashapp.invoice("AZ-1", "500.00", kind="down_payment_request", customer_id="C-2")
    batch = [
        INVOICE | {"down_payments": [{"number": "AZ-1"}]},
        INVOICE | {"number": "RE-2", "customer_id": "C-2", "down_payments": [{"number": "AZ-1"}] * 2},
        INVOICE | {"number": "RE-3", "customer_id": "C-2", "down_payments": [{"number": "AZ-1"}]},
        INVOICE | {"number": "RE-4", "customer_id": "C-2", "down_payments": [{"number": "AZ-1"}]},
    ]

    results = (await cashapp.post("/v1/items/batch", {"items": batch})).json()["results"]

    assert [one.get("code") or one["number"] for one in results] == [
        "no_such_down_payment",
        "settled_twice",
        "RE-3",
        "settled_twice",
    ]
    assert await cashapp.violations() == []


@pytest.mark.parametrize(
    ("terms", "due"),
    # 2026-04-04 is the Saturday before Easter Monday, which is a holiday in Germany, where C-1 is.
    [("net 34 next business day", "2026-04-07"), ("net 34 previous business day in US", "2026-04-03")],
)
async def test_a_due_date_moves_by_the_customers_holidays_or_those_named(
    cashapp: Cashapp, terms: str, due: str
) -> None:
    item = await cashapp.invoice(payment_terms=terms)

    assert item["due_date"] == due


async def test_a_batch_answers_what_single_requests_show(cashapp: Cashapp) -> None:
    batch = [
        INVOICE | PRICED | {"po_number": "PO-1", "payment_terms": "30% 10, 70% 60"},
        INVOICE | {"number": "CM-1", "kind": "credit_memo", "reason_code": "price"},
        INVOICE | {"number": "Y-1", "currency": "JPY", "amount": "1250"},
    ]

    posted = (await cashapp.post("/v1/items/batch", {"items": batch})).json()["results"]
    repeated = (await cashapp.post("/v1/items/batch", {"items": batch})).json()["results"]
    single = [(await cashapp.post("/v1/items", body)).json() for body in batch]
    read = [await cashapp.item(one["id"]) for one in posted]

    assert posted == repeated == single
    assert posted == [{name: one[name] for name in posted[0]} for one in read]
