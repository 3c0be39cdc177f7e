"""How a receipt is applied where it does not simply fit, told through the gateway: by whom, for whom, and taken back."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.flows.receivables import PAID_ON, applied, code, receipt_now, received, takes
from tests.flows.world import World, eventually

pytestmark = pytest.mark.stack


async def test_a_difference_is_written_off_within_what_the_groups_of_user_and_customer_grant(world: World) -> None:
    strict, easy = await world.customer(), await world.customer()
    users, customers = f"USERS-{strict}", f"CUSTOMERS-{strict}"
    granted = {"item_pct": "10", "receipt_pct": "10"}
    five = [{"currency": "EUR", "item_amount": "5.00", "receipt_amount": "5.00"}]
    three = [{"currency": "EUR", "item_amount": "3.00", "receipt_amount": "3.00"}]
    wide = granted | {"kind": "user", "members": ["controller"], "amounts": five}
    narrow = granted | {"kind": "customer", "members": [strict], "amounts": three}
    shut = await code(world, "ar_specialist", f"/v1/tolerance-groups/{users}", wide, method="PUT")
    await world.ask("controller", "PUT", f"/v1/tolerance-groups/{users}", json=wide)
    await world.ask("controller", "PUT", f"/v1/tolerance-groups/{customers}", json=narrow)

    async def short(customer: str, role: str, amount: int = 5) -> Any:
        item = await world.invoice(customer, "100.00")
        receipt = await received(world, customer, f"{100 - amount}.00")
        body = {"allocations": [takes(item, f"{100 - amount}.00", tolerance_write_off=f"{amount}.00")]}
        answer = await world.request(role, "POST", f"/v1/receipts/{receipt['id']}/applications", json=body)
        return (answer.status_code, answer.json().get("code")), (await world.item(item))["balance"]

    found = [
        await short(easy, "ar_specialist"),
        await short(easy, "controller"),
        await short(strict, "controller"),
        await short(strict, "controller", 3),
    ]
    first = {"If-Match": '"1"'}
    left = wide | {"members": []}
    await world.ask("controller", "PUT", f"/v1/tolerance-groups/{users}", json=left, headers=first)
    stale = await code(world, "controller", f"/v1/tolerance-groups/{users}", wide, method="PUT", headers=first)

    assert shut == (403, "insufficient_scope")
    exceeded = ((422, "tolerance_exceeded"), "100.00")
    assert found == [exceeded, ((201, None), "0.00"), exceeded, ((201, None), "0.00")]
    assert await short(easy, "controller") == exceeded
    assert stale == (412, "stale_version")
    await world.books_agree()


async def test_a_third_party_pays_for_others_as_long_as_it_is_known_to(world: World) -> None:
    debtors = [await world.customer(), await world.customer()]
    payer = f"ZR-{debtors[0]}"
    known = {"name": f"Zentralregulierung {payer}", "pays_for": debtors}
    items = [await world.invoice(debtor, "100.00") for debtor in debtors]
    address = f"/v1/payers/{payer}"

    async def pays(part: str) -> Any:
        receipt = await received(world, None, "80.00", payer_name=known["name"])
        body = {"allocations": [takes(item, part) for item in items], "customer_id": debtors[0]}
        answer = await world.request("ar_specialist", "POST", f"/v1/receipts/{receipt['id']}/applications", json=body)
        return answer.status_code, answer.json().get("code")

    before = await pays("40.00")
    shut = await code(world, "erp", address, known, method="PUT")
    await world.ask("ar_specialist", "PUT", address, json=known)
    paid = await pays("40.00")
    listed = await world.get("auditor", address)
    await world.ask("ar_specialist", "PUT", address, json=known | {"pays_for": []})

    assert (before, shut, paid) == ((422, "foreign_item"), (403, "insufficient_scope"), (201, None))
    assert listed["pays_for"] == sorted(debtors)
    assert await pays("40.00") == (422, "foreign_item")
    assert [(await world.item(item))["balance"] for item in items] == ["60.00", "60.00"]
    assert (await world.get("auditor", address))["version"] == 2


async def test_money_for_an_order_waits_on_account_and_pays_the_invoice_when_it_comes(world: World) -> None:
    customer = await world.customer()
    order = f"SO-{customer}"
    await world.check(customer, "300.00", order)
    receipt = await received(world, customer, "300.00", order_id=order)
    waiting = await receipt_now(world, receipt)

    item = await world.invoice(customer, "300.00", order_id=order, issued_on=PAID_ON + timedelta(days=2))

    async def settled() -> None:
        assert (await world.item(item))["status"] == "cleared"
        assert (await receipt_now(world, receipt))["on_account"] == "0.00"

    await eventually(settled)
    assert (waiting["on_account"], waiting["order_id"]) == ("300.00", order)
    await world.expect_exposure(customer, open_orders="0.00", open_items="0.00", total="0.00")


async def test_a_residual_clears_the_item_and_stands_for_the_rest_until_it_is_paid(world: World) -> None:
    customer = await world.customer()
    item = await world.invoice(customer, "400.00")
    receipt = await received(world, customer, "500.00")
    unreasoned = {"allocations": [takes(item, "350.00", shortfall="residual")]}
    refused = await code(world, "ar_specialist", f"/v1/receipts/{receipt['id']}/applications", unreasoned)

    made = await applied(world, receipt, takes(item, "350.00", shortfall="residual", reason_code="freight"))
    residual = await world.get("ar_specialist", f"/v1/items/{made['allocations'][0]['residual_item_id']}")
    before = await world.item(item)
    await applied(world, receipt, takes(residual, "50.00"))

    assert refused == (422, "reason_missing")
    assert (before["status"], residual["balance"], residual["refers_to"]) == ("cleared", "50.00", item["number"])
    assert (residual["due_date"], residual["reason_code"]) == (item["due_date"], "freight")
    paid = {"status": "cleared", "balance": "0.00"}
    assert {name: (await world.item(residual))[name] for name in paid} == paid
    await world.expect_exposure(customer, open_items="0.00", special="0.00")
    await world.books_agree()


async def test_a_debit_that_came_back_is_presented_again_and_pays_what_it_had_paid(world: World) -> None:
    customer = await world.customer()
    item = await world.invoice(customer, "250.00")
    receipt = await received(world, customer, "250.00", method="direct_debit")
    await applied(world, receipt, takes(item, "250.00"))
    back = {"reason_code": "AM04", "value_date": (PAID_ON + timedelta(days=2)).isoformat()}
    returned = await world.ask("ar_specialist", "POST", f"/v1/receipts/{receipt['id']}/return", json=back)
    address = f"/v1/payment-exceptions/{returned['payment_exception']['id']}"
    await world.expect_exposure(customer, open_items="250.00")

    again = {"represented_on": (PAID_ON + timedelta(days=3)).isoformat()}
    shut = await code(world, "collector", f"{address}/represent", again)
    await world.ask("ar_specialist", "POST", f"{address}/represent", json=again)
    twice = await code(world, "ar_specialist", f"{address}/represent", again)
    cleared_on = (PAID_ON + timedelta(days=6)).isoformat()
    outcome = {"outcome": "represented", "resolved_on": cleared_on, "value_date": cleared_on}
    resolved = await world.ask("ar_specialist", "POST", f"{address}/resolve", json=outcome)

    assert (shut, twice) == ((403, "insufficient_scope"), (409, "step_not_possible"))
    assert (await world.item(item))["status"] == "cleared"
    second = await world.get("ar_specialist", f"/v1/receipts/{resolved['recovery_receipt_id']}")
    assert (second["amount"], second["status"], second["value_date"]) == ("250.00", "applied", cleared_on)
    await world.expect_exposure(customer, total="0.00")
    await world.books_agree()


@pytest.mark.shared_data
async def test_a_banks_own_file_is_taken_once_and_its_money_applied_and_taken_back(
    world: World, shared_data: Path
) -> None:
    content = (shared_data / "mt940-rs" / "cmxl" / "mt940_1.sta").read_bytes()
    first = await world.import_file(content)
    repeated = await world.import_file(content)
    (statement,) = (await world.get("ar_specialist", "/v1/statements", import_id=first["id"]))["data"]
    entries = (await world.get("ar_specialist", f"/v1/statements/{statement['id']}/entries"))["data"]
    (receipt_id,) = [entry["receipt_id"] for entry in entries if entry["receipt_id"]]
    receipt = await world.get("ar_specialist", f"/v1/receipts/{receipt_id}")
    customer = await world.customer(limit="5000.00")
    item = await world.invoice(customer, "2500.00")

    made = await applied(world, receipt, takes(item, "2500.00"), customer_id=customer)
    paid, held = await world.item(item), await receipt_now(world, receipt)
    shut = await code(world, "erp", f"/v1/applications/{made['id']}/reverse", {})
    await world.ask("ar_specialist", "POST", f"/v1/applications/{made['id']}/reverse", json={})
    twice = await code(world, "ar_specialist", f"/v1/applications/{made['id']}/reverse", {})

    assert (first["result"]["created"], repeated["result"]["created"], statement["proved"]) == (2, 0, True)
    assert [entry["amount"] for entry in entries] == ["-800.00", "3000.00"]
    assert (paid["status"], held["applied"], held["unapplied"]) == ("cleared", "2500.00", "500.00")
    assert (shut, twice) == ((403, "insufficient_scope"), (409, "already_reversed"))
    assert (await world.item(item))["balance"] == "2500.00"
    now = await receipt_now(world, receipt)
    assert (now["customer_id"], now["applied"], now["unapplied"]) == (customer, "0.00", "3000.00")
    await world.expect_exposure(customer, open_items="2500.00")
    await world.books_agree()


@pytest.mark.shared_data
async def test_a_banks_file_in_a_format_that_is_not_read_is_refused_with_those_that_are(
    world: World, shared_data: Path
) -> None:
    job = await world.import_file((shared_data / "bai2-moov" / "sample1.txt").read_bytes(), name=f"{uuid4().hex}.txt")

    assert (job["status"], job["result"]) == ("failed", None)
    assert "Send MT940 or camt.053" in job["errors"][0]["detail"]
