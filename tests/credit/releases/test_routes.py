import asyncio
from typing import Any

import httpx
import pytest

from credit_service.days.jobs import DAY_RUN, run_day
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk


async def held(desk: CreditDesk, amount: str = "500.00", limit: str = "100.00") -> str:
    """Have the order SO-1 held for its value and return the hold."""
    await desk.customer("C-1", limit=limit)
    decision = (await desk.check("C-1", "SO-1", amount)).json()
    assert decision["decision"] == "held"
    return str(decision["hold_id"])


async def release(desk: CreditDesk, hold_id: str, role: str = "credit_analyst", **terms: Any) -> httpx.Response:
    body = {"reason_code": "payment_announced", "note": "seen"} | terms
    return await desk.send(role, "POST", f"/v1/holds/{hold_id}/release", json=body)


async def run_the_day(desk: CreditDesk, units: Units, day: str) -> Any:
    job = await desk.ask("erp", "POST", f"/v1/days/{day}/run")
    await JobRunner(units, {DAY_RUN: run_day}).run_next()
    return (await desk.ask("erp", "GET", f"/v1/jobs/{job['id']}"))["result"]


async def test_a_released_order_goes_and_reserves_its_value(desk: CreditDesk) -> None:
    hold_id = await held(desk)

    answer = await release(desk, hold_id, valid_until="2026-04-30")

    assert answer.status_code == 200
    hold = answer.json()
    assert (hold["status"], hold["decided_by"], hold["reason_code"], hold["valid_until"]) == (
        "released",
        "credit_analyst",
        "payment_announced",
        "2026-04-30",
    )
    assert (await desk.order("SO-1"))["status"] == "released"
    assert await desk.exposure("C-1", "open_orders") == "500.00"


async def test_a_repeat_after_the_release_is_told_that_the_order_may_go(desk: CreditDesk) -> None:
    hold_id = await held(desk)
    await release(desk, hold_id)

    again = await desk.check("C-1", "SO-1", "500.00")

    assert (again.status_code, again.json()["decision"]) == (200, "approved")
    assert await desk.exposure("C-1", "open_orders") == "500.00"


@pytest.mark.parametrize(("amount", "decision"), [("525.00", "approved"), ("525.01", "held")])
async def test_a_released_order_may_grow_by_the_tolerance_and_no_more(
    desk: CreditDesk, amount: str, decision: str
) -> None:
    hold_id = await held(desk)
    await release(desk, hold_id, amount_tolerance_pct="5")

    changed = (await desk.check("C-1", "SO-1", amount)).json()

    assert changed["decision"] == decision


@pytest.mark.parametrize(("day", "decision"), [("2026-03-31", "approved"), ("2026-04-01", "held")])
async def test_a_release_holds_on_its_last_day_and_not_after(desk: CreditDesk, day: str, decision: str) -> None:
    hold_id = await held(desk)
    await release(desk, hold_id, valid_until="2026-03-31")

    changed = (await desk.check("C-1", "SO-1", "499.00", as_of=day)).json()

    assert changed["decision"] == decision


async def test_a_release_lets_only_its_own_reasons_pass(desk: CreditDesk) -> None:
    hold_id = await held(desk)
    await release(desk, hold_id)
    await desk.ask("credit_manager", "POST", "/v1/customers/C-1/block", json={"reason": "insolvency"})

    changed = (await desk.check("C-1", "SO-1", "499.00")).json()

    assert [reason["rule"] for reason in changed["reasons"]] == ["account_blocked"]
    assert changed["decision"] == "held"


async def test_an_erp_releases_nothing(desk: CreditDesk) -> None:
    assert (await release(desk, await held(desk), "erp")).status_code == 403


async def test_a_hold_is_decided_once(desk: CreditDesk) -> None:
    hold_id = await held(desk)

    answers = await asyncio.gather(*(release(desk, hold_id) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await desk.exposure("C-1", "open_orders") == "500.00"


async def test_a_rejected_order_reserves_nothing_and_a_repeat_is_told_so(desk: CreditDesk) -> None:
    hold_id = await held(desk)

    answer = await desk.send("credit_analyst", "POST", f"/v1/holds/{hold_id}/reject", json={"reason_code": "no"})
    repeat = await desk.check("C-1", "SO-1", "500.00")
    await desk.limit("C-1", "10000.00")

    assert answer.json()["status"] == "rejected"
    assert repeat.json()["decision"] == "rejected"
    assert (await desk.order("SO-1"))["status"] == "rejected"
    assert await desk.exposure("C-1") == "0.00"


async def test_a_hold_that_does_not_exist_is_404(desk: CreditDesk) -> None:
    assert (await release(desk, "hld_none")).status_code == 404


async def test_a_lifted_block_releases_what_it_alone_held(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/block", json={"reason": "press"})
    await desk.check("C-1", "SO-1", "500.00")
    await desk.check("C-1", "SO-2", "1500.00")

    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/unblock")

    assert [(await desk.order(order_id))["status"] for order_id in ("SO-1", "SO-2")] == ["released", "held"]


async def test_the_day_holds_an_order_again_whose_release_has_ended(desk: CreditDesk, units: Units) -> None:
    await release(desk, await held(desk), valid_until="2026-03-31")

    on_the_last_day = await run_the_day(desk, units, "2026-03-31")
    after_it = await run_the_day(desk, units, "2026-04-01")

    assert (on_the_last_day["held_again"], after_it["held_again"]) == (0, 1)
    assert (await desk.order("SO-1"))["status"] == "held"
    assert await desk.exposure("C-1") == "0.00"
    assert [hold["status"] for hold in await desk.holds("C-1")] == ["released", "open"]


async def test_the_day_rejects_no_order_whose_release_has_ended(desk: CreditDesk, units: Units) -> None:
    await release(desk, await held(desk), valid_until="2026-03-31")
    policy = {"rules": [{"rule": "static_limit", "reaction": "reject"}]}
    await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json=policy)

    result = await run_the_day(desk, units, "2026-04-01")

    assert (result["held_again"], (await desk.order("SO-1"))["status"]) == (1, "held")


async def test_a_day_runs_once_however_often_it_is_called(desk: CreditDesk) -> None:
    first, second = [await desk.ask("erp", "POST", "/v1/days/2026-03-31/run") for _ in range(2)]

    assert first["id"] == second["id"]


async def test_a_held_order_that_moved_on_is_not_released_while_what_held_it_before_holds_it_still(
    desk: CreditDesk,
) -> None:
    hold_id = await held(desk)
    await desk.check("C-1", "SO-1", "500.00", checkpoint="delivery")

    await desk.limit("C-1", "200.00")

    assert (await desk.order("SO-1"))["status"] == "held"
    assert [hold["status"] for hold in await desk.holds("C-1") if hold["id"] == hold_id] == ["open"]
