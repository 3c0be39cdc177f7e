from datetime import date
from itertools import permutations
from typing import Any

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


def again(ledger: Ledger, version: int, **payment: str) -> Any:
    """Tell that the first short payment of the item goes on with another payment."""
    names: dict[str, Any] = {"application": f"app_{version}"} | payment
    return ledger.short_payment("itm_1", "50.00", version=version, short_payment="shp_app_1_itm_1", **names)


async def test_a_case_goes_on_where_it_stood_when_the_payment_stands_again(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "950.00"))
    await desk.hear(ledger.short_payment("itm_1", "50.00"))
    (case,) = await desk.cases()
    await desk.do(case["id"], "escalate", reason="large customer", to="Ada")
    await desk.hear(ledger.unpay("itm_1", "950.00"), payment_reversed())
    assert (await desk.case(case["id"]))["status"] == "void"

    await desk.hear(ledger.pay("itm_1", "650.00"), again(ledger, 2))

    found = await desk.case(case["id"])
    assert (found["status"], found["person_responsible"], found["disputed_amount"]) == ("escalated", "Ada", "50.00")
    assert [one["action"] for one in found["history"]] == ["open", "escalate", "void", "reopen"]
    assert (await desk.told())[-2:] == [("dispute.closed", 3, "void"), ("dispute.updated", 4, "escalated")]
    assert found["due_on"] == case["due_on"]
    assert len(await desk.cases()) == 1


async def test_a_case_that_goes_on_weeks_later_has_days_to_answer(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "950.00"))
    await desk.hear(ledger.short_payment("itm_1", "50.00"), ledger.unpay("itm_1", "950.00"), payment_returned())
    (before,) = await desk.cases()
    won = again(ledger, 2, receipt="rcp_2").model_copy(update={"paid_on": date(2026, 5, 12)})

    await desk.hear(ledger.pay("itm_1", "950.00"), won)

    (case,) = await desk.cases()
    assert (case["status"], case["disputed_amount"], case["opened_on"]) == ("new", "50.00", before["opened_on"])
    days = date.fromisoformat(before["due_on"]) - date.fromisoformat(before["opened_on"])
    assert date.fromisoformat(case["due_on"]) == date(2026, 5, 12) + days


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=lambda order: "".join(map(str, order)))
async def test_a_short_payment_that_goes_on_has_one_open_case_in_whatever_order_it_is_heard_of(
    desk: Desk, ledger: Ledger, order: tuple[int, ...]
) -> None:
    items = [ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "950.00")]
    first = ledger.short_payment("itm_1", "50.00")
    items += [ledger.unpay("itm_1", "950.00"), ledger.pay("itm_1", "650.00")]
    payments = [first, payment_reversed(), again(ledger, 2)]

    await desk.hear(*items, *(payments[at] for at in order), *(payments[at] for at in order))

    (case,) = await desk.cases()
    assert (case["status"], case["disputed_amount"]) == ("new", "50.00")


async def test_a_case_that_went_on_ends_with_the_payment_that_it_went_on_with(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "950.00"))
    await desk.hear(ledger.short_payment("itm_1", "50.00"), payment_reversed(), again(ledger, 2, receipt="rcp_2"))
    (case,) = await desk.cases()

    await desk.hear(payment_returned("rcp_1"), payment_reversed("rcp_1", "app_1"))
    went_on = (await desk.case(case["id"]))["status"]
    await desk.hear(ledger.unpay("itm_1", "950.00"), payment_returned("rcp_2"))

    assert (went_on, (await desk.case(case["id"]))["status"]) == ("new", "void")


async def test_a_payment_again_that_was_undone_before_it_was_heard_of_revives_nothing(
    desk: Desk, ledger: Ledger
) -> None:
    await desk.hear(ledger.post("itm_1", "1000.00"), ledger.pay("itm_1", "950.00"))
    await desk.hear(ledger.short_payment("itm_1", "50.00"), payment_reversed(), payment_reversed("rcp_1", "app_2"))

    await desk.hear(again(ledger, 2))

    assert [one["status"] for one in await desk.cases()] == ["void"]
    await desk.hear(again(ledger, 3))
    assert [one["status"] for one in await desk.cases()] == ["new"]


async def test_a_case_that_a_person_made_void_or_decided_is_not_opened_again(desk: Desk, ledger: Ledger) -> None:
    for item_id, application in (("itm_1", "app_1"), ("itm_2", "app_2")):
        await desk.hear(ledger.post(item_id, "1000.00"), ledger.pay(item_id, "950.00"))
        await desk.hear(ledger.short_payment(item_id, "50.00", application=application))
    denied, mistaken = await desk.cases()
    await desk.do(mistaken["id"], "void", reason="typed twice")
    await desk.do(denied["id"], "resolve", outcome="invalid", resolution="collect", root_cause="none", note="no")

    for item_id, application in (("itm_1", "app_1"), ("itm_2", "app_2")):
        await desk.hear(ledger.unpay(item_id, "950.00"), payment_reversed("rcp_1", application))
        goes_on = {"version": 2, "short_payment": f"shp_{application}_{item_id}", "application": f"{application}b"}
        await desk.hear(ledger.pay(item_id, "950.00"), ledger.short_payment(item_id, "50.00", **goes_on))  # type: ignore[arg-type]

    assert [one["status"] for one in await desk.cases()] == ["closed", "void"]
