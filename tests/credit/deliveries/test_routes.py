"""Deliveries move value from open orders to delivered, and invoices from there to open items."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.exposure.test_handlers import tell
from tests.credit.ledger import invoice

DAY = "2026-03-02"


async def deliver(desk: CreditDesk, order_id: str, number: str, amount: str, **more: Any) -> httpx.Response:
    body = {"delivery_id": number, "amount": amount, "currency": "EUR", "delivered_on": DAY} | more
    role = body.pop("role", "erp")
    return await desk.send(role, "POST", f"/v1/orders/{order_id}/deliveries", json=body)


async def undo(desk: CreditDesk, order_id: str, number: str) -> httpx.Response:
    return await desk.send("erp", "POST", f"/v1/orders/{order_id}/deliveries/{number}/cancel")


async def parts(desk: CreditDesk, customer_id: str = "C-1") -> tuple[str, str, str, str]:
    exposure = (await desk.credit(customer_id))["exposure"]
    return exposure["open_orders"], exposure["delivered"], exposure["open_items"], exposure["total"]


async def test_a_value_walks_from_open_to_delivered_to_invoiced(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")
    walk = [await parts(desk)]

    assert (await deliver(desk, "SO-1", "1", "300.00")).status_code == 201
    walk.append(await parts(desk))
    await tell(units, invoice("1", "C-1", "200.00", "SO-1").event())
    walk.append(await parts(desk))
    await deliver(desk, "SO-1", "2", "400.00")
    walk.append(await parts(desk))
    await tell(units, invoice("2", "C-1", "500.00", "SO-1").event())
    walk.append(await parts(desk))

    assert walk == [
        ("700.00", "0.00", "0.00", "700.00"),
        ("400.00", "300.00", "0.00", "700.00"),
        ("400.00", "100.00", "200.00", "700.00"),
        ("0.00", "500.00", "200.00", "700.00"),
        ("0.00", "0.00", "700.00", "700.00"),
    ]
    order = await desk.order("SO-1")
    assert (order["status"], order["open_amount"], order["delivered_amount"]) == ("invoiced", "0.00", "0.00")
    assert [line["note"] for line in order["history"]][1:] == ["delivered: 1", "invoiced", "delivered: 2", "invoiced"]


@pytest.mark.parametrize("sequence", list(itertools.permutations(("check", "deliver", "invoice", "change"))))
async def test_documents_end_alike_in_whatever_order_they_come(
    desk: CreditDesk, units: Units, sequence: tuple[str, ...]
) -> None:
    if sequence.index("change") < sequence.index("check"):
        return
    await desk.customer("C-1")
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "check": lambda: desk.check("C-1", "SO-1", "700.00"),
        "change": lambda: desk.check("C-1", "SO-1", "600.00"),
        "deliver": lambda: deliver(desk, "SO-1", "1", "450.00", customer_id="C-1"),
        "invoice": lambda: tell(units, invoice("1", "C-1", "400.00", "SO-1").event()),
    }
    for step in sequence:
        await steps[step]()

    assert await parts(desk) == ("150.00", "50.00", "400.00", "600.00")
    order = await desk.order("SO-1")
    assert (order["status"], order["open_amount"], order["delivered_amount"]) == ("approved", "150.00", "50.00")


async def test_the_same_delivery_again_changes_nothing_and_other_content_is_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")
    first = await deliver(desk, "SO-1", "1", "300.00")

    again = await deliver(desk, "SO-1", "1", "300.0")
    other = [
        await deliver(desk, "SO-1", "1", "300.01"),
        await deliver(desk, "SO-1", "1", "300.00", delivered_on="2026-03-03"),
        await deliver(desk, "SO-1", "1", "300.00", currency="USD"),
    ]

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert {(answer.status_code, answer.json()["code"]) for answer in other} == {(409, "delivery_exists")}
    named = [[error["field"] for error in answer.json()["errors"]] for answer in other]
    assert named == [["amount"], ["delivered_on"], ["currency"]]
    assert await parts(desk) == ("400.00", "300.00", "0.00", "700.00")


async def test_goods_that_come_back_are_open_again(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")
    await deliver(desk, "SO-1", "1", "300.00")
    await deliver(desk, "SO-1", "2", "200.00")
    await tell(units, invoice("1", "C-1", "100.00", "SO-1").event())

    back = await undo(desk, "SO-1", "1")
    again = await undo(desk, "SO-1", "1")

    assert (back.status_code, back.json()["status"], back.json()["not_invoiced"]) == (200, "cancelled", "0.00")
    assert again.json() == back.json()
    assert (await deliver(desk, "SO-1", "1", "300.00")).json()["status"] == "cancelled"
    assert await parts(desk) == ("500.00", "100.00", "100.00", "700.00")
    listed = await desk.ask("erp", "GET", "/v1/orders/SO-1/deliveries")
    assert [(one["delivery_id"], one["status"]) for one in listed["data"]] == [("1", "cancelled"), ("2", "delivered")]


async def test_an_order_that_was_never_checked_has_its_deliveries_counted_under_the_customer_named(
    desk: CreditDesk,
) -> None:
    await desk.customer("C-1")

    unnamed = await deliver(desk, "SO-9", "1", "300.00")
    named = await deliver(desk, "SO-9", "1", "300.00", customer_id="C-1")
    unknown = await deliver(desk, "SO-8", "1", "300.00", customer_id="C-9")

    assert (unnamed.status_code, unnamed.json()["code"]) == (422, "customer_needed")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_customer")
    assert named.status_code == 201
    assert await parts(desk) == ("0.00", "300.00", "0.00", "300.00")


async def test_a_delivery_of_another_customers_order_is_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.customer("C-2")
    await desk.check("C-1", "SO-1", "700.00")

    answer = await deliver(desk, "SO-1", "1", "300.00", customer_id="C-2")

    assert (answer.status_code, answer.json()["code"]) == (409, "order_of_another_customer")
    assert [error["field"] for error in answer.json()["errors"]] == ["customer_id"]


async def test_more_than_the_order_counts_in_full(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")

    await deliver(desk, "SO-1", "1", "900.00")

    assert await parts(desk) == ("0.00", "900.00", "0.00", "900.00")


async def test_a_cancelled_rest_does_not_undo_what_was_delivered(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")
    await deliver(desk, "SO-1", "1", "300.00")

    await desk.ask("erp", "POST", "/v1/orders/SO-1/cancel")
    cancelled = await parts(desk)
    await tell(units, invoice("1", "C-1", "300.00", "SO-1").event())

    assert cancelled == ("0.00", "300.00", "0.00", "300.00")
    assert await parts(desk) == ("0.00", "0.00", "300.00", "300.00")
    assert (await desk.order("SO-1"))["status"] == "cancelled"


async def test_goods_of_a_held_order_count_and_leave_nothing_to_hold(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.check("C-1", "SO-1", "700.00")

    await deliver(desk, "SO-1", "1", "300.00")
    part = (await desk.order("SO-1"))["status"], await parts(desk)
    await deliver(desk, "SO-1", "2", "400.00")

    assert part == ("held", ("0.00", "300.00", "0.00", "300.00"))
    assert await parts(desk) == ("0.00", "700.00", "0.00", "700.00")
    order = await desk.order("SO-1")
    assert (order["status"], order["hold_id"], order["delivered_amount"]) == ("released", None, "700.00")


async def test_what_was_delivered_is_checked_no_more(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "700.00")
    await deliver(desk, "SO-1", "1", "700.00")

    raised = (await desk.check("C-1", "SO-1", "900.00")).json()
    beyond = (await desk.check("C-1", "SO-1", "1100.00")).json()

    assert (raised["decision"], raised["exposure_after"]) == ("approved", "900.00")
    assert (beyond["decision"], beyond["reasons"][0]["actual"]) == ("held", "1100.00")
    assert await parts(desk) == ("0.00", "700.00", "0.00", "700.00")


async def test_a_delivery_in_another_currency_keeps_the_rate_of_its_day(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")
    without = await deliver(desk, "SO-1", "1", "100.00", currency="USD")
    for day, rate in (("2026-03-01", "2"), ("2026-03-03", "4")):
        rates = {"base": "EUR", "rates": {"USD": rate}}
        await desk.ask("credit_manager", "PUT", f"/v1/exchange-rates/{day}", json=rates)

    given = await deliver(desk, "SO-1", "1", "100.00", currency="USD")

    assert (without.status_code, without.json()["code"]) == (422, "missing_exchange_rate")
    assert given.json()["rate"] == "0.5"
    assert await parts(desk) == ("650.00", "50.00", "0.00", "700.00")


async def test_a_delivery_sent_many_times_at_once_counts_once(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")

    answers = await asyncio.gather(*(deliver(desk, "SO-1", "1", "300.00") for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert await parts(desk) == ("400.00", "300.00", "0.00", "700.00")


async def test_one_number_taken_for_two_customers_at_once_counts_for_one(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.customer("C-2")

    answers = await asyncio.gather(
        *(deliver(desk, "SO-9", "1", "300.00", customer_id=customer_id) for customer_id in ("C-1", "C-2") * 3)
    )

    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    totals = [(await parts(desk, customer_id))[3] for customer_id in ("C-1", "C-2")]
    assert sorted(totals) == ["0.00", "300.00"]


async def test_deliveries_and_checks_at_once_never_pass_the_limit(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    for number in range(4):
        await desk.check("C-1", f"SO-{number}", "200.00")

    answers = await asyncio.gather(
        *(deliver(desk, f"SO-{number}", "1", "200.00") for number in range(4)),
        *(desk.check("C-1", f"NEW-{number}", "50.00") for number in range(12)),
    )

    decisions = [answer.json().get("decision") for answer in answers]
    assert (decisions.count("approved"), decisions.count("held")) == (4, 8)
    assert await parts(desk) == ("200.00", "800.00", "0.00", "1000.00")


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "0.00"},
        {"amount": "-1.00"},
        {"amount": "1.001"},
        {"amount": 100},
        {"amount": "1", "currency": "XXZ"},
        {"amount": "9" * 16},
        {"delivered_on": "2026-02-30"},
        {"delivery_id": ""},
        {"delivery_id": "x" * 65},
        {"delivery_id": "a\x00b"},
        {"customer_id": ""},
        {"when": "today"},
    ],
)
async def test_a_malformed_delivery_is_refused_field_by_field(desk: CreditDesk, change: dict[str, Any]) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "700.00")
    body = {"delivery_id": "1", "amount": "100.00", "currency": "EUR", "delivered_on": DAY} | change

    answer = await desk.send("erp", "POST", "/v1/orders/SO-1/deliveries", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in change


async def test_amounts_no_company_could_be_owed_are_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    first = await deliver(desk, "SO-1", "1", "9" * 15, customer_id="C-1")
    second = await deliver(desk, "SO-1", "2", "9" * 15, customer_id="C-1")

    assert (first.status_code, second.status_code) == (201, 422)
    assert second.json()["code"] == "amount_out_of_range"


async def test_who_may_not_check_may_not_tell_of_deliveries(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    told = await deliver(desk, "SO-1", "1", "1.00", customer_id="C-1", role="collector")
    undone = await desk.send("auditor", "POST", "/v1/orders/SO-1/deliveries/1/cancel")

    assert (told.status_code, undone.status_code) == (403, 403)


async def test_a_delivery_nobody_told_of_cannot_come_back(desk: CreditDesk) -> None:
    answer = await undo(desk, "SO-1", "1")

    assert (answer.status_code, answer.json()["code"]) == (404, "delivery_not_found")
