"""The work of the credit desk, told through the gateway: what other services tell changes what may go, and back."""

from datetime import timedelta
from typing import Any

import pytest

from tests.flows.world import DAY, World, eventually

pytestmark = pytest.mark.stack

TODAY = DAY.isoformat()


async def held(world: World, order_id: str) -> None:
    """Wait until the order is held."""
    await in_state(world, order_id, "held")


async def in_state(world: World, order_id: str, status: str) -> None:
    """Wait until the order is in a state."""

    async def look() -> None:
        assert (await world.get("erp", f"/v1/orders/{order_id}"))["status"] == status

    await eventually(look)


async def test_goods_walk_from_order_to_delivery_to_invoice_to_cash_and_are_never_counted_twice(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    order = "SO-" + customer
    await world.check(customer, "800.00", order)
    await world.expect_exposure(customer, open_orders="800.00", total="800.00")

    delivery = {"delivery_id": "D-1", "amount": "300.00", "currency": "EUR", "delivered_on": TODAY}
    for _ in range(2):
        await world.ask("erp", "POST", f"/v1/orders/{order}/deliveries", json=delivery)
    await world.expect_exposure(customer, open_orders="500.00", delivered="300.00", total="800.00")

    item = await world.invoice(customer, "300.00", order_id=order)
    await world.expect_exposure(customer, open_orders="500.00", delivered="0.00", open_items="300.00", total="800.00")

    await world.receipt(item, paid_on=DAY)
    await world.expect_exposure(customer, open_orders="500.00", open_items="0.00", total="500.00")
    made_of = await world.get("credit_analyst", f"/v1/customers/{customer}/exposure")
    assert made_of["exposure"]["total"] == "500.00"


async def test_a_credit_file_tells_what_was_decided_and_who_read_it_and_is_shown_to_nobody_else(world: World) -> None:
    customer = await world.customer(name="Nordlicht Handels GmbH", limit="1000.00")
    await world.check(customer, "100.00")
    await world.ask(
        "credit_analyst", "POST", f"/v1/customers/{customer}/notes", json={"text": "Visited; orders doubled."}
    )

    await world.get("credit_analyst", f"/v1/customers/{customer}/credit-file")
    file = await world.get("auditor", f"/v1/customers/{customer}/credit-file")
    shut = [
        (await world.request(role, "GET", f"/v1/customers/{customer}/credit-file")).status_code
        for role in ("erp", "collector", "dispute_coordinator")
    ]
    intact = await world.get("auditor", f"/v1/customers/{customer}/credit-file/integrity")

    assert [note["text"] for note in file["notes"]] == ["Visited; orders doubled."]
    assert len(file["limit_requests"]) == len(file["decisions"]) == 1
    assert [entry["actor"] for entry in file["readings"]][-1:] == ["credit_analyst"]
    assert shut == [403, 403, 403]
    assert intact["intact"]


async def test_a_customer_is_found_by_a_name_with_a_typo(world: World) -> None:
    customer = await world.customer(name="Zweibrücken Präzisionsguss", limit=None)

    found = await world.get("credit_analyst", "/v1/customers", q="zweibrucken prezisionsgus")

    assert customer in [one["customer_id"] for one in found["data"]]


async def test_orders_of_a_group_share_the_limit_at_its_head(world: World) -> None:
    parent = await world.customer(limit="1000.00")
    daughters = [await world.customer(limit=None, parent_id=parent) for _ in range(2)]
    await world.ask("credit_manager", "PUT", f"/v1/customers/{parent}/limit-pool", json={"managed_together": True})

    first = await world.check(daughters[0], "700.00")
    second = await world.check(daughters[1], "400.00")
    await world.ask("erp", "POST", f"/v1/orders/{first['order_id']}/cancel")

    assert (first["decision"], second["decision"]) == ("approved", "held")
    assert [reason["rule"] for reason in second["reasons"]] == ["pooled_limit"]
    await in_state(world, second["order_id"], "released")


async def test_a_broken_promise_holds_the_next_order_where_the_policy_says_so(world: World) -> None:
    customer = await world.customer(limit="10000.00")
    policy = await world.get("credit_manager", "/v1/credit-policies/E")
    rules = [{"rule": "broken_promises", "days": 30}]
    content = {name: value for name, value in policy.items() if name not in ("risk_class", "version")}
    await world.ask("credit_manager", "PUT", "/v1/credit-policies/E", json=content | {"rules": rules})
    await world.ask(
        "credit_manager",
        "POST",
        "/v1/limit-requests",
        json={
            "customer_id": customer,
            "requested_limit": "10000.00",
            "currency": "EUR",
            "risk_class": "E",
            "reason": "A class of its own for this story.",
        },
    )
    promise = {"customer_id": customer, "promised_on": TODAY, "amount": "50.00", "currency": "EUR"}
    item = await world.invoice(customer, "50.00", issued_on=DAY - timedelta(days=60))
    made = await world.ask("collector", "POST", "/v1/promises", json=promise | {"items": [item["id"]]})
    later = DAY + timedelta(days=10)
    await world.job("erp", await world.ask("erp", "POST", f"/v1/days/{later}/run"))
    broken = await world.get("collector", f"/v1/promises/{made['id']}")
    assert broken["status"] == "broken"

    async def look() -> Any:
        checked = await world.check(customer, "10.00", as_of=later.isoformat(), dry_run=True)
        assert checked["decision"] == "held"
        return checked

    checked = await eventually(look)
    assert [reason["rule"] for reason in checked["reasons"]] == ["broken_promises"]


async def test_a_hold_tells_what_would_release_it_and_the_payment_does(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    item = await world.invoice(customer, "900.00")
    await world.expect_exposure(customer, open_items="900.00")

    checked = await world.check(customer, "300.00")
    ways = {kind: way["amount"] for kind, way in checked["what_would_release"].items()}
    assert (checked["decision"], ways) == ("held", {"payment": "200.00", "limit": "1200.00", "reduction": "100.00"})

    await world.receipt(item, paid_on=DAY, amount="200.00")
    await in_state(world, checked["order_id"], "released")


async def test_a_release_above_the_analysts_authority_waits_for_the_manager(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    checked = await world.check(customer, "90000.00")
    release = {"reason_code": "payment_announced", "note": "Transfer shown by the bank."}

    asked = await world.request("credit_analyst", "POST", f"/v1/holds/{checked['hold_id']}/release", json=release)
    waiting = await world.get("credit_manager", "/v1/holds", status="release_requested", customer_id=customer)
    await world.ask("credit_manager", "POST", f"/v1/holds/{checked['hold_id']}/release", json=release)

    assert asked.status_code == 202
    assert [hold["id"] for hold in waiting["data"]] == [checked["hold_id"]]
    await in_state(world, checked["order_id"], "released")


async def test_a_manual_hold_stays_until_a_person_ends_it(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    checked = await world.check(customer, "100.00")
    await world.ask(
        "credit_analyst", "POST", "/v1/holds", json={"order_id": checked["order_id"], "reason_code": "rumour"}
    )

    await world.limit(customer, "50000.00")
    order = await world.get("erp", f"/v1/orders/{checked['order_id']}")
    assert order["status"] == "held"

    await world.ask("credit_analyst", "POST", f"/v1/holds/{order['hold_id']}/release", json={"reason_code": "checked"})
    await in_state(world, checked["order_id"], "released")


async def test_a_temporary_limit_falls_back_by_itself(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    until = DAY + timedelta(days=5)
    await world.ask(
        "credit_analyst",
        "POST",
        "/v1/limit-requests",
        json={
            "customer_id": customer,
            "requested_limit": "5000.00",
            "currency": "EUR",
            "temporary": True,
            "valid_until": until.isoformat(),
            "reason": "Trade fair.",
        },
    )

    on_its_last_day = await world.check(customer, "4000.00", dry_run=True, as_of=until.isoformat())
    the_day_after = await world.check(customer, "4000.00", dry_run=True, as_of=(until + timedelta(days=1)).isoformat())

    assert (on_its_last_day["decision"], the_day_after["decision"]) == ("approved", "held")


async def test_many_limits_change_at_once_after_another_person_has_seen_each_of_them(world: World) -> None:
    customers = [await world.customer(limit="1000.00") for _ in range(2)]
    asked = {"filter": {"customer_ids": customers}, "change": {"percent": "-20"}, "reason": "A weak year."}

    preview = await world.ask("credit_manager", "POST", "/v1/limit-mass-changes", json=asked)
    own = await world.request("credit_manager", "POST", f"/v1/limit-mass-changes/{preview['id']}/approve")
    await world.ask("credit_manager_2", "POST", f"/v1/limit-mass-changes/{preview['id']}/approve")

    assert own.status_code == 403

    async def look() -> None:
        for customer in customers:
            credit = await world.get("credit_analyst", f"/v1/customers/{customer}/credit")
            assert credit["credit_limit"] == "800.00"

    await eventually(look)


async def test_the_manager_decides_a_collectors_recommendation_and_it_is_carried_out(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    recommended = await world.ask(
        "collector",
        "POST",
        "/v1/recommendations",
        json={
            "customer_id": customer,
            "kind": "reduce_limit",
            "rationale": "Three promises broken.",
            "proposed": {"currency": "EUR", "new_limit": "300.00"},
        },
    )

    by_an_analyst = await world.request(
        "credit_analyst", "POST", f"/v1/recommendations/{recommended['id']}/decide", json={"decision": "accept"}
    )
    await world.ask(
        "credit_manager", "POST", f"/v1/recommendations/{recommended['id']}/decide", json={"decision": "accept"}
    )

    assert by_an_analyst.status_code == 403
    assert (await world.get("credit_analyst", f"/v1/customers/{customer}/credit"))["credit_limit"] == "300.00"


async def test_every_decision_can_be_decided_again_from_what_it_saw(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    checked = await world.check(customer, "1200.00")

    again = await world.ask("auditor", "POST", f"/v1/credit-decisions/{checked['id']}/replay")

    assert again["identical"]


async def test_an_assessment_explains_its_score_and_the_limit_it_recommends_is_asked_for_with_it(world: World) -> None:
    customer = await world.customer(limit=None)
    statement = {
        "period_end": "2025-12-31",
        "currency": "EUR",
        "units": "thousands",
        "audited": True,
        "source": "annual report 2025",
        "figures": {
            "total_assets": "5200.00",
            "current_assets": "3100.00",
            "retained_earnings": "800.00",
            "equity": "2100.00",
            "total_liabilities": "3100.00",
            "current_liabilities": "1700.00",
            "revenue": "9800.00",
            "ebit": "640.00",
            "net_profit": "410.00",
        },
    }
    await world.ask("credit_analyst", "POST", f"/v1/customers/{customer}/financial-statements", json=statement)
    asked = {"customer_id": customer, "as_of": TODAY, "currency": "EUR", "expected_purchases": "600000.00"}

    assessed = await world.ask("credit_analyst", "POST", "/v1/credit-assessments", json=asked)
    again = await world.ask("auditor", "POST", f"/v1/credit-assessments/{assessed['id']}/replay")
    credit = await world.get("credit_analyst", f"/v1/customers/{customer}/credit")
    await world.ask(
        "credit_manager",
        "POST",
        "/v1/limit-requests",
        json={
            "customer_id": customer,
            "requested_limit": assessed["recommended_limit"],
            "currency": "EUR",
            "reason": "As assessed.",
            "evidence": [assessed["id"]],
        },
    )
    file = await world.get("credit_analyst", f"/v1/customers/{customer}/credit-file")

    assert (credit["score"], credit["risk_class"]) == (assessed["score"], assessed["risk_class"])
    assert all(factor["value"] is not None or factor["missing"] for factor in assessed["factors"])
    assert again["identical"]
    assert file["limit_requests"][0]["evidence"] == [assessed["id"]]


async def test_an_invoice_above_the_insured_limit_raises_an_alarm_and_its_payment_ends_it(world: World) -> None:
    customer = await world.customer(limit="1000000.00")
    cover = {
        "insurer": "Atradius",
        "policy_number": "P-1",
        "currency": "EUR",
        "insured_limit": "500.00",
        "covered_pct": "90",
        "valid_from": "2026-01-01",
        "valid_until": "2099-12-31",
    }
    await world.ask("credit_analyst", "PUT", f"/v1/customers/{customer}/credit-insurance", json=cover)

    item = await world.invoice(customer, "900.00")

    async def alarms() -> Any:
        found = await world.get("credit_analyst", "/v1/insurance-alarms", status="open", limit=500)
        return [one["kind"] for one in found["data"] if one["customer_id"] == customer]

    async def raised() -> None:
        assert len(await alarms()) == 1

    async def ended() -> None:
        assert await alarms() == []

    await eventually(raised)
    await world.receipt(item, paid_on=DAY)
    await eventually(ended)


async def test_a_policy_is_simulated_over_past_orders_and_activated_by_a_second_person(world: World) -> None:
    customer = await world.customer(limit="10000.00")
    checked = await world.check(customer, "600.00")
    risk_class = checked["risk_class"]
    present = await world.get("credit_manager", f"/v1/credit-policies/{risk_class}")
    content = {name: value for name, value in present.items() if name not in ("risk_class", "version")}
    strict = content | {"rules": [*content["rules"], {"rule": "max_document_value", "max_amount": "500.00"}]}
    drafts = f"/v1/credit-policies/{risk_class}/drafts"

    draft = await world.ask("credit_manager", "POST", drafts, json=strict)
    days = {"until": TODAY, "days": 31}
    queued = await world.ask("credit_manager", "POST", f"{drafts}/{draft['id']}/simulate", json=days)
    job = await world.job("credit_manager", queued)
    own = await world.request("credit_manager", "POST", f"{drafts}/{draft['id']}/activate")
    await world.ask("credit_manager_2", "POST", f"{drafts}/{draft['id']}/activate")
    stricter = await world.check(customer, "601.00", dry_run=True)
    await world.ask("credit_manager", "PUT", f"/v1/credit-policies/{risk_class}", json=content)

    assert job["status"] == "succeeded", job
    assert checked["order_id"] in str(job["result"]["changes"])
    assert own.status_code == 403
    assert [reason["rule"] for reason in stricter["reasons"]] == ["max_document_value"]


async def test_all_exposures_agree_with_the_documents_of_their_owner(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    await world.invoice(customer, "250.00")
    await world.expect_exposure(customer, open_items="250.00")

    job = await world.job("admin", await world.ask("credit_manager", "POST", "/v1/exposure-checks"))
    repaired = await world.ask("credit_manager", "POST", f"/v1/customers/{customer}/exposure/repair")

    assert job["status"] == "succeeded", job
    assert (job["result"]["compared_with_owner"], job["result"]["differences"]) == (True, [])
    assert not repaired["changed"]


async def test_a_bureau_report_is_taken_from_a_file_and_every_reading_of_it_is_remembered(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    given = {
        "provider": "file",
        "report": {
            "format": "json",
            "content": '{"bureau": "Creditreform", "report_date": "2026-02-20", "score": "212", "score_worst": "600", '
            '"score_best": "100"}',
        },
    }

    report = await world.ask("credit_analyst", "POST", f"/v1/customers/{customer}/bureau-reports", json=given)
    await world.get("credit_analyst", f"/v1/customers/{customer}/bureau-reports/{report['id']}")
    file = await world.get("auditor", f"/v1/customers/{customer}/credit-file")

    assert report["id"] in [entry["subject"] for entry in file["readings"]]
