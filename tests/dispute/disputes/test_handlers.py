from tests.dispute.desk import Desk, amounts
from tests.dispute.ledger import Ledger


async def test_an_item_paid_in_full_closes_its_case(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.hear(ledger.pay("itm_1", "1000.00"))

    case = await desk.case(dispute_id)
    assert (case["status"], amounts(case)["paid"]) == ("closed", "50.00")
    assert (await desk.told())[-1] == ("dispute.closed", 2, "closed")


async def test_a_payment_beside_the_claim_changes_nothing_of_the_case(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.hear(ledger.pay("itm_1", "950.00"))

    assert (await desk.case(dispute_id))["version"] == 1


async def test_a_reversed_payment_brings_the_case_back_as_if_it_had_never_been_paid(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.do(dispute_id, "assign", processor="lena")
    before = await desk.case(dispute_id)
    await desk.hear(ledger.pay("itm_1", "1000.00"), ledger.unpay("itm_1", "1000.00"))

    case = await desk.case(dispute_id)
    assert (case["status"], case["items"]) == (before["status"], before["items"]) == ("in_process", before["items"])
    assert (await desk.told())[-1] == ("dispute.updated", 4, "in_process")


async def test_a_returned_payment_opens_again_only_what_was_paid_of_a_decided_case(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "50.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.hear(ledger.pay("itm_1", "20.00"))
    await desk.resolve(dispute_id, "30.00")
    await desk.hear(ledger.credit("itm_1", "30.00", dispute_id), ledger.unpay("itm_1", "20.00"))

    case = await desk.case(dispute_id)
    assert (case["status"], case["disputed_amount"], amounts(case)["credited"]) == ("in_process", "20.00", "30.00")


async def test_a_void_case_is_never_brought_back(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.do(dispute_id, "void", reason="opened twice")
    await desk.hear(ledger.pay("itm_1", "1000.00"), ledger.unpay("itm_1", "1000.00"))

    assert (await desk.case(dispute_id))["version"] == 2


async def test_an_older_state_of_an_item_changes_nothing(desk: Desk, ledger: Ledger) -> None:
    posted, paid, unpaid = ledger.post("itm_1", "100.00"), ledger.pay("itm_1", "80.00"), ledger.unpay("itm_1", "80.00")
    await desk.hear(posted)
    dispute_id = await desk.opened(("itm_1", "100.00"))
    await desk.hear(unpaid, paid, posted)

    assert (await desk.case(dispute_id))["version"] == 1


async def test_a_credit_heard_of_twice_counts_once(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.resolve(dispute_id)
    credit = ledger.credit("itm_1", "20.00", dispute_id)
    await desk.hear(credit, credit)

    assert amounts(await desk.case(dispute_id))["credited"] == "20.00"


async def test_a_reversed_credit_memo_takes_the_closing_back(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"))
    dispute_id = await desk.opened(("itm_1", "50.00"))
    await desk.resolve(dispute_id)
    await desk.hear(ledger.credit("itm_1", "50.00", dispute_id), ledger.credit("itm_1", "-50.00", dispute_id))

    case = await desk.case(dispute_id)
    assert (case["status"], case["disputed_amount"]) == ("resolved", "50.00")


async def test_the_end_of_one_case_gives_room_to_the_other_on_the_same_item(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "100.00"))
    first = await desk.opened(("itm_1", "60.00"))
    second = await desk.opened(("itm_1", "40.00"))
    await desk.hear(ledger.pay("itm_1", "50.00"))
    paid = (await desk.case(first))["disputed_amount"], (await desk.case(second))["disputed_amount"]
    await desk.resolve(first, outcome="invalid", resolution="collect")

    assert paid == ("50.00", "0.00")
    assert (await desk.case(second))["disputed_amount"] == "40.00"
