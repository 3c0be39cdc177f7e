"""Money that comes for an order before its invoice waits on account and pays it when it is posted."""

import asyncio
from typing import Any

from sqlalchemy import text

from cashapp_service.incoming_payments.handlers import on_items_posted
from cashapp_service.items import use_cases as items
from shared.events.cashapp import ItemPosted
from tests.cashapp.driver import Cashapp


async def posted(books: Cashapp, order_id: str) -> None:
    """Hear of all items of an order that were posted, as the worker does."""
    told = [one for one in await books.events("item.posted") if isinstance(one, ItemPosted)]
    async with books.units.begin() as uow:
        await on_items_posted(uow, [one for one in told if one.item.order_id == order_id])


async def prepaid(books: Cashapp, order_id: str, amount: str = "100.00", **fields: Any) -> dict[str, Any]:
    return await books.receipt(amount, **({"customer_id": "C-1", "order_id": order_id} | fields))


async def test_money_for_an_order_waits_on_account(books: Cashapp) -> None:
    receipt = await prepaid(books, "PRE-1")

    assert (receipt["on_account"], receipt["unapplied"], receipt["order_id"]) == ("100.00", "0.00", "PRE-1")


async def test_it_pays_the_orders_invoice_when_that_is_posted(books: Cashapp) -> None:
    receipt = await prepaid(books, "PRE-2")
    item = await books.invoice("PRE-2-INV", "150.00", order_id="PRE-2", issue_date="2026-04-01")

    await posted(books, "PRE-2")

    assert (await books.item(item["id"]))["balance"] == "50.00"
    now = await books.receipt_now(receipt)
    assert (now["status"], now["on_account"]) == ("applied", "0.00")
    (application,) = [
        one for one in (await books.get("/v1/applications", item_id=item["id"]))["data"] if one["status"] == "active"
    ]
    assert (application["method"], application["posting_date"]) == ("prepayment", "2026-04-01")


async def test_what_is_more_than_the_invoice_waits_on(books: Cashapp) -> None:
    receipt = await prepaid(books, "PRE-3", "100.00")
    first = await books.invoice("PRE-3-1", "60.00", order_id="PRE-3")
    await posted(books, "PRE-3")
    second = await books.invoice("PRE-3-2", "60.00", order_id="PRE-3")

    await posted(books, "PRE-3")
    await posted(books, "PRE-3")

    assert [(await books.item(one["id"]))["balance"] for one in (first, second)] == ["0.00", "20.00"]
    assert (await books.receipt_now(receipt))["applied"] == "100.00"


async def test_two_prepayments_pay_one_invoice_the_earlier_first(books: Cashapp) -> None:
    late = await prepaid(books, "PRE-4", "80.00", value_date="2026-03-10")
    early = await prepaid(books, "PRE-4", "80.00", value_date="2026-03-05")
    await books.invoice("PRE-4-INV", "100.00", order_id="PRE-4")

    await posted(books, "PRE-4")

    left = [(await books.receipt_now(one))["on_account"] for one in (early, late)]
    assert left == ["0.00", "60.00"]


async def test_it_pays_at_once_where_the_invoice_is_there(books: Cashapp) -> None:
    item = await books.invoice("PRE-5-INV", "70.00", order_id="PRE-5")

    receipt = await prepaid(books, "PRE-5", "100.00")

    assert (receipt["applied"], receipt["on_account"]) == ("70.00", "30.00")
    assert (await books.item(item["id"]))["status"] == "cleared"


async def test_it_never_pays_another_customers_invoice_or_one_in_another_currency_or_company(books: Cashapp) -> None:
    await prepaid(books, "PRE-6")
    others: list[dict[str, str]] = [{"customer_id": "C-2"}, {"currency": "USD"}, {"company_code": "2000"}]
    items = [await books.invoice(f"PRE-6-{n}", "100.00", order_id="PRE-6", **other) for n, other in enumerate(others)]

    await posted(books, "PRE-6")

    assert {(await books.item(one["id"]))["balance"] for one in items} == {"100.00"}


async def test_a_person_says_which_order_money_is_for(books: Cashapp) -> None:
    receipt = await books.receipt("100.00", customer_id="C-1")
    await books.apply(receipt, on_account="100.00", order_id="PRE-7")
    item = await books.invoice("PRE-7-INV", "100.00", order_id="PRE-7")

    await posted(books, "PRE-7")

    assert (await books.item(item["id"]))["status"] == "cleared"


async def test_the_orders_invoice_is_proposed_for_what_waits(books: Cashapp) -> None:
    receipt = await prepaid(books, "PRE-8")
    item = await books.invoice("PRE-8-INV", "100.00", order_id="PRE-8")

    proposals = (await books.get(f"/v1/receipts/{receipt['id']}/proposals"))["data"]

    assert proposals[0]["allocations"][0]["item_id"] == item["id"]


async def test_a_prepayment_that_bounced_opens_its_invoice_again(books: Cashapp) -> None:
    receipt = await prepaid(books, "PRE-9")
    item = await books.invoice("PRE-9-INV", "100.00", order_id="PRE-9")
    await posted(books, "PRE-9")

    await books.post(f"/v1/receipts/{receipt['id']}/return", {"reason": "nsf", "value_date": "2026-04-02"})
    await posted(books, "PRE-9")

    assert (await books.item(item["id"]))["balance"] == "100.00"


async def test_a_repeat_with_another_order_is_another_receipt(books: Cashapp) -> None:
    await prepaid(books, "PRE-10", bank_reference="B-PRE-10")

    answer = await books.post(
        "/v1/receipts",
        {"method": "wire", "amount": "100.00", "currency": "EUR", "value_date": "2026-03-20", "customer_id": "C-1"}
        | {"bank_reference": "B-PRE-10", "order_id": "PRE-11"},
    )

    assert (answer.status_code, "order_id" in answer.json()["detail"]) == (409, True)


async def somebody_waits(books: Cashapp) -> None:
    """Return as soon as a transaction waits for a row of another."""
    waiting = text("select count(*) from pg_locks where locktype = 'transactionid' and not granted")
    while True:
        async with books.units.read() as session:
            if (await session.execute(waiting)).scalar_one():
                return
        await asyncio.sleep(0.01)


async def test_what_is_named_and_what_is_of_the_order_is_locked_in_the_one_order_of_items(books: Cashapp) -> None:
    of_order = await books.invoice("PRE-11-ORDER", "70.00", order_id="SO-770011")
    named = await books.invoice("RE-770022", "100.00")

    async with asyncio.timeout(10), books.units.begin() as uow:
        await items.locked(uow, {of_order["id"]})
        taken = asyncio.create_task(prepaid(books, "SO-770011", "100.00", reference="RE-770022"))
        await somebody_waits(books)
        await items.locked(uow, {named["id"]})
    await taken

    assert (await books.item(named["id"]))["balance"] == "0.00"
