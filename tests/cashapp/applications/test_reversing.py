"""Taking applications back, over HTTP on a real database; after each the books must hold."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.events.cashapp import ItemEvent, ItemUpdated
from tests.cashapp.driver import Cashapp, kinds, takes


@pytest.fixture(autouse=True)
async def _the_books_hold(cashapp: Cashapp) -> AsyncIterator[None]:
    yield
    assert await cashapp.violations() == []
    await cashapp.trial_balance()


async def applied(cashapp: Cashapp, *allocations: dict[str, Any], amount: str = "1000.00", **fields: Any) -> Any:
    receipt = await cashapp.receipt(amount, customer_id="C-1")
    answer = await cashapp.apply(receipt, *allocations, **fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_reversal_opens_the_item_and_gives_the_money_back(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    application = await applied(cashapp, takes(item, "1000.00"))

    answer = await cashapp.post(f"/v1/applications/{application['id']}/reverse")

    assert answer.json()["status"] == "reversed"
    assert answer.json()["receipt"]["unapplied"] == "1000.00"
    now = await cashapp.item(item["id"])
    assert (now["status"], now["balance"]) == ("open", "1000.00")
    assert now["applications"][0]["reversed_on"] == datetime.now(UTC).date().isoformat()
    assert kinds(await cashapp.events())[-2:] == ["payment.reversed", "item.updated"]


async def test_an_application_is_reversed_once(cashapp: Cashapp) -> None:
    application = await applied(cashapp, takes(await cashapp.invoice(), "1000.00"))
    path = f"/v1/applications/{application['id']}/reverse"

    codes = [(await cashapp.post(path)).status_code for _ in range(2)]

    assert codes == [200, 409]


async def test_a_discount_that_is_taken_back_is_not_told_as_money(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(payment_terms="2/20 net 30")
    application = await applied(cashapp, takes(item, "980.00", discount="20.00"), amount="980.00")

    await cashapp.post(f"/v1/applications/{application['id']}/reverse", {"posting_date": "2026-03-25"})

    told = [event.posting for event in await cashapp.events() if isinstance(event, ItemEvent)][1:]
    assert [(one.kind, one.amount, one.receipt_id is not None) for one in told] == [
        ("payment", Decimal("-980.00"), True),
        ("discount", Decimal("-20.00"), False),
        ("reversal", Decimal("980.00"), True),
        ("discount", Decimal("20.00"), False),
    ]


async def test_each_event_of_an_item_is_one_version_with_its_balance(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(payment_terms="2/20 net 30")
    await applied(cashapp, takes(item, "980.00", discount="20.00"), amount="980.00")

    told = [event for event in await cashapp.events() if isinstance(event, ItemEvent)]

    assert [(event.type, event.version, event.item.balance) for event in told] == [
        ("item.posted", 1, Decimal("1000.00")),
        ("item.updated", 2, Decimal("20.00")),
        ("item.cleared", 3, Decimal("0.00")),
    ]
    assert isinstance(told[1], ItemUpdated)


async def test_a_residual_item_is_taken_back_with_its_application(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    application = await applied(
        cashapp, takes(item, "900.00", shortfall="residual", reason_code="price"), amount="900.00"
    )
    residual_id = application["allocations"][0]["residual_item_id"]

    await cashapp.post(f"/v1/applications/{application['id']}/reverse")

    assert (await cashapp.item(item["id"]))["balance"] == "1000.00"
    assert (await cashapp.item(residual_id))["status"] == "cleared"


async def test_a_residual_item_that_was_paid_stays_and_so_does_what_it_carries(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    application = await applied(
        cashapp, takes(item, "900.00", shortfall="residual", reason_code="price"), amount="900.00"
    )
    residual = {"id": application["allocations"][0]["residual_item_id"]}
    await applied(cashapp, takes(residual, "40.00"), amount="40.00")

    await cashapp.post(f"/v1/applications/{application['id']}/reverse")

    assert (await cashapp.item(item["id"]))["balance"] == "900.00"
    assert (await cashapp.item(residual["id"]))["balance"] == "60.00"


async def test_a_second_rest_of_the_same_item_gets_a_number_of_its_own(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    short = {"shortfall": "residual", "reason_code": "price"}
    first = await applied(cashapp, takes(item, "900.00", **short), amount="900.00")
    await cashapp.post(f"/v1/applications/{first['id']}/reverse")

    second = await applied(cashapp, takes(item, "900.00", **short), amount="900.00")

    residual = await cashapp.item(second["allocations"][0]["residual_item_id"])
    assert residual["number"] == "RE-2026-00017-R-2"


async def test_a_netted_credit_memo_is_open_again(cashapp: Cashapp) -> None:
    item, memo = await cashapp.invoice(), await cashapp.invoice("CM-1", "200.00", kind="credit_memo")
    application = await applied(cashapp, takes(item, "1000.00"), takes(memo, "-200.00"), amount="800.00")

    await cashapp.post(f"/v1/applications/{application['id']}/reverse")

    assert [(await cashapp.item(one["id"]))["balance"] for one in (item, memo)] == ["1000.00", "-200.00"]


async def test_money_put_on_account_and_spent_keeps_its_application(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("100.00", customer_id="C-1")
    parked = (await cashapp.apply(receipt, on_account="100.00")).json()
    await cashapp.apply(receipt, takes(await cashapp.invoice(), "100.00"))

    answer = await cashapp.post(f"/v1/applications/{parked['id']}/reverse")

    assert (answer.status_code, answer.json()["code"]) == (409, "on_account_spent")


async def test_an_item_that_was_reopened_is_not_cleared_before_that_day(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    application = await applied(cashapp, takes(item, "1000.00"))
    await cashapp.post(f"/v1/applications/{application['id']}/reverse", {"posting_date": "2026-04-10"})

    again = await applied(cashapp, takes(item, "1000.00"))

    assert again["posting_date"] == "2026-04-10"


async def test_a_reversal_before_the_application_is_refused(cashapp: Cashapp) -> None:
    application = await applied(cashapp, takes(await cashapp.invoice(), "1000.00"))

    answer = await cashapp.post(f"/v1/applications/{application['id']}/reverse", {"posting_date": "2026-03-19"})

    assert answer.status_code == 422


async def test_an_unknown_application_is_not_found(cashapp: Cashapp) -> None:
    answer = await cashapp.post("/v1/applications/app_none/reverse")

    assert answer.status_code == 404


async def test_what_an_application_put_on_account_leaves_no_earlier_than_the_day_it_was_free_again(
    cashapp: Cashapp,
) -> None:
    receipt = await cashapp.receipt("100.00", customer_id="C-1")
    put = (await cashapp.apply(receipt, on_account="100.00")).json()
    spent = (await cashapp.apply(receipt, takes(await cashapp.invoice(), "100.00"))).json()
    await cashapp.post(f"/v1/applications/{spent['id']}/reverse", {"posting_date": "2026-06-24"})

    answer = await cashapp.post(f"/v1/applications/{put['id']}/reverse", {"posting_date": "2026-04-06"})

    assert answer.json()["reversed_on"] == "2026-06-24"
