"""A person's hold stops an order whatever the rules say, and only a person ends it."""

import asyncio
from typing import Any

import httpx
import pytest

from shared.unit_of_work import Units
from tests.credit.conduct import deliver
from tests.credit.desk import DAY, CreditDesk
from tests.credit.ledger import invoice
from tests.credit.policies import put_rule
from tests.credit.releases.test_routes import release, run_the_day


async def hold(desk: CreditDesk, order_id: str = "SO-1", role: str = "credit_analyst", **more: Any) -> httpx.Response:
    body = {"order_id": order_id, "reason_code": "rumour", "note": "wait for the bureau", "as_of": DAY} | more
    return await desk.send(role, "POST", "/v1/holds", json=body)


async def approved(desk: CreditDesk, amount: str = "400.00") -> None:
    await desk.customer("C-1")
    assert (await desk.check("C-1", "SO-1", amount)).json()["decision"] == "approved"


def rules(hold: Any) -> list[str]:
    return [reason["rule"] for reason in hold["reasons"]]


@pytest.mark.parametrize("role", ["credit_analyst", "credit_manager", "admin"])
async def test_an_approved_order_is_held_and_reserves_nothing(desk: CreditDesk, role: str) -> None:
    await approved(desk)

    answer = await hold(desk, role=role)

    assert answer.status_code == 201
    placed = answer.json()
    assert (placed["status"], placed["manual"], rules(placed)) == ("open", True, ["manual"])
    assert placed["reasons"][0]["detail"] == "rumour: wait for the bureau"
    assert (await desk.order("SO-1"))["status"] == "held"
    assert await desk.exposure("C-1") == "0.00"


async def test_the_reservation_stays_where_the_policy_says_so(desk: CreditDesk) -> None:
    await put_rule(desk, rule="review_due", held_orders_reserve=True)
    await approved(desk)

    await hold(desk)

    assert await desk.exposure("C-1", "open_orders") == "400.00"


@pytest.mark.parametrize("role", ["erp", "collector", "auditor", "controller"])
async def test_who_may_not_release_may_not_hold(desk: CreditDesk, role: str) -> None:
    await approved(desk)

    answer = await hold(desk, role=role)

    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


async def test_what_would_free_an_automatic_hold_does_not_end_a_manual_one(desk: CreditDesk, units: Units) -> None:
    await approved(desk)
    await hold(desk)

    await desk.limit("C-1", "100000.00")
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/unblock")
    await deliver(units, invoice("1", "C-1", "-100.00", kind="credit_memo").event())
    await run_the_day(desk, units, DAY)

    assert (await desk.order("SO-1"))["status"] == "held"


@pytest.mark.parametrize("change", [{"amount": "1.00"}, {"checkpoint": "delivery"}])
async def test_a_changed_order_stays_held_by_hand(desk: CreditDesk, change: dict[str, Any]) -> None:
    await approved(desk)
    placed = (await hold(desk)).json()

    again = (await desk.check("C-1", "SO-1", change.pop("amount", "400.00"), **change)).json()

    assert (again["decision"], again["hold_id"], rules(again)) == ("held", placed["id"], ["manual"])


async def test_a_small_value_that_no_rule_checks_stays_held_by_hand(desk: CreditDesk) -> None:
    await approved(desk)
    await hold(desk)
    policy = await desk.ask("credit_manager", "GET", "/v1/credit-policies/C")
    content = {"rules": policy["rules"], "small_value_below": "1000.00"}
    await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json=content)

    assert (await desk.check("C-1", "SO-1", "300.00")).json()["decision"] == "held"


async def test_an_automatic_hold_gets_the_manual_reason_beside_its_own_and_keeps_its_number(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    before = (await desk.check("C-1", "SO-1", "400.00")).json()

    answer = await hold(desk)
    await desk.limit("C-1", "100000.00")

    assert (answer.status_code, answer.json()["id"], rules(answer.json())) == (
        200,
        before["hold_id"],
        ["manual", "static_limit"],
    )
    [after] = await desk.holds("C-1")
    assert (after["status"], rules(after)) == ("open", ["manual"])


async def test_a_person_releases_it_and_it_stays_released(desk: CreditDesk) -> None:
    await approved(desk)
    placed = (await hold(desk)).json()

    answer = await release(desk, placed["id"])
    again = (await desk.check("C-1", "SO-1", "401.00")).json()

    assert (answer.status_code, answer.json()["status"]) == (200, "released")
    assert again["decision"] == "approved"


async def test_a_release_of_one_manual_hold_lets_no_later_one_pass(desk: CreditDesk) -> None:
    await approved(desk)
    await release(desk, (await hold(desk)).json()["id"], amount_tolerance_pct="50")

    again = await hold(desk)
    changed = (await desk.check("C-1", "SO-1", "399.00")).json()

    assert (again.status_code, changed["decision"]) == (201, "held")


async def test_a_released_order_may_be_held_by_hand(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    decision = (await desk.check("C-1", "SO-1", "400.00")).json()
    await release(desk, decision["hold_id"])

    placed = (await hold(desk)).json()

    # What was released before stays let pass.
    assert rules(placed) == ["manual"]


async def test_held_by_hand_above_ones_authority_waits_for_the_manager(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100000.00")
    await desk.check("C-1", "SO-1", "50000.01")
    placed = (await hold(desk)).json()

    answers = [await release(desk, placed["id"]), await release(desk, placed["id"], "credit_manager")]

    assert [answer.status_code for answer in answers] == [202, 200]


async def test_a_rejected_manual_hold_ends_and_a_new_amount_is_checked_anew(desk: CreditDesk) -> None:
    await approved(desk)
    placed = (await hold(desk)).json()

    await desk.ask("credit_analyst", "POST", f"/v1/holds/{placed['id']}/reject", json={})
    again = (await desk.check("C-1", "SO-1", "300.00")).json()

    assert again["decision"] == "approved"


async def test_a_manual_hold_closes_when_the_order_is_cancelled_or_invoiced(desk: CreditDesk, units: Units) -> None:
    await approved(desk)
    await desk.check("C-1", "SO-2", "100.00")
    await hold(desk)
    await hold(desk, "SO-2")

    await desk.ask("erp", "POST", "/v1/orders/SO-1/cancel")
    await deliver(units, invoice("2", "C-1", "100.00", "SO-2").event())

    assert [one["status"] for one in await desk.holds("C-1")] == ["closed", "closed"]


async def test_what_a_manual_hold_frees_lets_others_go(desk: CreditDesk) -> None:
    await approved(desk, "900.00")
    await desk.check("C-1", "SO-2", "900.00")

    await hold(desk)

    assert (await desk.order("SO-2"))["status"] == "released"


@pytest.mark.parametrize(
    ("order_id", "status", "code"), [("SO-9", 404, "order_not_found"), ("SO-1", 409, "order_not_holdable")]
)
async def test_what_is_over_or_unknown_is_not_held(desk: CreditDesk, order_id: str, status: int, code: str) -> None:
    await approved(desk)
    await desk.ask("erp", "POST", "/v1/orders/SO-1/cancel")

    answer = await hold(desk, order_id)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_order_is_held_by_hand_once(desk: CreditDesk) -> None:
    await approved(desk)

    answers = await asyncio.gather(*(hold(desk, role=f"credit_analyst_{number}") for number in range(3)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "manual_hold_exists"}
    assert len(await desk.holds("C-1")) == 1


@pytest.mark.parametrize(
    "change",
    [{"reason_code": ""}, {"reason_code": "x" * 51}, {"as_of": "2026-02-30"}, {"order": "SO-1"}, {"note": "a\0b"}],
)
async def test_a_malformed_hold_is_refused_by_its_field(desk: CreditDesk, change: dict[str, Any]) -> None:
    answer = await hold(desk, **change)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, next(iter(change)))


async def test_everything_of_a_customer_that_is_still_to_go_is_held_at_once(desk: CreditDesk) -> None:
    await approved(desk)
    await desk.customer("C-2")
    for customer_id, order_id, amount in (
        ("C-1", "SO-2", "100.00"),
        ("C-1", "SO-3", "9000.00"),
        ("C-2", "SO-4", "1.00"),
    ):
        await desk.check(customer_id, order_id, amount)
    await desk.check("C-1", "SO-5", "1.00")
    await desk.ask("erp", "POST", "/v1/orders/SO-5/cancel")
    body = {"reason_code": "insolvency", "as_of": DAY}

    first = await desk.ask("credit_manager", "POST", "/v1/customers/C-1/holds", json=body)
    second = await desk.ask("credit_manager", "POST", "/v1/customers/C-1/holds", json=body)

    assert [(one["order_id"], rules(one)) for one in first["data"]] == [
        ("SO-1", ["manual"]),
        ("SO-2", ["manual"]),
        ("SO-3", ["manual", "static_limit"]),
    ]
    assert second == {"data": []}
    assert (await desk.order("SO-4"))["status"] == "approved"


async def test_the_orders_of_an_unknown_customer_are_not_held(desk: CreditDesk) -> None:
    answer = await desk.send("credit_manager", "POST", "/v1/customers/C-9/holds", json={"reason_code": "x"})

    assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found")
