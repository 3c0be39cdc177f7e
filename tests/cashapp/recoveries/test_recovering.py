"""Money for what was written off, over HTTP on a real database; after each test the books must hold."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from shared.events.cashapp import ItemEvent, PaymentApplied
from tests.cashapp.driver import Cashapp, kinds, takes
from tests.cashapp.write_offs.test_writing_off import decide, waiting, written_off


@pytest.fixture(autouse=True)
async def _the_books_hold(cashapp: Cashapp) -> AsyncIterator[None]:
    yield
    assert await cashapp.violations() == []


async def book(cashapp: Cashapp, write_off: Any, receipt: Any, role: str = "ar_specialist", **fields: Any) -> Any:
    """Book a recovery and return the answer."""
    body = {"receipt_id": receipt["id"]} | fields
    return await cashapp.post(f"/v1/write-offs/{write_off['id']}/recoveries", body, role=role)


async def late_money(cashapp: Cashapp, amount: str = "300.00", **fields: Any) -> dict[str, Any]:
    """Return a receipt that came after the write-off."""
    return await cashapp.receipt(amount, **{"customer_id": "C-1", "value_date": "2026-05-04"} | fields)


async def test_a_recovery_is_income_and_leaves_the_item_cleared(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    write_off = await written_off(cashapp, (item, None))
    receipt = await late_money(cashapp)

    answer = await book(cashapp, write_off, receipt)

    assert (answer.status_code, answer.json()["amount"], answer.json()["posted_on"]) == (201, "300.00", "2026-05-04")
    assert (await cashapp.item(item["id"]))["status"] == "cleared"
    assert (await cashapp.receipt_now(receipt))["applied"] == "300.00"
    assert (await cashapp.get(f"/v1/write-offs/{write_off['id']}"))["recovered"] == "300.00"
    assert await cashapp.trial_balance() == {
        "cash": Decimal(300),
        "bad_debt": Decimal(1000),
        "revenue": Decimal(-1000),
        "recoveries": Decimal(-300),
    }
    told = await cashapp.events()
    assert kinds(told)[-3:] == ["item.updated", "item.cleared", "payment.applied"]
    assert [(event.posting.kind, event.posting.amount) for event in told[-3:-1] if isinstance(event, ItemEvent)] == [
        ("write_off", Decimal("300.00")),
        ("payment", Decimal("-300.00")),
    ]
    steps = (await cashapp.get(f"/v1/items/{item['id']}/history"))["steps"]
    assert [(one["kind"], one["balance"], one["document_id"], one["by"]) for one in steps[1:]] == [
        ("write_off", "0.00", write_off["id"], "controller"),
        ("write_off", "300.00", answer.json()["id"], "ar_specialist"),
        ("payment", "0.00", answer.json()["id"], "ar_specialist"),
    ]
    assert isinstance(told[-1], PaymentApplied)
    assert told[-1].allocations[0].amount == Decimal("300.00")


async def test_no_more_is_recovered_than_was_written_off(cashapp: Cashapp) -> None:
    write_off = await written_off(cashapp, (await cashapp.invoice(), "200.00"))
    receipt = await late_money(cashapp)

    too_much = await book(cashapp, write_off, receipt, amount="200.01")
    all_of_it = await book(cashapp, write_off, receipt)
    again = [await book(cashapp, write_off, receipt), await book(cashapp, write_off, receipt, amount="0.01")]

    assert (too_much.status_code, too_much.json()["code"]) == (409, "recovery_exceeds_write_off")
    assert all_of_it.json()["amount"] == "200.00"
    assert [one.json()["code"] for one in again] == ["nothing_recoverable", "recovery_exceeds_write_off"]
    assert (await cashapp.receipt_now(receipt))["unapplied"] == "100.00"


async def test_a_recovery_is_taken_back_once_and_the_item_is_written_off_again(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    write_off = await written_off(cashapp, (item, None))
    receipt = await late_money(cashapp)
    await cashapp.apply(receipt, on_account="250.00")
    recovery = (await book(cashapp, write_off, receipt, amount="100.00")).json()
    path = f"/v1/recoveries/{recovery['id']}/reverse"

    early = await cashapp.post(path, {"posting_date": "2026-05-03"})
    answers = [await cashapp.post(path, {"posting_date": "2026-05-10"}) for _ in range(2)]

    assert (early.status_code, early.json()["code"]) == (422, "posted_too_early")
    assert [one.status_code for one in answers] == [200, 409]
    now = await cashapp.receipt_now(receipt)
    assert (now["unapplied"], now["on_account"], now["applied"]) == ("50.00", "250.00", "0.00")
    assert (await cashapp.item(item["id"]))["status"] == "cleared"
    assert kinds(await cashapp.events())[-3:] == ["item.updated", "item.cleared", "payment.reversed"]
    listed = (await cashapp.get(f"/v1/write-offs/{write_off['id']}/recoveries"))["data"]
    assert [(one["status"], one["reversed_on"]) for one in listed] == [("reversed", "2026-05-10")]


async def test_a_payment_that_bounces_takes_its_recovery_and_its_applications_back(cashapp: Cashapp) -> None:
    lost, paid = await cashapp.invoice("RE-2"), await cashapp.invoice("RE-1", "50.00")
    write_off = await written_off(cashapp, (lost, None))
    receipt = await late_money(cashapp, method="cheque")
    await cashapp.apply(receipt, takes(paid, "50.00"))
    await book(cashapp, write_off, receipt, amount="200.00")

    answer = await cashapp.post(f"/v1/receipts/{receipt['id']}/return", {"reason": "nsf", "value_date": "2026-05-08"})

    assert (answer.status_code, answer.json()["returned"]) == (201, "300.00")
    assert [(await cashapp.item(one["id"]))["balance"] for one in (lost, paid)] == ["0.00", "50.00"]
    assert (await cashapp.get(f"/v1/write-offs/{write_off['id']}"))["recovered"] == "0.00"
    assert "recoveries" not in await cashapp.trial_balance()
    (told,) = await cashapp.events("payment.returned")
    assert len(told.allocations) == 2  # type: ignore[attr-defined]  # a payment.returned has them


async def test_a_write_off_that_was_recovered_is_not_taken_back_before_its_recovery(cashapp: Cashapp) -> None:
    write_off = await written_off(cashapp, (await cashapp.invoice(), None))
    recovery = (await book(cashapp, write_off, await late_money(cashapp))).json()
    body = {"reason": "By mistake"}

    before = await decide(cashapp, write_off, "reverse", body)
    await cashapp.post(f"/v1/recoveries/{recovery['id']}/reverse")
    after = await decide(cashapp, write_off, "reverse", body)

    assert (before.status_code, before.json()["code"]) == (409, "write_off_recovered")
    assert after.status_code == 200


async def test_a_recovery_names_its_item_where_the_write_off_has_several(cashapp: Cashapp) -> None:
    first, second = await cashapp.invoice("RE-1"), await cashapp.invoice("RE-2")
    write_off = await written_off(cashapp, (first, None), (second, None))
    receipt = await late_money(cashapp)

    unsaid = await book(cashapp, write_off, receipt)
    wrong = await book(cashapp, write_off, receipt, item_id="itm_nowhere")
    named = await book(cashapp, write_off, receipt, item_id=second["id"])

    assert [one.json()["code"] for one in (unsaid, wrong)] == ["which_item"] * 2
    assert (named.status_code, named.json()["number"]) == (201, "RE-2")


async def test_a_recovery_that_cannot_be_is_refused_and_leaves_no_trace(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    write_off = await written_off(cashapp, (item, "500.00"))
    pending = await waiting(cashapp, (item, None))
    receipt = await late_money(cashapp)
    events = len(await cashapp.events())

    answers = [
        await book(cashapp, pending, receipt),
        await book(cashapp, {"id": "wof_nowhere"}, receipt),
        await book(cashapp, write_off, {"id": "rcp_nowhere"}),
        await book(cashapp, write_off, receipt, amount="300.01"),
        await book(cashapp, write_off, receipt, amount="1.001"),
        await book(cashapp, write_off, receipt, posting_date="2026-05-03"),
        await book(cashapp, write_off, receipt, role="collector"),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (409, "write_off_state"),
        (404, "write_off_not_found"),
        (404, "receipt_not_found"),
        (409, "receipt_exhausted"),
        (422, "too_many_decimals"),
        (422, "posted_too_early"),
        (403, "insufficient_scope"),
    ]
    assert len(await cashapp.events()) == events


async def test_only_money_of_the_same_customer_company_and_currency_recovers(cashapp: Cashapp) -> None:
    write_off = await written_off(cashapp, (await cashapp.invoice(), None))
    wrong = [
        await late_money(cashapp, customer_id="C-2"),
        await late_money(cashapp, currency="USD"),
        await late_money(cashapp, company_code="2000"),
        await late_money(cashapp, customer_id=None),
    ]

    answers = [await book(cashapp, write_off, one) for one in wrong]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(422, "foreign_receipt")}


async def test_recoveries_at_once_take_no_more_than_there_is(cashapp: Cashapp) -> None:
    items = [await cashapp.invoice(f"RE-{n}", "100.00") for n in range(3)]
    write_off = await written_off(cashapp, *[(item, None) for item in items])
    receipts = [await late_money(cashapp, "100.00", reference=str(n)) for n in range(3)]

    answers = await asyncio.gather(
        *(
            book(cashapp, write_off, receipt, item_id=item["id"], amount="60.00")
            for item in items
            for receipt in receipts
        ),
        *(cashapp.post(f"/v1/receipts/{receipts[0]['id']}/return", {"reason": "nsf", "value_date": "2026-05-08"}),),
    )

    assert {one.status_code for one in answers} <= {201, 409}
    recovered = Decimal((await cashapp.get(f"/v1/write-offs/{write_off['id']}"))["recovered"])
    assert recovered in (Decimal(120), Decimal(180))
