import pytest

from tests.dispute.desk import Desk, amounts
from tests.dispute.ledger import Ledger, payment_returned, payment_reversed


async def test_a_short_payment_opens_a_case_for_the_shortfall(desk: Desk, ledger: Ledger) -> None:
    posted, paid = ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "950.00")
    await desk.hear(ledger.short_payment("itm_1", "50.00"), posted, paid)

    (case,) = await desk.cases()
    assert (case["source"], case["reason_code"], case["opened_by"]) == ("short_payment", "price", "openitem")
    assert (case["status"], case["disputed_amount"], case["opened_on"]) == ("new", "50.00", "2026-03-02")
    assert await desk.told() == [("dispute.opened", 1, "new")]


async def test_a_short_payment_heard_of_twice_opens_one_case(desk: Desk, ledger: Ledger) -> None:
    ledger.post("itm_1", "1000.00")
    ledger.pay("itm_1", "950.00")
    short = ledger.short_payment("itm_1", "50.00")
    await desk.hear(short, short)

    assert len(await desk.cases()) == 1


async def test_a_reason_that_is_no_code_opens_the_case_all_the_same(desk: Desk, ledger: Ledger) -> None:
    ledger.post("itm_1", "1000.00")
    ledger.pay("itm_1", "950.00")
    await desk.hear(ledger.short_payment("itm_1", "50.00", reason="see letter"))

    assert (await desk.cases())[0]["reason_code"] == "other"


async def test_a_shortfall_paid_meanwhile_is_not_disputed(desk: Desk, ledger: Ledger) -> None:
    posted, _ = ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "950.00")
    short, rest = ledger.short_payment("itm_1", "50.00"), ledger.pay("itm_1", "50.00")
    await desk.hear(posted, rest, short)

    (case,) = await desk.cases()
    assert (case["status"], amounts(case)["paid"]) == ("closed", "50.00")
    assert await desk.told() == [("dispute.opened", 1, "new"), ("dispute.closed", 2, "closed")]


@pytest.mark.parametrize("undone", [payment_returned(), payment_reversed()], ids=["returned", "reversed"])
@pytest.mark.parametrize("late", [False, True])
async def test_a_payment_undone_makes_the_case_of_its_shortfall_void_in_any_order(
    desk: Desk, ledger: Ledger, undone: object, late: bool
) -> None:
    events = [ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "950.00"), ledger.short_payment("itm_1", "50.00")]
    events += [ledger.unpay("itm_1", "950.00"), undone]  # type: ignore[list-item]
    await desk.hear(*(events[::-1] if late else events))

    (case,) = await desk.cases()
    assert (case["status"], case["disputed_amount"], amounts(case)["denied"]) == ("void", "0.00", "50.00")
    assert await desk.told() == [("dispute.opened", 1, "new"), ("dispute.closed", 2, "void")]
    assert (await desk.case(case["id"]))["history"][-1]["by"] == "openitem"


async def test_another_receipt_or_application_or_a_part_leaves_the_case_alone(desk: Desk, ledger: Ledger) -> None:
    ledger.post("itm_1", "1000.00")
    ledger.pay("itm_1", "950.00")
    await desk.hear(
        ledger.short_payment("itm_1", "50.00"),
        payment_returned("rcp_2"),
        payment_returned("rcp_1", amount="300.00"),
        payment_reversed("rcp_1", "app_2"),
    )

    assert (await desk.cases())[0]["status"] == "new"


async def test_a_claim_that_was_decided_stands_when_the_cheque_bounces(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "950.00"))
    await desk.hear(ledger.short_payment("itm_1", "50.00"))
    (case,) = await desk.cases()
    await desk.resolve(case["id"])
    await desk.hear(ledger.credit("itm_1", "50.00", case["id"]), ledger.unpay("itm_1", "950.00"), payment_returned())

    case = await desk.case(case["id"])
    assert (case["status"], amounts(case)["credited"]) == ("closed", "50.00")
