"""Many at once: an item's balance is never disputed twice, and nobody who asks is caught in a deadlock."""

import asyncio
from collections import Counter
from decimal import Decimal

from tests.dispute.desk import Desk, conserved
from tests.dispute.ledger import Ledger, payment_returned, payment_reversed


async def test_no_more_is_disputed_than_is_open_however_many_ask_at_once(desk: Desk, ledger: Ledger) -> None:
    ledger.post("itm_1", "100.00")  # nobody has heard of it: all of them ask for it

    answers = await asyncio.gather(*(desk.open(("itm_1", "30.00")) for _ in range(12)))

    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 9}
    numbers = {answer.json()["number"] for answer in answers if answer.status_code == 201}
    assert len(numbers) == 3


async def test_one_decision_is_taken_however_many_decide_at_once(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "100.00"))
    dispute_id = await desk.opened(("itm_1", "100.00"))

    answers = await asyncio.gather(*(desk.resolve(dispute_id) for _ in range(8)))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 7}


async def test_requests_and_batches_of_events_on_the_same_items_do_not_deadlock(desk: Desk, ledger: Ledger) -> None:
    item_ids = ["itm_1", "itm_2", "itm_3"]
    await desk.hear(*(ledger.post(item_id, "1000.00") for item_id in item_ids))

    async def hear_batches() -> None:
        for _ in range(15):
            paid = [ledger.pay(item_id, "20.00") for item_id in reversed(item_ids)]
            await desk.hear_together(*paid, *(ledger.unpay(item_id, "10.00") for item_id in item_ids))

    async def work(turn: int) -> list[int]:
        claims = [(item_ids[(turn + at) % 3], "9.00") for at in range(2)]
        opened = await desk.open(*claims)
        assigned = await desk.do(opened.json()["id"], "assign", processor="lena")
        decided = await desk.resolve(opened.json()["id"], outcome="invalid", resolution="collect")
        return [opened.status_code, assigned.status_code, decided.status_code]

    _, *answers = await asyncio.gather(hear_batches(), *(work(turn) for turn in range(12)))

    assert answers == [[201, 200, 200]] * 12
    cases = await desk.cases()
    assert all(conserved(case) for case in cases)
    assert sum(Decimal(case["disputed_amount"]) for case in cases) == 0


async def test_a_short_payment_that_goes_on_while_its_payments_are_undone_ends_where_the_last_of_them_does(
    desk: Desk, ledger: Ledger
) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "950.00"))
    first = ledger.short_payment("itm_1", "50.00", application="app_1")
    told = {"short_payment": first.short_payment_id, "receipt": "rcp_2"}
    again = [
        ledger.short_payment("itm_1", "50.00", application=f"app_{turn}", version=turn, **told) for turn in range(2, 8)
    ]
    undone = [payment_reversed("rcp_2", f"app_{turn}") for turn in range(2, 7)]
    await desk.hear(first)

    heard = [payment_reversed("rcp_1", "app_1"), payment_returned("rcp_1"), *again, *undone]
    await asyncio.gather(*(desk.hear(event) for event in heard))

    (case,) = await desk.cases()
    assert (case["status"], case["disputed_amount"]) == ("new", "50.00")
    await desk.hear(payment_reversed("rcp_2", "app_7"))
    assert (await desk.case(case["id"]))["status"] == "void"
