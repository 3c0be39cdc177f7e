"""Orders that wait, told through the gateway: what changes them, what lets them go by itself, and who may let them go."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.flows.world import DAY, World, eventually

pytestmark = pytest.mark.stack

TODAY = DAY.isoformat()
STRICT = "D"
"""A risk class that no other story uses."""


@pytest.fixture(scope="module")
async def strict(world: World) -> str:
    """A risk class whose policy looks at broken promises and at reviews too."""
    rules = [
        {"rule": "static_limit"},
        {"rule": "account_blocked"},
        {"rule": "review_due"},
        {"rule": "broken_promises", "days": 30},
    ]
    await world.ask("credit_manager", "PUT", f"/v1/credit-policies/{STRICT}", json={"rules": rules})
    return STRICT


async def in_class(world: World, risk_class: str, *, limit: str = "10000.00", **more: Any) -> str:
    """Put a customer of a risk class."""
    customer = await world.customer(limit=None)
    body = {"customer_id": customer, "requested_limit": limit, "currency": "EUR", "reason": "test"}
    await world.ask("credit_manager", "POST", "/v1/limit-requests", json=body | {"risk_class": risk_class} | more)
    return customer


async def status(world: World, order: Any) -> str:
    """Return the state of the order of a check."""
    return str((await world.get("erp", f"/v1/orders/{order['order_id']}"))["status"])


async def in_state(world: World, order: Any, expected: str) -> None:
    """Wait until the order of a check is in a state."""

    async def look() -> None:
        assert await status(world, order) == expected

    await eventually(look)


def rules(checked: Any) -> list[str]:
    """Return the rules that hold an order."""
    return [reason["rule"] for reason in checked["reasons"]]


async def refused(world: World, role: str, path: str, body: Any = None, **options: Any) -> tuple[int, str]:
    """Return how a POST is refused."""
    answer = await world.request(role, "POST", path, json=body, **options)
    return answer.status_code, answer.json()["code"]


async def test_an_order_that_becomes_smaller_lets_another_go_and_is_delivered_invoiced_and_cancelled_in_parts(
    world: World,
) -> None:
    customer = await world.customer(limit="1000.00")
    order = await world.check(customer, "800.00")
    path = f"/v1/orders/{order['order_id']}"
    other = await world.check(customer, "400.00")
    assert (order["decision"], other["decision"]) == ("approved", "held")

    await world.check(customer, "500.00", order["order_id"])
    await in_state(world, other, "released")
    await world.expect_exposure(customer, open_orders="900.00", total="900.00")

    delivery = {"delivery_id": "D-1", "amount": "200.00", "currency": "EUR", "delivered_on": TODAY}
    await world.ask("erp", "POST", f"{path}/deliveries", json=delivery)
    await world.invoice(customer, "150.00", order_id=order["order_id"])
    await world.expect_exposure(customer, open_orders="700.00", delivered="50.00", open_items="150.00", total="900.00")

    cancelled = await world.ask("erp", "POST", f"{path}/cancel", json={"note": "The rest is not wanted."})
    assert (cancelled["status"], await status(world, order)) == ("cancelled", "cancelled")
    await world.expect_exposure(customer, open_orders="400.00", delivered="50.00", open_items="150.00", total="600.00")

    await world.ask("erp", "POST", f"{path}/deliveries/D-1/cancel", json={"note": "The goods came back."})
    await world.expect_exposure(customer, open_orders="400.00", delivered="0.00", open_items="150.00", total="550.00")


async def test_an_order_that_is_invoiced_is_not_cancelled_any_more(world: World) -> None:
    customer = await world.customer()
    order = await world.check(customer, "100.00")
    await world.invoice(customer, "100.00", order_id=order["order_id"])
    await in_state(world, order, "invoiced")

    assert (await refused(world, "erp", f"/v1/orders/{order['order_id']}/cancel"))[0] == 409
    assert (await refused(world, "collector", f"/v1/orders/{order['order_id']}/cancel"))[0] == 403
    await world.expect_exposure(customer, open_orders="0.00", open_items="100.00")


async def test_a_credit_memo_and_money_on_account_free_exposure_and_a_down_payment_request_takes_it(
    world: World,
) -> None:
    customer = await world.customer()
    await world.invoice(customer, "600.00")
    await world.invoice(customer, "100.00", kind="credit_memo")
    await world.invoice(customer, "250.00", kind="down_payment_request")
    await world.expect_exposure(customer, open_items="500.00", special="250.00", total="750.00")

    receipt = {"method": "wire", "amount": "200.00", "currency": "EUR", "value_date": TODAY, "customer_id": customer}
    paid = await world.ask("ar_specialist", "POST", "/v1/receipts", json=receipt)
    await world.expect_exposure(customer, open_items="500.00", special="250.00", total="550.00")

    await world.ask(
        "ar_specialist", "POST", f"/v1/receipts/{paid['id']}/return", json={"reason": "nsf", "value_date": TODAY}
    )
    await world.expect_exposure(customer, total="750.00")


async def test_an_order_in_another_currency_counts_at_the_rate_of_its_day(world: World) -> None:
    customer = await world.customer()
    rates = {"base": "EUR", "rates": {"NOK": "11.5"}}
    await world.ask("credit_manager", "PUT", f"/v1/exchange-rates/{TODAY}", json=rates)

    checked = await world.check(customer, "5750.00", currency="NOK")
    too_much = await world.check(customer, "6000.00", currency="NOK")

    assert (checked["decision"], checked["exposure_after"]) == ("approved", "500.00")
    assert rules(too_much) == ["static_limit"]
    # 5,750.05 would be worth 500.00 when it is rounded, and 5,750.06 too much.
    assert too_much["what_would_release"]["reduction"]["amount"] == "5750.05"
    await world.expect_exposure(customer, open_orders="500.00")


async def test_a_limit_that_somebody_else_approves_lets_the_order_go(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    order = await world.check(customer, "60000.00")
    asked = await world.limit(customer, "70000.00")
    path = f"/v1/limit-requests/{asked['id']}"

    assert (asked["status"], await status(world, order)) == ("pending", "held")
    assert (await refused(world, "credit_analyst", f"{path}/approve"))[0] == 403
    assert (await refused(world, "credit_manager", f"{path}/approve", headers={"If-Match": '"7"'}))[0] == 412
    assert await status(world, order) == "held"

    await world.ask("credit_manager", "POST", f"{path}/approve")

    await in_state(world, order, "released")
    assert await refused(world, "credit_manager_2", f"{path}/approve") == (409, "limit_request_decided")


async def test_a_dispute_that_is_resolved_lets_the_order_go(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    item = await world.invoice(customer, "200.00", issued_on=DAY - timedelta(days=100))
    await world.expect_exposure(customer, open_items="200.00")
    body = {
        "customer_id": customer,
        "items": [{"item_id": item["id"], "disputed_amount": "200.00"}],
        "reason_code": "damage",
        "description": "All broken.",
        "source": "call",
    }
    case = await world.ask("dispute_coordinator", "POST", "/v1/disputes", json=body)
    order = await world.check(customer, "10.00")
    assert rules(order) == ["oldest_open_item"]

    decision = {
        "outcome": "valid",
        "resolution": "credit_memo",
        "amount": "200.00",
        "root_cause": "transport",
        "note": "agreed",
    }
    await world.ask("dispute_coordinator", "POST", f"/v1/disputes/{case['id']}/resolve", json=decision)

    await in_state(world, order, "released")


async def test_a_promise_that_turns_out_to_be_kept_lets_the_order_go(world: World, strict: str) -> None:
    customer = await in_class(world, strict)
    item = await world.invoice(customer, "50.00")
    promise = {"customer_id": customer, "promised_on": TODAY, "amount": "50.00", "currency": "EUR"}
    await world.ask("collector", "POST", "/v1/promises", json=promise | {"items": [item["id"]]})
    later = DAY + timedelta(days=12)
    await world.run_day(later)

    async def held() -> Any:
        checked = await world.check(customer, "10.00", "SO-" + customer, as_of=later.isoformat())
        assert checked["decision"] == "held"
        return checked

    order = await eventually(held)
    assert rules(order) == ["broken_promises"]

    # The money was there in time; its bank file came late.
    await world.receipt(item, paid_on=DAY)

    await in_state(world, order, "released")


async def test_a_review_lets_the_order_go_and_leaves_the_list_of_what_is_due(world: World, strict: str) -> None:
    analyst = "anna-of-the-reviews"
    customer = await in_class(world, strict, review_on=(DAY - timedelta(days=3)).isoformat())
    master = {"name": "Prüfling", "country": "DE", "currency": "EUR", "payment_terms": "net 30"}
    await world.ask("erp", "PUT", f"/v1/customers/{customer}", json=master | {"credit_analyst": analyst})
    order = await world.check(customer, "10.00")
    reviewed = {"outcome": "confirmed", "note": "Statements seen.", "reviewed_on": TODAY}
    path = f"/v1/customers/{customer}/reviews"

    async def due(day: date = DAY) -> list[tuple[str, list[str]]]:
        listed = await world.get("credit_analyst", "/v1/reviews", analyst=analyst, as_of=day.isoformat())
        return [(one["customer_id"], one["reasons"]) for one in listed["data"]]

    assert (rules(order), await due()) == (["review_due"], [(customer, ["review_due"])])
    assert [(await refused(world, role, path, reviewed))[0] for role in ("erp", "collector", "auditor")] == [403] * 3

    review = await world.ask("credit_analyst", "POST", path, json=reviewed)

    assert await status(world, order) == "released"
    assert await due() == []
    # In this class the next one is due after three months.
    next_on = date.fromisoformat(review["next_review_on"])
    assert (next_on, await due(next_on)) == (date(2026, 6, 2), [(customer, ["review_due"])])


async def test_a_release_holds_within_its_tolerance_and_for_its_reasons_alone(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    order = await world.check(customer, "2000.00")
    path = f"/v1/holds/{order['hold_id']}/release"
    release = {"reason_code": "paid_soon", "amount_tolerance_pct": "10"}
    assert (await refused(world, "erp", path, release))[0] == 403

    await world.ask("credit_analyst", "POST", path, json=release)

    again = await refused(world, "credit_analyst", path, release)
    within = await world.check(customer, "2200.00", order["order_id"])
    await world.expect_exposure(customer, open_orders="2200.00")
    above = await world.check(customer, "2200.01", order["order_id"])
    assert again == (409, "hold_not_open")
    assert (within["decision"], above["decision"], rules(above)) == ("approved", "held", ["static_limit"])


async def test_a_release_that_the_manager_declines_leaves_the_order_held_until_it_is_rejected(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    order = await world.check(customer, "90000.00")
    path = f"/v1/holds/{order['hold_id']}"
    release = {"reason_code": "payment_announced"}
    await world.ask("credit_analyst", "POST", f"{path}/release", json=release)

    own = await refused(world, "credit_analyst", f"{path}/release")
    declined = await world.ask("credit_manager", "POST", f"{path}/decline-release", json={"note": "Wait for it."})

    assert own == (403, "four_eyes")
    assert (declined["status"], await status(world, order)) == ("open", "held")
    assert (await refused(world, "credit_manager", f"{path}/decline-release"))[1] == "no_release_request"

    await world.ask("credit_analyst", "POST", f"{path}/reject", json={"reason_code": "no_credit"})

    assert await status(world, order) == "rejected"
    assert await refused(world, "credit_manager", f"{path}/release", release) == (409, "hold_not_open")
    await world.expect_exposure(customer, open_orders="0.00", total="0.00")


async def test_holding_the_orders_of_a_problem_account_is_carried_out_and_lifted_by_a_person_alone(
    world: World,
) -> None:
    customer = await world.customer(limit="1000.00")
    going = await world.check(customer, "100.00")
    wanted = {"customer_id": customer, "kind": "hold_orders", "rationale": "The bank returned two debits."}
    recommended = await world.ask("credit_manager", "POST", "/v1/recommendations", json=wanted)
    path = f"/v1/recommendations/{recommended['id']}/decide"

    assert (await refused(world, "credit_manager", path, {"decision": "accept"}))[0] == 403
    await world.ask("credit_manager_2", "POST", path, json={"decision": "accept"})
    again = await refused(world, "credit_manager_2", path, {"decision": "reject"})
    new = await world.check(customer, "1.00")

    assert again == (409, "recommendation_decided")
    assert (await status(world, going), rules(new)) == ("held", ["account_blocked"])

    unblock, reason = f"/v1/customers/{customer}/unblock", {"reason": "Both debits are paid."}
    assert (await refused(world, "credit_analyst", unblock, reason))[0] == 403
    await world.ask("credit_manager", "POST", unblock, json=reason)

    # What the block alone held goes by itself; what was held by hand waits for a person.
    await in_state(world, new, "released")
    assert await status(world, going) == "held"


async def test_a_temporary_increase_ends_with_its_last_day(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    until = DAY + timedelta(days=13)
    increase = {
        "customer_id": customer,
        "requested_limit": "5000.00",
        "currency": "EUR",
        "temporary": True,
        "valid_until": until.isoformat(),
        "reason": "Trade fair.",
    }
    await world.ask("credit_analyst", "POST", "/v1/limit-requests", json=increase)
    path, the_day_after = f"/v1/customers/{customer}/credit", until + timedelta(days=1)
    meanwhile = await world.get("credit_analyst", path, as_of=until.isoformat())

    await world.run_day(the_day_after)
    afterwards = await world.get("credit_analyst", path, as_of=the_day_after.isoformat())
    order = await world.check(customer, "4000.00", as_of=the_day_after.isoformat())

    assert (meanwhile["available"], afterwards["available"]) == ("5000.00", "1000.00")
    assert (order["decision"], rules(order)) == ("held", ["static_limit"])
