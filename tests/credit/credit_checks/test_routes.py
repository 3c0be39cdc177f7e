import asyncio

import httpx

from tests.credit.desk import CreditDesk


async def test_an_order_within_the_limit_reserves_its_value(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")

    answer = await desk.check("C-1", "SO-1", "800.00")

    assert answer.status_code == 201
    decision = answer.json()
    assert (decision["decision"], decision["exposure_before"], decision["exposure_after"]) == (
        "approved",
        "0.00",
        "800.00",
    )
    assert decision["available_after"] == "200.00"
    assert await desk.exposure("C-1", "open_orders") == "800.00"


async def test_the_order_one_too_many_is_held_with_its_reasons(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "800.00")

    decision = (await desk.check("C-1", "SO-2", "200.01")).json()

    assert decision["decision"] == "held"
    assert decision["hold_id"]
    assert [(reason["rule"], reason["actual"], reason["limit"]) for reason in decision["reasons"]] == [
        ("static_limit", "1000.01", "1000.00")
    ]
    assert await desk.exposure("C-1", "total") == "800.00"
    holds = await desk.holds("C-1")
    assert [(hold["order_id"], hold["status"]) for hold in holds] == [("SO-2", "open")]


async def test_forty_concurrent_orders_of_100_against_1000_let_exactly_ten_through(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")

    answers = await asyncio.gather(*(desk.check("C-1", f"SO-{number}", "100.00") for number in range(40)))

    decisions = [answer.json()["decision"] for answer in answers]
    assert sorted(decisions) == ["approved"] * 10 + ["held"] * 30
    assert await desk.exposure("C-1", "open_orders") == "1000.00"


async def test_two_processes_at_once_let_exactly_ten_through(
    desk: CreditDesk, another_process: httpx.AsyncClient
) -> None:
    await desk.customer("C-1", limit="1000.00")
    other = CreditDesk(another_process)

    answers = await asyncio.gather(
        *((desk, other)[number % 2].check("C-1", f"SO-{number}", "100.00") for number in range(40))
    )

    assert sum(answer.json()["decision"] == "approved" for answer in answers) == 10
    assert await desk.exposure("C-1", "open_orders") == "1000.00"


async def test_an_identical_repeat_gets_the_same_decision(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")

    first = await desk.check("C-1", "SO-1", "800.00")
    again = await desk.check("C-1", "SO-1", "800.00", as_of="2026-03-09")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert await desk.exposure("C-1", "open_orders") == "800.00"


async def test_a_changed_order_replaces_its_reservation(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "800.00")

    changed = (await desk.check("C-1", "SO-1", "900.00")).json()

    assert (changed["decision"], changed["exposure_before"], changed["exposure_after"]) == (
        "approved",
        "800.00",
        "900.00",
    )
    order = await desk.order("SO-1")
    assert (order["status"], order["amount"], order["open_amount"]) == ("approved", "900.00", "900.00")
    assert [line["amount"] for line in order["history"]] == ["800.00", "900.00"]
