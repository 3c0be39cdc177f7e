import asyncio
from typing import Any

import httpx
import pytest

from tests.credit.desk import CreditDesk


async def ask_for(desk: CreditDesk, amount: str | None, role: str = "credit_analyst", **more: Any) -> httpx.Response:
    body = {"customer_id": "C-1", "requested_limit": amount, "currency": "EUR", "reason": "test"} | more
    return await desk.send(role, "POST", "/v1/limit-requests", json=body)


async def decide(desk: CreditDesk, request: Any, role: str, verb: str = "approve") -> httpx.Response:
    return await desk.send(role, "POST", f"/v1/limit-requests/{request['id']}/{verb}")


@pytest.mark.parametrize(
    ("role", "amount", "status"),
    [
        ("credit_analyst", "50000.00", "approved"),
        ("credit_analyst", "50000.01", "pending"),
        ("credit_manager", "1000000.00", "approved"),
        ("credit_manager", "1000000.01", "pending"),
        ("credit_manager", None, "approved"),
        ("credit_analyst", None, "pending"),
    ],
)
async def test_a_limit_holds_at_once_inside_the_askers_authority_only(
    desk: CreditDesk, role: str, amount: str | None, status: str
) -> None:
    await desk.customer("C-1", limit=None)

    answer = await ask_for(desk, amount, role)

    assert (answer.status_code, answer.json()["status"]) == (201, status)
    expected = amount if status == "approved" else "0.00"
    assert (await desk.credit("C-1"))["credit_limit"] == expected


async def test_nobody_approves_his_own_request(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    request = (await ask_for(desk, "5000000.00", "credit_manager")).json()

    answer = await decide(desk, request, "credit_manager")

    assert (answer.status_code, answer.json()["code"]) == (403, "four_eyes")


async def test_nobody_approves_above_his_authority(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    request = (await ask_for(desk, "5000000.00", "credit_manager")).json()

    answer = await decide(desk, request, "credit_manager_2")

    assert (answer.status_code, answer.json()["code"]) == (403, "authority_exceeded")
    assert (await desk.credit("C-1"))["limit_state"] == "zero"


async def test_an_analyst_approves_nothing(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    request = (await ask_for(desk, "60000.00")).json()

    assert (await decide(desk, request, "credit_analyst_2")).status_code == 403


async def test_another_with_the_authority_approves_and_it_is_decided_once(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    request = (await ask_for(desk, "60000.00", valid_until="2026-12-31", payment_terms="net 14")).json()

    answers = await asyncio.gather(*(decide(desk, request, "credit_manager") for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    credit = await desk.credit("C-1")
    assert (credit["credit_limit"], credit["limit_valid_until"], credit["payment_terms"], credit["version"]) == (
        "60000.00",
        "2026-12-31",
        "net 14",
        1,
    )


async def test_a_rejected_request_changes_no_limit(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    request = (await ask_for(desk, "60000.00")).json()

    rejected = (await decide(desk, request, "credit_manager", "reject")).json()

    assert (rejected["status"], rejected["decided_by"]) == ("rejected", "credit_manager")
    assert (await desk.credit("C-1"))["credit_limit"] == "100.00"


async def test_no_credit_an_amount_and_unmanaged_are_never_confused(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="0.00")
    decisions = [(await desk.check("C-1", "SO-0", "0.01")).json()["decision"]]
    await desk.limit("C-1", "10.00")
    decisions.append((await desk.check("C-1", "SO-1", "9.99")).json()["decision"])
    await desk.limit("C-1", None)

    unmanaged = (await desk.check("C-1", "SO-2", "99999999.00")).json()

    assert [*decisions, unmanaged["decision"]] == ["held", "approved", "approved"]
    assert unmanaged["available_after"] is None
    assert (await desk.credit("C-1"))["limit_state"] == "unmanaged"


async def test_a_higher_limit_releases_what_was_held_for_the_lower(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.check("C-1", "SO-1", "500.00")

    await desk.limit("C-1", "500.00")

    assert (await desk.order("SO-1"))["status"] == "released"
    assert await desk.exposure("C-1") == "500.00"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"customer_id": "nobody"}, "customer_id"),
        ({"currency": "USD"}, "currency"),
        ({"requested_limit": "-1.00"}, "requested_limit"),
        ({"requested_limit": "1.001"}, "requested_limit"),
        ({"reason": ""}, "reason"),
        ({"valid_until": "2026-02-30"}, "valid_until"),
    ],
)
async def test_a_mistake_is_named(desk: CreditDesk, change: dict[str, Any], field: str) -> None:
    await desk.customer("C-1")

    answer = await ask_for(desk, "10.00", **change) if "requested_limit" not in change else None
    if answer is None:
        answer = await ask_for(desk, change["requested_limit"])

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_requests_are_listed_newest_first_by_customer_and_state(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await ask_for(desk, "60000.00")
    await ask_for(desk, "70000.00")
    await ask_for(desk, "10.00")

    listed = await desk.ask("auditor", "GET", "/v1/limit-requests", params={"customer_id": "C-1", "status": "pending"})

    assert [request["requested_limit"] for request in listed["data"]] == ["70000.00", "60000.00"]


@pytest.mark.parametrize(("amount", "status"), [("8000000", "approved"), ("8000001", "pending")])
async def test_the_authority_is_compared_at_the_stored_rate(desk: CreditDesk, amount: str, status: str) -> None:
    rates = {"base": "EUR", "rates": {"JPY": "160"}}
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-01-01", json=rates)
    await desk.customer("C-1", limit=None, currency="JPY")

    answer = await ask_for(desk, amount, currency="JPY")

    assert answer.json()["status"] == status
