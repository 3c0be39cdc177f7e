"""Order to cash, line by line of the story, over HTTP through the gateway with events over RabbitMQ."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.flows.world import DAY, Integrator, World, bank_credit, bank_file, eventually

pytestmark = pytest.mark.stack

DUE = DAY + timedelta(days=30)
LATER = DAY + timedelta(days=45)


async def test_1_a_manager_approves_what_is_above_the_analysts_authority_and_nobody_his_own(world: World) -> None:
    customer = await world.customer(limit=None)

    small = await world.limit(customer, "20000.00")
    large = await world.limit(customer, "400000.00")
    own = await world.request("credit_analyst", "POST", f"/v1/limit-requests/{large['id']}/approve")
    huge = await world.limit(customer, "5000000.00", "credit_manager")
    own_manager = await world.request("credit_manager", "POST", f"/v1/limit-requests/{huge['id']}/approve")
    approved = await world.ask("credit_manager", "POST", f"/v1/limit-requests/{large['id']}/approve")

    assert (small["status"], large["status"], approved["status"]) == ("approved", "pending", "approved")
    assert (own.status_code, own_manager.status_code) == (403, 403)
    credit = await world.get("credit_analyst", f"/v1/customers/{customer}/credit")
    assert credit["credit_limit"] == "400000.00"


async def test_2_an_order_reserves_exposure_and_the_one_too_many_is_held_with_its_reasons(world: World) -> None:
    customer = await world.customer(limit="1000.00")

    first = await world.check(customer, "800.00", "SO-first-" + customer)
    again = await world.check(customer, "800.00", "SO-first-" + customer)
    second = await world.check(customer, "300.00")

    assert (first["decision"], first["exposure_after"]) == ("approved", "800.00")
    assert again["id"] == first["id"]
    assert second["decision"] == "held"
    assert [reason["rule"] for reason in second["reasons"]] == ["static_limit"]
    assert second["hold_id"]
    await world.expect_exposure(customer, open_orders="800.00", total="800.00")


async def test_2_a_changed_order_replaces_its_reservation(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    order = "SO-" + customer

    await world.check(customer, "800.00", order)
    changed = await world.check(customer, "900.00", order)

    assert changed["decision"] == "approved"
    await world.expect_exposure(customer, open_orders="900.00")


async def test_2_forty_orders_at_once_let_exactly_ten_through(world: World) -> None:
    customer = await world.customer(limit="1000.00")

    decisions = await asyncio.gather(*(world.check(customer, "100.00") for _ in range(40)))

    assert sum(1 for one in decisions if one["decision"] == "approved") == 10
    await world.expect_exposure(customer, open_orders="1000.00")


async def test_3_the_reservation_becomes_receivable_and_is_never_counted_twice(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    order = "SO-" + customer
    await world.check(customer, "700.00", order)
    seen: set[str] = set()
    posting = asyncio.create_task(world.invoice(customer, "700.00", order_id=order))

    async def walked() -> None:
        exposure = await world.exposure(customer)
        seen.add(exposure["total"])
        assert exposure["open_items"] == "700.00"

    await eventually(walked)
    await posting

    assert seen == {"700.00"}
    await world.expect_exposure(customer, open_orders="0.00", open_items="700.00", total="700.00")
    assert (await world.get("erp", f"/v1/orders/{order}"))["status"] == "invoiced"


async def test_3_an_invoice_before_its_order_check_reserves_nothing_more(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    order = "SO-" + customer
    await world.invoice(customer, "700.00", order_id=order)
    await world.expect_exposure(customer, open_items="700.00")

    await world.check(customer, "700.00", order)

    await world.expect_exposure(customer, open_orders="0.00", open_items="700.00", total="700.00")


async def test_4_the_day_passes_and_the_collector_sees_whom_to_call_and_why(world: World) -> None:
    name = f"coll-{DAY}"
    customer = await world.customer(collector=name)
    item = await world.invoice(customer, "500.00")

    async def in_its_bucket() -> None:
        assert (await world.aging(customer, LATER)).get("1-30") == Decimal("500.00")

    await eventually(in_its_bucket)
    assert (await world.aging(customer, DUE))["not_due"] == Decimal("500.00")
    ranked = (await world.get("collector", "/v1/worklist", collector=name, as_of=LATER.isoformat()))["data"]
    mine = next(row for row in ranked if row["customer_id"] == customer)
    assert mine["past_due"] == "500.00"
    assert mine["reasons"]
    assert mine["priority"] == sum(reason["points"] for reason in mine["reasons"])

    call = {
        "customer_id": customer,
        "kind": "call_out",
        "outcome": "promise",
        "note": "pays Friday",
        "item_ids": [item["id"]],
    }
    await world.ask("collector", "POST", "/v1/activities", json=call)
    promise = await promise_of(world, customer, "500.00", promised_on=date(2027, 1, 8), made_on=LATER)

    log = await world.get("collector", "/v1/activities", customer_id=customer)
    assert [entry["note"] for entry in log["data"]] == ["pays Friday"]
    assert promise["status"] == "open"


async def promise_of(
    world: World, customer: str, amount: str, *, promised_on: date, made_on: date = DAY, items: list[str] | None = None
) -> Any:
    body = {
        "customer_id": customer,
        "promised_on": promised_on.isoformat(),
        "made_on": made_on.isoformat(),
        "amount": amount,
        "currency": "EUR",
    }
    return await world.ask("collector", "POST", "/v1/promises", json=body | ({"items": items} if items else {}))


async def expect_promise(world: World, promise: Any, status: str) -> None:
    async def look() -> None:
        assert (await world.get("collector", f"/v1/promises/{promise['id']}"))["status"] == status

    await eventually(look)


async def test_5_a_bank_file_applies_what_names_its_invoice_disputes_what_is_short_and_keeps_the_unknown(
    world: World,
) -> None:
    customer = await world.customer()
    named, short = await world.invoice(customer, "500.00"), await world.invoice(customer, "300.00")
    account = f"DE{customer[2:]:0>20}"
    content = bank_file(
        bank_credit("500.00", f"Invoice {named['number']}", paid_on=DAY, account=account),
        bank_credit("270.00", f"Invoice {short['number']} DAMAGE", paid_on=DAY, account=account),
        bank_credit("99.00", "Danke", paid_on=DAY, payer="Unbekannt", account=account),
    )

    first, second = await world.import_file(content), await world.import_file(content)

    assert first["status"] == second["status"] == "succeeded", (first, second)
    assert (first["result"]["created"], first["result"]["unidentified"]) == (3, 1)
    assert (second["result"]["created"], second["result"]["duplicates"]) == (0, 3)
    assert (await world.item(named))["status"] == "cleared"
    assert (await world.item(short))["balance"] == "30.00"

    async def disputed() -> None:
        cases = (await world.get("dispute_coordinator", "/v1/disputes", customer_id=customer))["data"]
        assert [(case["disputed_amount"], case["source"]) for case in cases] == [("30.00", "short_payment")]
        assert (await world.item(short))["disputed_amount"] == "30.00"

    await eventually(disputed)
    await world.books_agree()


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "file",
    ["mt940-wolph/betterplace/sepa_mt9401.sta", "mt940-zilverline/sns/sns.txt", "camt-oca/test-camt053-txdtls"],
)
async def test_5_real_bank_files_become_receipts_once(world: World, shared_data: Path, file: str) -> None:
    content = (shared_data / file).read_bytes()

    first, second = await world.import_file(content, file), await world.import_file(content, file)

    assert first["status"] == second["status"] == "succeeded", (first, second)
    assert first["result"]["created"] > 0
    assert (second["result"]["created"], second["result"]["duplicates"]) == (0, first["result"]["lines"])
    statements = (await world.get("ar_specialist", "/v1/statements", import_id=first["id"]))["data"]
    assert statements
    assert all(statement["proved"] for statement in statements)
    await world.books_agree()


async def test_5_a_broken_bank_file_says_which_line_and_why_and_nothing_is_taken(world: World) -> None:
    broken = bank_file(bank_credit("10.00", "x", paid_on=DAY)).replace(b'Ccy="EUR">10.00<', b'Ccy="EUR">11.00<', 1)

    job = await world.import_file(broken)

    assert job["status"] == "failed"
    assert "clos" in str(job["errors"]).lower() or "balance" in str(job["errors"]).lower()


async def test_6_a_promise_is_kept_by_the_receipt_and_an_unpaid_one_breaks_on_its_day(world: World) -> None:
    payer, debtor = await world.customer(), await world.customer()
    item = await world.invoice(payer, "400.00")
    await world.invoice(debtor, "600.00")
    kept = await promise_of(world, payer, "400.00", promised_on=DUE, items=[item["id"]])
    broken = await promise_of(world, debtor, "600.00", promised_on=DUE)

    await world.receipt(item, paid_on=DUE)
    await expect_promise(world, kept, "kept")
    await world.run_day(DUE)
    await expect_promise(world, broken, "open")
    await world.run_day(DUE + timedelta(days=10))

    await expect_promise(world, broken, "broken")
    await expect_promise(world, kept, "kept")


async def test_6_exposure_falls_with_the_payment_and_the_held_order_is_released(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    item = await world.invoice(customer, "900.00")
    await world.expect_exposure(customer, open_items="900.00")
    held = await world.check(customer, "500.00", "SO-" + customer)
    assert held["decision"] == "held"

    await world.receipt(item, paid_on=DAY)

    async def released() -> None:
        assert (await world.get("erp", f"/v1/orders/SO-{customer}"))["status"] == "released"

    await eventually(released)
    await world.expect_exposure(customer, open_orders="500.00", open_items="0.00", total="500.00")


async def test_7_a_valid_dispute_ends_in_a_credit_memo_a_cleared_item_and_a_closed_case(world: World) -> None:
    customer = await world.customer()
    item = await world.invoice(customer, "200.00")
    body = {
        "customer_id": customer,
        "items": [{"item_id": item["id"], "disputed_amount": "200.00"}],
        "reason_code": "damage",
        "description": "All broken.",
        "source": "call",
    }
    case = await world.ask("dispute_coordinator", "POST", "/v1/disputes", json=body)
    decision = {
        "outcome": "valid",
        "resolution": "credit_memo",
        "amount": "200.00",
        "root_cause": "transport",
        "note": "agreed",
    }

    await world.ask("dispute_coordinator", "POST", f"/v1/disputes/{case['id']}/resolve", json=decision)

    async def closed() -> None:
        assert (await world.item(item))["status"] == "cleared"
        assert (await world.get("dispute_coordinator", f"/v1/disputes/{case['id']}"))["status"] == "closed"

    await eventually(closed)
    await world.expect_exposure(customer, open_items="0.00", total="0.00")
    await world.books_agree()


async def test_8_a_bounced_cheque_leaves_everything_as_if_it_had_never_been_paid(world: World) -> None:
    start = date(2026, 8, 3)
    customer = await world.customer()
    item = await world.invoice(customer, "400.00", issued_on=start)
    promise = await promise_of(world, customer, "400.00", promised_on=date(2026, 9, 10), made_on=start)
    await world.expect_exposure(customer, total="400.00")
    receipt = await world.receipt(item, paid_on=start + timedelta(days=5))
    await expect_promise(world, promise, "kept")
    await world.expect_exposure(customer, total="0.00")

    back = {"reason": "nsf", "value_date": (start + timedelta(days=9)).isoformat()}
    returned = await world.ask("ar_specialist", "POST", f"/v1/receipts/{receipt['id']}/return", json=back)
    twice = await world.request("ar_specialist", "POST", f"/v1/receipts/{receipt['id']}/return", json=back)

    assert (returned["status"], twice.status_code) == ("returned", 409)
    assert ((await world.item(item))["balance"], (await world.item(item))["status"]) == ("400.00", "open")
    await expect_promise(world, promise, "open")
    await world.expect_exposure(customer, open_items="400.00", total="400.00")
    exceptions = (await world.get("ar_specialist", "/v1/payment-exceptions"))["data"]
    assert receipt["id"] in [one["receipt_id"] for one in exceptions]
    days = [start + timedelta(days=offset) for offset in range(12)]
    await world.aging_agrees(customer, days)
    assert (await world.open_items(customer, start + timedelta(days=6))) == 0
    await world.books_agree()


async def test_9_ledger_open_items_and_aging_agree_as_of_every_past_day(world: World) -> None:
    customer = await world.customer(limit="10000.00")
    first, second = await world.invoice(customer, "100.00"), await world.invoice(customer, "250.55")
    paid = await world.receipt(first, paid_on=DAY + timedelta(days=3), amount="60.00")
    await world.receipt(second, paid_on=DAY + timedelta(days=5))
    await world.books_agree()
    back = {"reason": "nsf", "value_date": (DAY + timedelta(days=8)).isoformat()}
    await world.ask("ar_specialist", "POST", f"/v1/receipts/{paid['id']}/return", json=back)
    await world.books_agree()

    expected = {0: "350.55", 3: "290.55", 5: "40.00", 8: "100.00"}
    for offset, amount in expected.items():
        assert await world.open_items(customer, DAY + timedelta(days=offset)) == Decimal(amount)
    await world.aging_agrees(customer, [DAY + timedelta(days=offset) for offset in range(-1, 40)])


async def test_9_every_account_of_the_ledger_agrees_with_aging_over_all_customers(world: World) -> None:
    async def agree() -> None:
        for day in (DAY, DUE, LATER, date(2026, 12, 31)):
            trial = await world.get("auditor", "/v1/ledger/trial-balance", as_of=day.isoformat())
            aging = await world.get("auditor", "/v1/aging", as_of=day.isoformat())
            receivable = {
                row["currency"]: Decimal(row["balance"]) for row in trial["data"] if row["account"] == "receivables"
            }
            aged = {
                row["currency"]: sum((Decimal(amount) for amount in row["amounts"].values()), Decimal(0))
                for row in aging["totals"]
            }
            currencies = receivable.keys() | aged.keys()
            assert {one: receivable.get(one, 0) for one in currencies} == {one: aged.get(one, 0) for one in currencies}

    await eventually(agree)


async def test_10_an_integrator_receives_every_event_of_the_story_valid_and_the_feed_has_the_same(
    world: World, integrator: Integrator, event_schemas: dict[str, Draft202012Validator]
) -> None:
    customer = await world.customer(limit="1000.00")
    item = await world.invoice(customer, "900.00")
    await world.expect_exposure(customer, open_items="900.00")
    await world.check(customer, "50.00")
    await world.check(customer, "500.00")
    promise = await promise_of(world, customer, "900.00", promised_on=date(2027, 1, 8))
    short = await world.receipt(item, paid_on=DAY, amount="850.00", reason_code="damage")
    await expect_promise(world, promise, "open")
    back = {"reason": "nsf", "value_date": DAY.isoformat()}
    await world.ask("ar_specialist", "POST", f"/v1/receipts/{short['id']}/return", json=back)
    await world.receipt(item, paid_on=DAY)
    expected = {
        "customer.created", "credit.limit_changed", "order.approved", "order.held", "order.released", "item.posted",
        "item.updated", "item.cleared", "payment.received", "payment.applied", "payment.short_paid", "payment.returned",
        "dispute.opened", "promise.made", "promise.kept",
    }  # fmt: skip

    async def arrived() -> None:
        assert expected <= {event["type"] for event in integrator.of(customer)}

    await eventually(arrived)
    for event in integrator.events:
        event_schemas[event["type"]].validate(event)

    async def same_in_the_feed() -> None:
        feed: list[Any] = []
        after = None
        while True:
            params = {"customer_id": customer, "limit": 500} | ({"after": after} if after else {})
            page = await world.get("erp", "/v1/events", **params)
            feed += page["data"]
            after = page["next_cursor"]
            if after is None or not page["data"]:
                break
        assert {event["id"] for event in feed} == {event["id"] for event in integrator.of(customer)}

    await eventually(same_in_the_feed)
