"""Events of dispute cases, applied as the worker does: twice, late, out of order; afterwards the books must hold."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from cashapp_service.periods import use_cases as periods
from cashapp_service.periods.domain import Period
from cashapp_service.subscriptions import SUBSCRIPTIONS
from shared.events.cashapp import ItemEvent
from shared.events.dispute import (
    DisputeClosed,
    DisputedItem,
    DisputeEvent,
    DisputeOpened,
    DisputeResolved,
    DisputeState,
    DisputeUpdated,
)
from tests.cashapp.driver import Cashapp, takes


@pytest.fixture(autouse=True)
async def _the_books_hold(cashapp: Cashapp) -> AsyncIterator[None]:
    yield
    assert await cashapp.violations() == []
    await cashapp.trial_balance()


def case(*disputed: tuple[dict[str, Any], str], number: str = "DSP-1", **fields: Any) -> DisputeState:
    items = [
        DisputedItem(
            item_id=item["id"],
            number=item["number"],
            original_amount=Decimal(amount),
            disputed_amount=Decimal(amount),
            credited_amount=Decimal(0),
            paid_amount=Decimal(0),
        )
        for item, amount in disputed
    ]
    values: dict[str, Any] = {
        "dispute_id": f"dsp_{number}",
        "number": number,
        "customer_id": "C-1",
        "status": "new",
        "reason_code": "damage",
        "source": "call",
        "currency": "EUR",
        "disputed_amount": sum(Decimal(amount) for _, amount in disputed),
        "items": items,
        "opened_on": date(2026, 3, 21),
        "due_on": date(2026, 4, 21),
    }
    return DisputeState.model_validate(values | fields)


def decided(*disputed: tuple[dict[str, Any], str], amount: str, **fields: Any) -> DisputeState:
    decision: dict[str, Any] = {
        "status": "resolved",
        "outcome": "valid",
        "resolution": "credit_memo",
        "resolved_amount": Decimal(amount),
        "resolved_on": date(2026, 3, 30),
    }
    return case(*disputed, **(decision | fields))


async def deliver(cashapp: Cashapp, *events: DisputeEvent) -> None:
    for event in events:
        async with cashapp.units.begin() as uow:
            await SUBSCRIPTIONS[type(event)](uow, event)


async def test_an_item_shows_what_all_open_cases_dispute_of_it(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    await deliver(
        cashapp,
        DisputeOpened(version=1, dispute=case((item, "100.00"))),
        DisputeOpened(version=1, dispute=case((item, "30.00"), number="DSP-2")),
    )

    assert (await cashapp.item(item["id"]))["disputed_amount"] == "130.00"


async def test_a_closed_case_disputes_nothing(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    await deliver(
        cashapp,
        DisputeOpened(version=1, dispute=case((item, "100.00"))),
        DisputeClosed(version=2, dispute=case((item, "100.00"), status="closed")),
    )

    assert (await cashapp.item(item["id"]))["disputed_amount"] == "0.00"


async def test_whatever_order_they_come_in_the_newest_state_of_a_case_counts(cashapp: Cashapp) -> None:
    for number, order in enumerate(permutations(range(3))):
        item = await cashapp.invoice(f"RE-{number}")
        events = [
            DisputeOpened(version=1, dispute=case((item, "100.00"), number=f"D-{number}")),
            DisputeUpdated(version=2, dispute=case((item, "60.00"), number=f"D-{number}")),
            DisputeUpdated(version=3, dispute=case((item, "20.00"), number=f"D-{number}")),
        ]
        await deliver(cashapp, *(events[index] for index in [*order, *order]))
        assert (await cashapp.item(item["id"]))["disputed_amount"] == "20.00"


async def test_a_valid_dispute_is_credited_and_clears_the_item(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(amount="100.00")

    await deliver(cashapp, DisputeResolved(version=3, dispute=decided((item, "100.00"), amount="100.00")))

    now = await cashapp.item(item["id"])
    assert (now["status"], now["applications"][0]["credit"]) == ("cleared", "100.00")
    (memo,) = (await cashapp.get("/v1/items", number="CM-DSP-1"))["data"]
    assert (memo["kind"], memo["amount"], memo["status"]) == ("credit_memo", "-100.00", "cleared")
    told = [event for event in await cashapp.events() if isinstance(event, ItemEvent)][1:]
    assert [(one.type, one.posting.kind, one.posting.dispute_id) for one in told] == [
        ("item.posted", "issue", "dsp_DSP-1"),
        ("item.cleared", "credit", "dsp_DSP-1"),
        ("item.cleared", "credit", "dsp_DSP-1"),
    ]


async def test_a_decision_is_posted_once_however_often_it_comes(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    event = DisputeResolved(version=3, dispute=decided((item, "100.00"), amount="100.00"))

    await deliver(cashapp, event, event)

    assert (await cashapp.item(item["id"]))["balance"] == "900.00"


async def test_a_decision_that_comes_after_its_closing_is_posted_and_disputes_nothing(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    await deliver(
        cashapp,
        DisputeClosed(version=4, dispute=decided((item, "100.00"), amount="100.00", status="closed")),
        DisputeResolved(version=3, dispute=decided((item, "100.00"), amount="100.00")),
    )

    now = await cashapp.item(item["id"])
    assert (now["balance"], now["disputed_amount"]) == ("900.00", "0.00")


async def test_a_second_decision_of_a_reopened_case_is_a_second_memo(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    await deliver(
        cashapp,
        DisputeResolved(version=3, dispute=decided((item, "100.00"), amount="60.00")),
        DisputeResolved(version=5, dispute=decided((item, "40.00"), amount="40.00")),
    )

    assert (await cashapp.item(item["id"]))["balance"] == "900.00"
    (second,) = (await cashapp.get("/v1/items", number="CM-DSP-1-2"))["data"]
    assert second["amount"] == "-40.00"


async def test_a_credit_for_what_was_paid_meanwhile_stays_open_for_the_customer(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(amount="100.00")
    receipt = await cashapp.receipt("70.00", customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "70.00"))

    await deliver(cashapp, DisputeResolved(version=3, dispute=decided((item, "100.00"), amount="100.00")))

    assert (await cashapp.item(item["id"]))["status"] == "cleared"
    (memo,) = (await cashapp.get("/v1/items", number="CM-DSP-1"))["data"]
    assert memo["balance"] == "-70.00"


async def test_a_credit_goes_to_each_item_of_the_case_as_far_as_it_is_disputed(cashapp: Cashapp) -> None:
    items = [await cashapp.invoice(f"RE-{number}", "100.00") for number in range(2)]
    disputed = ((items[0], "30.00"), (items[1], "50.00"))

    await deliver(cashapp, DisputeResolved(version=3, dispute=decided(*disputed, amount="60.00")))

    assert [(await cashapp.item(one["id"]))["balance"] for one in items] == ["70.00", "70.00"]


async def test_a_decision_told_after_the_close_is_credited_on_the_first_open_day(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(amount="100.00")
    async with cashapp.units.begin() as uow:
        await periods.close_period(uow, "1000", Period(2026, 3), by="controller")

    await deliver(cashapp, DisputeResolved(version=3, dispute=decided((item, "100.00"), amount="100.00")))

    assert (await cashapp.item(item["id"]))["status"] == "cleared"
    (memo,) = (await cashapp.get("/v1/items", number="CM-DSP-1"))["data"]
    assert (memo["issue_date"], memo["posting_date"], memo["status"]) == ("2026-03-30", "2026-04-01", "cleared")


@pytest.mark.parametrize(
    "decision",
    [
        {"resolution": "collect", "outcome": "invalid"},
        {"resolution": "rebill"},
        {"resolution": "write_off"},
        {"resolved_amount": None},
    ],
    ids=str,
)
async def test_other_decisions_post_nothing(cashapp: Cashapp, decision: dict[str, Any]) -> None:
    item = await cashapp.invoice()

    await deliver(cashapp, DisputeResolved(version=3, dispute=decided((item, "100.00"), amount="100.00", **decision)))

    assert (await cashapp.item(item["id"]))["balance"] == "1000.00"


async def test_a_settlement_is_credited_like_a_memo(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    settled = decided((item, "100.00"), amount="25.00", resolution="settlement", outcome="partially_valid")

    await deliver(cashapp, DisputeResolved(version=3, dispute=settled))

    assert (await cashapp.item(item["id"]))["balance"] == "975.00"


async def test_a_credit_is_posted_when_a_reopened_item_is_there_again(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    receipt = await cashapp.receipt(customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "1000.00"))
    body = {"reason": "nsf", "value_date": "2026-04-20"}
    await cashapp.post(f"/v1/receipts/{receipt['id']}/return", body)

    await deliver(cashapp, DisputeResolved(version=3, dispute=decided((item, "100.00"), amount="100.00")))

    credit = (await cashapp.item(item["id"]))["applications"][-1]
    assert (credit["credit"], credit["posting_date"]) == ("100.00", "2026-04-20")
