"""Payments that the bank took back, over HTTP on a real database; after each the books must hold."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from cashapp_service.payment_exceptions.domain import DAYS_TO_REACT, deadline
from shared.events.cashapp import PaymentReturned, PaymentReversed
from tests.cashapp.driver import Cashapp, kinds, takes

RETURN = {"reason": "nsf", "value_date": "2026-03-27"}


@pytest.fixture(autouse=True)
async def _the_books_hold(cashapp: Cashapp) -> AsyncIterator[None]:
    yield
    assert await cashapp.violations() == []
    await cashapp.trial_balance()


async def returned(cashapp: Cashapp, receipt: dict[str, Any], **fields: Any) -> Any:
    return await cashapp.post(f"/v1/receipts/{receipt['id']}/return", RETURN | fields)


async def test_a_returned_payment_leaves_everything_as_if_it_had_never_been_paid(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(payment_terms="2/20 net 30")
    before = await cashapp.trial_balance()
    receipt = await cashapp.receipt("980.00", customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "980.00", discount="20.00"))

    answer = await returned(cashapp, receipt)

    assert answer.status_code == 201, answer.text
    assert (await cashapp.item(item["id"]))["balance"] == "1000.00"
    assert await cashapp.trial_balance() == before
    now = await cashapp.receipt_now(receipt)
    assert (now["status"], now["returned"], now["applied"]) == ("returned", "980.00", "0.00")


async def test_a_return_counts_from_its_value_date(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt(customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "1000.00"))

    await returned(cashapp, receipt)

    seen = {
        day: (await cashapp.get("/v1/items", as_of=day))["data"][0]["balance"] for day in ("2026-03-26", "2026-03-27")
    }
    assert seen == {"2026-03-26": "0.00", "2026-03-27": "1000.00"}


async def test_a_return_is_told_after_the_reversals_it_brings(cashapp: Cashapp) -> None:
    items = [await cashapp.invoice(f"RE-{number}", "100.00") for number in range(2)]
    receipt = await cashapp.receipt("300.00", customer_id="C-1")
    for item in items:
        await cashapp.apply(receipt, takes(item, "100.00"))

    await returned(cashapp, receipt)

    told = await cashapp.events("payment.reversed", "payment.returned")
    assert kinds(told) == ["payment.reversed", "payment.reversed", "payment.returned"]
    assert [event.version for event in told] == [4, 5, 6]
    last = told[-1]
    assert isinstance(last, PaymentReturned)
    assert (last.reason, {one.item_id for one in last.allocations}) == ("nsf", {item["id"] for item in items})


async def test_a_payment_is_returned_once(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt(customer_id="C-1")

    codes = [(await returned(cashapp, receipt)).status_code for _ in range(2)]

    assert codes == [201, 409]


async def test_a_returned_payment_pays_nothing_any_more(cashapp: Cashapp) -> None:
    item, receipt = await cashapp.invoice(), await cashapp.receipt(customer_id="C-1")
    await returned(cashapp, receipt)

    answer = await cashapp.apply(receipt, takes(item, "1.00"))
    proposals = await cashapp.get(f"/v1/receipts/{receipt['id']}/proposals")

    assert (answer.status_code, answer.json()["code"]) == (409, "receipt_returned")
    assert proposals["data"] == []


async def test_money_on_account_spent_later_is_returned_all_the_same(cashapp: Cashapp) -> None:
    item, receipt = await cashapp.invoice(), await cashapp.receipt(customer_id="C-1")
    await cashapp.apply(receipt, on_account="1000.00")
    await cashapp.apply(receipt, takes(item, "600.00"))

    answer = await returned(cashapp, receipt)

    assert answer.status_code == 201, answer.text
    assert (await cashapp.item(item["id"]))["balance"] == "1000.00"


async def test_what_was_applied_after_the_return_date_is_reversed_on_its_own_day(cashapp: Cashapp) -> None:
    item, receipt = await cashapp.invoice(), await cashapp.receipt(customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "1000.00"), posting_date="2026-04-15")

    await returned(cashapp, receipt)

    (application,) = (await cashapp.item(item["id"]))["applications"]
    assert application["reversed_on"] == "2026-04-15"


async def test_a_payment_leaves_no_earlier_than_the_day_on_which_its_residual_was_open_again(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(amount="150.00")
    receipt, second = [await cashapp.receipt(one, customer_id="C-1") for one in ("100.00", "50.00")]
    first = await cashapp.apply(receipt, takes(item, "100.00", shortfall="residual", reason_code="price"))
    residual = {"id": first.json()["allocations"][0]["residual_item_id"]}
    paid = (await cashapp.apply(second, takes(residual, "50.00"))).json()
    await cashapp.post(f"/v1/applications/{paid['id']}/reverse", {"posting_date": "2026-05-10"})

    await returned(cashapp, receipt, value_date="2026-04-15")

    entries = (await cashapp.get("/v1/ledger/entries", receipt_id=receipt["id"]))["data"]
    assert [(one["kind"], one["posting_date"]) for one in entries][-2:] == [
        ("reversal", "2026-05-10"),
        ("return", "2026-05-10"),
    ]


async def test_an_unidentified_payment_is_returned_without_a_fee(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("70.00")

    refused = await returned(cashapp, receipt, fee="5.00")
    answer = await returned(cashapp, receipt)

    assert (refused.status_code, answer.status_code) == (422, 201)


async def test_a_fee_is_a_debit_memo_due_at_once(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt(customer_id="C-1")

    exception = (await returned(cashapp, receipt, fee="12.50")).json()["payment_exception"]

    fee = await cashapp.item(exception["fee_item_id"])
    assert (fee["kind"], fee["balance"], fee["due_date"]) == ("debit_memo", "12.50", "2026-03-27")
    assert (await cashapp.trial_balance())["fees"] == -12.5


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value_date": "2026-03-19"}, "value_date"),
        ({"reason": "whim"}, "reason"),
        ({"fee": "0.001"}, "fee"),
        ({"fee": "-1.00"}, "fee"),
    ],
)
async def test_a_wrong_return_is_refused(cashapp: Cashapp, change: dict[str, str], field: str) -> None:
    answer = await returned(cashapp, await cashapp.receipt(customer_id="C-1"), **change)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_return_opens_an_exception_with_a_deadline_that_is_resolved_once(cashapp: Cashapp) -> None:
    opened = (await returned(cashapp, await cashapp.receipt(customer_id="C-1"))).json()["payment_exception"]
    path = f"/v1/payment-exceptions/{opened['id']}/resolve"
    waiting = await cashapp.get("/v1/payment-exceptions", status="open", customer_id="C-1", due_before="2026-04-07")

    first = await cashapp.post(path, {"outcome": "replaced", "note": "paid by wire"})
    second = await cashapp.post(path, {"outcome": "lost"})

    assert [one["id"] for one in waiting["data"]] == [opened["id"]]
    assert opened["deadline_on"] == "2026-04-06"
    assert (first.json()["status"], second.status_code) == ("resolved", 409)
    assert (await cashapp.get("/v1/payment-exceptions", status="open"))["data"] == []


@pytest.mark.parametrize("reason", DAYS_TO_REACT)
def test_every_reason_has_a_deadline_after_the_return(reason: Any) -> None:
    assert deadline(reason, date(2026, 3, 27)) > date(2026, 3, 27)


async def test_applications_are_taken_back_in_the_order_of_the_journal_whatever_their_ids(cashapp: Cashapp) -> None:
    first, second = await cashapp.invoice("RE-1", "100.00"), await cashapp.invoice("RE-2", "20.00")
    receipt = await cashapp.receipt("120.00", customer_id="C-1")
    made = [
        (await cashapp.apply(receipt, takes(first, "100.00"), on_account="20.00")).json()["id"],
        (await cashapp.apply(receipt, takes(second, "20.00"))).json()["id"],
    ]
    async with cashapp.units.begin() as uow:
        # As another process would have numbered them, whose clock was behind.
        await uow.session.execute(text("set local session_replication_role = replica"))
        for table in ("applications", "allocations", "journal_entries", "journal_lines"):
            await uow.session.execute(
                text(f"update {table} set application_id = 'app_0' || application_id where application_id = :id"),
                {"id": made[1]},
            )

    answer = await returned(cashapp, receipt)

    assert answer.status_code == 201, answer.text
    told = [one.application_id for one in await cashapp.events("payment.reversed") if isinstance(one, PaymentReversed)]
    assert told == [f"app_0{made[1]}", made[0]]
