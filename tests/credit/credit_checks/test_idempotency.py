"""`Idempotency-Key` on credit checks, which share a transaction with others."""

import asyncio

import httpx

from credit_service.credit_accounts.use_cases import locked_account
from shared.answers import KeyedRequest
from shared.http.idempotency import claim_many
from shared.unit_of_work import Units
from tests.credit.desk import DAY, CreditDesk


async def test_the_same_key_gets_the_same_answer_again_even_if_the_order_has_changed_since(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    first = await desk.check("C-1", "SO-1", "100.00", key="k1")
    await desk.check("C-1", "SO-1", "200.00", key="k2")

    again = await desk.check("C-1", "SO-1", "100.00", key="k1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await desk.exposure("C-1") == "200.00"


async def test_the_same_key_for_another_body_is_refused(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "100.00", key="k1")

    other = await desk.check("C-1", "SO-1", "200.00", key="k1")

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await desk.exposure("C-1") == "100.00"


async def test_the_same_request_many_times_at_once_is_done_once(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answers = await asyncio.gather(*(desk.check("C-1", "SO-1", "100.00", key="k1") for _ in range(8)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.text for answer in answers if answer.status_code == 201}) == 1
    assert await desk.exposure("C-1") == "100.00"


async def test_a_key_in_flight_elsewhere_is_409_and_holds_up_nobody_else(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    async with units.begin() as uow:
        await claim_many(uow.session, [KeyedRequest("erp", "k1", "x")])

        waiting, other = await asyncio.gather(
            desk.check("C-1", "SO-1", "100.00", key="k1"), desk.check("C-1", "SO-2", "100.00", key="k2")
        )

    assert (waiting.status_code, waiting.json()["code"]) == (409, "request_in_flight")
    assert other.status_code == 201


async def test_a_key_is_its_callers_own(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answers = [await desk.check("C-1", f"SO-{role}", "1.00", key="k1", role=role) for role in ("erp", "credit_analyst")]

    assert [answer.status_code for answer in answers] == [201, 201]


async def test_a_refused_request_leaves_its_key_free(desk: CreditDesk) -> None:
    refused = await desk.check("C-1", "SO-1", "100.00", key="k1")
    await desk.customer("C-1")

    accepted = await desk.check("C-1", "SO-1", "100.00", key="k1")

    assert (refused.status_code, accepted.status_code) == (422, 201)


async def test_a_batch_with_a_key_is_answered_again_whole(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    order = {"customer_id": "C-1", "amount": "60.00", "currency": "EUR", "as_of": DAY}
    body = {"checks": [order | {"order_id": "SO-1"}, order | {"order_id": "SO-2"}]}

    async def send() -> httpx.Response:
        return await desk.send("erp", "POST", "/v1/credit-checks/batch", json=body, headers={"Idempotency-Key": "b1"})

    first, second = await send(), await send()

    assert first.json() == second.json()
    assert [result["decision"] for result in first.json()["results"]] == ["approved", "held"]
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_an_account_that_is_locked_holds_up_no_other(desk: CreditDesk, units: Units) -> None:
    for number in range(8):
        await desk.customer(f"C-{number}")
    async with units.begin() as uow:
        await locked_account(uow, "C-0")
        waiting = asyncio.create_task(desk.check("C-0", "SO-0", "10.00"))
        others = await asyncio.wait_for(
            asyncio.gather(*(desk.check(f"C-{number}", f"SO-{number}", "10.00") for number in range(1, 8))), 10
        )
        assert not waiting.done()

    assert {answer.status_code for answer in others} == {201}
    assert (await waiting).status_code == 201
