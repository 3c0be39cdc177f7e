import asyncio

from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.exposure.test_handlers import tell
from tests.credit.ledger import invoice


async def test_a_cancelled_order_reserves_nothing_and_lets_others_go(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "800.00")
    await desk.check("C-1", "SO-2", "900.00")

    cancelled = await desk.ask("erp", "POST", "/v1/orders/SO-1/cancel", json={"note": "ordered twice"})

    assert (cancelled["status"], cancelled["open_amount"]) == ("cancelled", "0.00")
    assert cancelled["history"][-1]["note"] == "ordered twice"
    assert (await desk.order("SO-2"))["status"] == "released"
    assert await desk.exposure("C-1") == "900.00"


async def test_cancelling_a_held_order_closes_its_hold(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.check("C-1", "SO-1", "800.00")

    await desk.ask("erp", "POST", "/v1/orders/SO-1/cancel")

    assert [hold["status"] for hold in await desk.holds("C-1")] == ["closed"]


async def test_cancelling_twice_is_cancelling_once(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "800.00")

    answers = await asyncio.gather(*(desk.send("erp", "POST", "/v1/orders/SO-1/cancel") for _ in range(4)))

    assert {answer.status_code for answer in answers} == {200}
    assert await desk.exposure("C-1") == "0.00"
    assert (await desk.order("SO-1"))["version"] == 2


async def test_an_invoiced_order_is_not_cancelled_any_more(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "800.00")
    await tell(units, invoice("1", "C-1", "800.00", "SO-1").event())

    answer = await desk.send("erp", "POST", "/v1/orders/SO-1/cancel")

    assert (answer.status_code, answer.json()["code"]) == (409, "order_ended")


async def test_a_late_repeat_does_not_bring_a_cancelled_order_back(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "800.00")
    await desk.ask("erp", "POST", "/v1/orders/SO-1/cancel")

    answer = await desk.check("C-1", "SO-1", "800.00")

    assert (answer.status_code, answer.json()["code"]) == (409, "order_ended")
    assert await desk.exposure("C-1") == "0.00"


async def test_an_unknown_order_is_404_with_its_remedy(desk: CreditDesk) -> None:
    for method, path in (("GET", "/v1/orders/none"), ("POST", "/v1/orders/none/cancel")):
        answer = await desk.send("erp", method, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")
