"""Two at once about one hold: one of them decides, and the books are right whoever it is."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from shared.unit_of_work import Units
from tests.credit.conduct import deliver
from tests.credit.desk import CreditDesk
from tests.credit.ledger import invoice, receipt
from tests.credit.releases.test_routes import held, release

ROUNDS = 2
"""A race is run a few times: who comes first is chance."""


async def lawful(desk: CreditDesk, units: Units) -> tuple[str, str]:
    """Return the states of SO-1 and of its newest hold after seeing that they agree with the account."""
    order, holds = await desk.order("SO-1"), await desk.holds("C-1")
    waiting = [hold for hold in holds if hold["status"] in ("open", "release_requested")]
    assert len(waiting) == (1 if order["status"] == "held" else 0)
    async with units.read() as session:
        reserved = await session.scalar(text("select sum(reserved) from orders where customer_id = 'C-1'"))
    assert Decimal(await desk.exposure("C-1", "open_orders")) == reserved
    return order["status"], holds[-1]["status"]


async def race(*contenders: Awaitable[Any]) -> list[int]:
    """Return the statuses of the answers; an event has none."""
    answers = await asyncio.gather(*contenders)
    codes = [answer.status_code for answer in answers if isinstance(answer, httpx.Response)]
    assert all(code < 500 for code in codes)
    return codes


@pytest.mark.parametrize("_", range(ROUNDS))
async def test_two_releases_on_different_terms_release_once(desk: CreditDesk, units: Units, _: int) -> None:
    hold_id = await held(desk)

    codes = await race(
        release(desk, hold_id, "credit_analyst", amount_tolerance_pct="50"), release(desk, hold_id, "credit_manager")
    )

    assert sorted(codes) == [200, 409]
    assert await lawful(desk, units) == ("released", "released")


@pytest.mark.parametrize("_", range(ROUNDS))
async def test_a_release_and_a_cancellation(desk: CreditDesk, units: Units, _: int) -> None:
    hold_id = await held(desk)

    codes = await race(release(desk, hold_id), desk.send("erp", "POST", "/v1/orders/SO-1/cancel"))

    assert codes in ([200, 200], [409, 200])
    order, hold = await lawful(desk, units)
    assert (order, hold) == ("cancelled", "released" if codes[0] == 200 else "closed")
    assert await desk.exposure("C-1") == "0.00"


@pytest.mark.parametrize("_", range(ROUNDS))
async def test_a_release_and_an_invoice(desk: CreditDesk, units: Units, _: int) -> None:
    hold_id = await held(desk)

    codes = await race(release(desk, hold_id), deliver(units, invoice("1", "C-1", "500.00", "SO-1").event()))

    order, hold = await lawful(desk, units)
    assert (order, hold) == ("invoiced", "released" if codes == [200] else "closed")
    assert await desk.exposure("C-1") == "500.00"


@pytest.mark.parametrize("_", range(ROUNDS))
async def test_a_release_and_the_payment_that_removes_the_cause(desk: CreditDesk, units: Units, _: int) -> None:
    hold_id = await held(desk)

    codes = await race(release(desk, hold_id), deliver(units, receipt("1", "C-1", "400.00").event()))

    assert codes in ([200], [409])
    assert await lawful(desk, units) == ("released", "released")
    assert await desk.exposure("C-1") == "100.00"


@pytest.mark.parametrize("_", range(ROUNDS))
async def test_a_release_and_a_block(desk: CreditDesk, units: Units, _: int) -> None:
    hold_id = await held(desk)

    codes = await race(
        release(desk, hold_id), desk.send("credit_manager", "POST", "/v1/customers/C-1/block", json={"reason": "x"})
    )

    # Whoever is second sees the first: the block is named and not released, or comes too late for this order.
    order, hold = await lawful(desk, units)
    if codes[0] == 200:
        [released] = await desk.holds("C-1")
        rules = [reason["rule"] for reason in released["reasons"]]
        assert (order, hold) == ("released", "released")
        assert rules in (["static_limit"], ["static_limit", "account_blocked"])


@pytest.mark.parametrize("_", range(ROUNDS))
async def test_a_hold_by_hand_and_the_limit_that_removes_the_other_cause(
    desk: CreditDesk, units: Units, _: int
) -> None:
    await held(desk)
    by_hand = {"order_id": "SO-1", "reason_code": "rumour", "as_of": "2026-03-02"}

    await race(desk.send("credit_analyst", "POST", "/v1/holds", json=by_hand), desk.limit("C-1", "1000.00"))

    order, _hold = await lawful(desk, units)
    assert order == "held"
    [reason] = (await desk.holds("C-1", status="open"))[0]["reasons"]
    assert reason["rule"] == "manual"


@pytest.mark.parametrize("_", range(ROUNDS))
async def test_a_request_and_a_changed_order(desk: CreditDesk, units: Units, _: int) -> None:
    hold_id = await held(desk, amount="50000.01")

    codes = await race(release(desk, hold_id), desk.check("C-1", "SO-1", "60000.00"))

    _order, hold = await lawful(desk, units)
    assert codes[0] == 202
    # Asked for before the change it lapsed with it; asked for after it, it waits.
    assert hold in ("open", "release_requested")


async def test_the_same_key_twice_releases_once_and_answers_twice(desk: CreditDesk, units: Units) -> None:
    hold_id = await held(desk)
    path, key = f"/v1/holds/{hold_id}/release", {"Idempotency-Key": "k-1"}

    async def send() -> httpx.Response:
        return await desk.send("credit_analyst", "POST", path, json={"reason_code": "x"}, headers=dict(key))

    first = await send()
    second = await send()
    other = await desk.send("credit_analyst", "POST", path, json={"reason_code": "y"}, headers=dict(key))

    assert (first.status_code, second.status_code, second.json()) == (200, 200, first.json())
    assert other.status_code == 422
    assert await lawful(desk, units) == ("released", "released")


async def test_a_request_asked_for_under_a_key_is_answered_alike_again(desk: CreditDesk) -> None:
    hold_id = await held(desk, amount="50000.01")
    path = f"/v1/holds/{hold_id}/release"

    answers = [
        await desk.send("credit_analyst", "POST", path, json={"reason_code": "x"}, headers={"Idempotency-Key": "k-1"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
