"""Small differences in money that comes in: written off by itself within the limits of the system, customer and receipt."""

import asyncio
from typing import Any

from tests.cashapp.driver import Cashapp, mt940
from tests.cashapp.tolerance_groups.test_routes import put


async def named(books: Cashapp, number: str, amount: str, **fields: Any) -> dict[str, Any]:
    """Post an invoice of 1000.00 and a receipt that names it; return the item then."""
    item = await books.invoice(number, "1000.00", **fields)
    await books.receipt(amount, reference=number)
    return await books.item(item["id"])


async def test_a_receipt_that_is_short_within_the_companys_tolerance_clears_its_item(books: Cashapp) -> None:
    item = await named(books, "RT-7001", "995.00")
    assert (item["status"], item["balance"]) == ("cleared", "0.00")
    (found,) = item["applications"]
    application = await books.get(f"/v1/applications/{found['application_id']}")
    assert application["method"] == "named_tolerance"
    assert application["allocations"][0]["tolerance_write_off"] == "5.00"
    assert application["receipt"]["status"] == "applied"


async def test_a_receipt_that_is_short_by_more_is_left_to_a_person(books: Cashapp) -> None:
    item = await named(books, "RT-7002", "994.99")
    assert (item["status"], item["balance"]) == ("open", "1000.00")


async def test_the_customers_group_narrows_what_is_written_off_by_itself(books: Cashapp) -> None:
    strict = [{"currency": "EUR", "item_amount": "1.00", "receipt_amount": "1.00"}]
    await put(books, "STRICT", kind="customer", members=["C-3"], amounts=strict)
    assert (await named(books, "RT-7003", "998.00", customer_id="C-3"))["balance"] == "1000.00"
    assert (await named(books, "RT-7004", "999.00", customer_id="C-3"))["balance"] == "0.00"


async def test_the_group_of_a_customer_that_is_only_named_narrows_what_is_proposed(books: Cashapp) -> None:
    await books.invoice("RT-7007", "1000.00", customer_id="C-3")
    receipt = await books.receipt("998.00", reference="RT-7007")
    best = (await books.get(f"/v1/receipts/{receipt['id']}/proposals"))["data"][0]
    assert (best["method"], best["automatic"]) == ("named_partial", False)
    assert receipt["status"] == "unidentified"


async def test_a_bank_file_is_under_the_limits_of_the_system_and_of_the_customer(books: Cashapp) -> None:
    wide = [{"currency": "EUR", "item_amount": "9.00", "receipt_amount": "9.00"}]
    answer = await put(books, "MACHINE", members=["system"], amounts=wide)
    assert answer.status_code == 201, answer.text
    usual = await books.invoice("RT-7005", "1000.00")
    strict = await books.invoice("RT-7006", "1000.00", customer_id="C-3")
    job = await books.imported(mt940("C991,NTRFNONREF//T1|RT-7005", "C995,NTRFNONREF//T2|RT-7006", account="DE7"))
    assert (job["result"]["auto_applied"], job["result"]["unidentified"]) == (1, 1)
    assert (await books.item(usual["id"]))["balance"] == "0.00"
    assert (await books.item(strict["id"]))["balance"] == "1000.00"


async def test_a_proposal_says_what_it_would_write_off_and_is_taken_as_it_is(books: Cashapp) -> None:
    item = await books.invoice("RT-7010", "1000.00", customer_id="C-2")
    receipt = await books.receipt("996.00", reference="RT-7010", bank_reference="RT-A", value_date="2026-03-22")
    application = (await books.item(item["id"]))["applications"][0]["application_id"]
    await books.post(f"/v1/applications/{application}/reverse")
    best = (await books.get(f"/v1/receipts/{receipt['id']}/proposals"))["data"][0]
    assert (best["method"], best["allocations"][0]["tolerance_write_off"]) == ("named_tolerance", "4.00")
    answer = await books.post(f"/v1/receipts/{receipt['id']}/applications")
    assert answer.json()["allocations"][0]["tolerance_write_off"] == "4.00"
    assert (await books.item(item["id"]))["status"] == "cleared"


async def test_a_person_is_proposed_no_more_than_its_own_group_may_write_off(books: Cashapp) -> None:
    await put(books, "PEOPLE", members=["ar_specialist"], amounts=[])
    item = await books.invoice("RT-7012", "1000.00", customer_id="C-2")
    receipt = await books.receipt("999.00", reference="RT-7012", value_date="2026-03-22")
    application = (await books.item(item["id"]))["applications"][0]["application_id"]
    await books.post(f"/v1/applications/{application}/reverse")
    methods = [
        (await books.get(f"/v1/receipts/{receipt['id']}/proposals", role=role))["data"][0]["method"]
        for role in ("admin", "ar_specialist")
    ]
    assert methods == ["named_tolerance", "named_partial"]


async def test_sixteen_short_receipts_for_one_item_write_off_once(books: Cashapp) -> None:
    item = await books.invoice("RT-7020", "1000.00")
    await asyncio.gather(*(books.receipt("996.00", reference="RT-7020") for _ in range(16)))
    now = await books.item(item["id"])
    assert (now["balance"], len(now["applications"])) == ("0.00", 1)
    found = await books.get("/v1/receipts", reference="RT-7020")
    applied = [one for one in found["data"] if one["status"] == "applied"]
    assert (len(found["data"]), len(applied)) == (16, 1)
