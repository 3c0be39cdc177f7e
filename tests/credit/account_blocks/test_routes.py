from typing import Any

import httpx
import pytest

from tests.credit.desk import CreditDesk


async def block(desk: CreditDesk, role: str = "credit_analyst", **body: Any) -> httpx.Response:
    return await desk.send(role, "POST", "/v1/customers/C-1/block", json={"reason": "press"} | body)


async def unblock(desk: CreditDesk, role: str) -> httpx.Response:
    return await desk.send(role, "POST", "/v1/customers/C-1/unblock", json={"reason": "settled"})


async def test_a_block_says_why_and_who(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answer = await block(desk, reason_code="insolvency")

    assert answer.json() == {"customer_id": "C-1", "blocked": True, "reason_code": "insolvency", "version": 2}
    told = (await desk.credit("C-1"))["block"]
    assert (told["reason_code"], told["reason"], told["blocked_by"]) == ("insolvency", "press", "credit_analyst")


async def test_a_lifted_block_leaves_nothing_behind(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await block(desk)

    answer = await unblock(desk, "credit_analyst")

    assert (answer.json()["blocked"], answer.json()["version"]) == (False, 3)
    credit = await desk.credit("C-1")
    assert (credit["blocked"], credit["block"]) == (False, None)


async def test_what_is_so_already_changes_no_version(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    versions = [(await unblock(desk, "credit_analyst")).json()["version"]]
    for reason in ("press", "press", "insolvency"):
        versions.append((await block(desk, reason=reason)).json()["version"])

    assert versions == [1, 2, 2, 2]
    assert (await desk.credit("C-1"))["block"]["reason"] == "insolvency"


@pytest.mark.parametrize("reason_code", ["legal", "hold_orders"])
async def test_a_block_that_a_manager_decides_is_lifted_by_who_approves_limits(
    desk: CreditDesk, reason_code: str
) -> None:
    await desk.customer("C-1")
    await block(desk, reason_code=reason_code)

    analyst, manager = await unblock(desk, "credit_analyst"), await unblock(desk, "credit_manager")

    assert (analyst.status_code, analyst.json()["code"], manager.status_code) == (403, "managers_block", 200)


async def test_another_reason_does_not_take_a_legal_block_away(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await block(desk, reason_code="legal")

    answer = await block(desk, reason_code="manual")

    assert (answer.status_code, answer.json()["code"]) == (403, "managers_block")


async def test_only_who_may_ask_for_limits_blocks(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    assert (await block(desk, "collector")).status_code == 403
    assert (await unblock(desk, "erp")).status_code == 403


async def test_nobody_is_blocked_who_does_not_exist(desk: CreditDesk) -> None:
    assert (await block(desk)).status_code == 404
