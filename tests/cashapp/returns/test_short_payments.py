"""What a customer held back of items whose payment comes back, over HTTP on one database; at the end every law holds.

The claim is his, not the payment's: it goes on with whatever pays the item again.
"""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from shared.events.cashapp import PaymentShortPaid
from tests.cashapp.driver import Cashapp, takes
from tests.cashapp.returns.bank import BY_CARD, NUMBERS, back, balances, opened

Told = tuple[str, int, str]


async def short_paid(
    books: Cashapp, shortfall: str, *, of: str = "950.00", amount: str = "950.00"
) -> tuple[Any, Any, Any]:
    """Return an item of 1000, the receipt that paid a part of it, and its application: the rest is held back for its price."""
    item, receipt = await books.invoice(f"SHP-{next(NUMBERS)}", "1000.00"), await books.receipt(of, **BY_CARD)
    answer = await books.apply(receipt, takes(item, amount, shortfall=shortfall, reason_code="price"))
    assert answer.status_code == 201, answer.text
    return item, receipt, answer.json()


async def came_back(books: Cashapp, exception: Any, outcome: str) -> Any:
    """Bring the money of an exception back, and return the receipt with which it came."""
    path = f"/v1/payment-exceptions/{exception['id']}"
    if outcome == "won":
        await books.post(f"{path}/evidence", {"kind": "invoice", "reference": "DMS 1"})
        await books.post(f"{path}/contest", {"contested_on": "2026-04-20"})
    else:
        await books.post(f"{path}/represent", {"represented_on": "2026-04-20"})
    answer = await books.post(f"{path}/resolve", {"outcome": outcome, "value_date": "2026-05-12"})
    assert answer.status_code == 200, answer.text
    return await books.receipt_now({"id": answer.json()["recovery_receipt_id"]})


async def told(books: Cashapp, item: Any) -> list[Told]:
    """Return how short payments of an item were told: which, in which version, and how much is short."""
    found = [one for one in await books.events("payment.short_paid") if isinstance(one, PaymentShortPaid)]
    return [(one.short_payment_id, one.version, str(one.shortfall)) for one in found if one.item.item_id == item["id"]]


def residual_of(application: Any) -> Any:
    """Return the residual item that an application opened, by its id."""
    return {"id": application["allocations"][0]["residual_item_id"]}


@pytest.mark.parametrize("amount", ["300.00", "949.99"])
async def test_a_disputed_shortfall_goes_on_with_what_the_bank_left_of_its_payment(books: Cashapp, amount: str) -> None:
    item, receipt, _ = await short_paid(books, "dispute")

    exception = await opened(books, receipt, amount)

    assert await balances(books, [item]) == [str(Decimal(amount) + 50)]
    (first, _, _), *_ = shown = await told(books, item)
    assert shown == [(first, 1, "50.00"), (first, 2, "50.00")]
    # What the bank took brings no claim with it when it is won: that went on.
    assert [(one["amount"], one["short_payment"]) for one in exception["reopened"]] == [(amount, None)]


async def test_a_shortfall_goes_on_though_another_item_of_its_application_gave_the_part(books: Cashapp) -> None:
    item, other = [await books.invoice(f"SHP-{next(NUMBERS)}", amount) for amount in ("1000.00", "500.00")]
    receipt = await books.receipt("1450.00", **BY_CARD)
    short = takes(item, "950.00", shortfall="dispute", reason_code="price")
    assert (await books.apply(receipt, short, takes(other, "500.00"))).status_code == 201

    await opened(books, receipt, "200.00")

    assert await balances(books, [item, other]) == ["50.00", "200.00"]
    assert [version for _, version, _ in await told(books, item)] == [1, 2]


async def test_each_part_that_comes_back_tells_the_next_version_until_nothing_pays_the_item(books: Cashapp) -> None:
    item, receipt, _ = await short_paid(books, "dispute")

    exceptions = [await opened(books, receipt, amount) for amount in ("300.00", "400.00", None)]

    assert await balances(books, [item]) == ["1000.00"]
    assert [version for _, version, _ in await told(books, item)] == [1, 2, 3]
    held_back = [one["reopened"][0]["short_payment"] for one in exceptions]
    assert held_back == [None, None, {"kind": "dispute", "amount": "50.00", "reason_code": "price"}]


@pytest.mark.parametrize("outcome", ["won", "represented"])
async def test_money_that_comes_back_brings_the_disputed_shortfall_back(books: Cashapp, outcome: str) -> None:
    item, receipt, _ = await short_paid(books, "dispute")
    exception = await opened(books, receipt, reason="chargeback" if outcome == "won" else "card_error")
    assert await balances(books, [item]) == ["1000.00"]

    recovery = await came_back(books, exception, outcome)

    assert await balances(books, [item]) == ["50.00"]
    (first, _, _), *_ = shown = await told(books, item)
    assert shown == [(first, 1, "50.00"), (first, 2, "50.00")]
    again = (await books.events("payment.short_paid"))[-1]
    assert isinstance(again, PaymentShortPaid)
    assert (again.receipt_id, str(again.paid_on)) == (recovery["id"], "2026-05-12")


async def test_no_more_is_disputed_again_than_is_open_of_the_item_by_then(books: Cashapp) -> None:
    item, receipt, _ = await short_paid(books, "dispute")
    exception = await opened(books, receipt)
    await books.apply(await books.receipt("30.00", customer_id="C-1", value_date="2026-04-10"), takes(item, "30.00"))

    await came_back(books, exception, "won")

    assert await balances(books, [item]) == ["20.00"]
    assert [shortfall for _, _, shortfall in await told(books, item)] == ["50.00", "20.00"]


async def test_nothing_is_disputed_again_where_the_shortfall_was_paid_meanwhile(books: Cashapp) -> None:
    item, receipt, _ = await short_paid(books, "dispute")
    await books.apply(await books.receipt("50.00", customer_id="C-1"), takes(item, "50.00"))
    exception = await opened(books, receipt)

    await came_back(books, exception, "won")

    assert await balances(books, [item]) == ["0.00"]
    assert [version for _, version, _ in await told(books, item)] == [1]


async def test_an_application_anew_tells_of_another_short_payment(books: Cashapp) -> None:
    item, receipt, application = await short_paid(books, "dispute")
    await books.post(f"/v1/applications/{application['id']}/reverse")

    await books.apply(receipt, takes(item, "900.00", shortfall="dispute", reason_code="quantity"))

    ids = [(short_payment_id, version) for short_payment_id, version, _ in await told(books, item)]
    assert [version for _, version in ids] == [1, 1]
    assert len(set(ids)) == 2


async def test_a_residual_item_stands_beside_what_the_bank_took_of_its_item(books: Cashapp) -> None:
    item, receipt, application = await short_paid(books, "residual")
    residual = residual_of(application)

    exception = await opened(books, receipt, "300.00")

    assert await balances(books, [item, residual]) == ["300.00", "50.00"]
    rest = await opened(books, receipt)
    assert await balances(books, [item, residual]) == ["1000.00", "0.00"]
    for one in (exception, rest):
        await came_back(books, one, "won")
    assert await balances(books, [item, residual]) == ["0.00", "50.00"]
    assert (await books.get("/v1/items", customer_id="C-1", number=f"{application['allocations'][0]['number']}-R-2"))[
        "data"
    ] == []


async def test_a_residual_item_that_goes_on_is_taken_back_with_its_application(books: Cashapp) -> None:
    item, receipt, application = await short_paid(books, "residual")
    await opened(books, receipt, "300.00")
    (again,) = (await books.get("/v1/applications", receipt_id=receipt["id"], status="active"))["data"]

    answer = await books.post(f"/v1/applications/{again['id']}/reverse")

    assert answer.status_code == 200, answer.text
    assert await balances(books, [item, residual_of(application)]) == ["1000.00", "0.00"]


@pytest.mark.parametrize(("paid", "left"), [("20.00", "30.00"), ("50.00", "0.00")])
async def test_a_residual_item_that_was_paid_stays_as_it_is_and_is_not_opened_again(
    books: Cashapp, paid: str, left: str
) -> None:
    item, receipt, application = await short_paid(books, "residual")
    residual = residual_of(application)
    paying = await books.apply(await books.receipt(paid, customer_id="C-1"), takes(residual, paid))
    assert paying.status_code == 201, paying.text

    exception = await opened(books, receipt, "300.00")

    assert await balances(books, [item, residual]) == ["300.00", left]
    await came_back(books, exception, "won")
    assert await balances(books, [item, residual]) == ["0.00", left]


async def test_a_residual_item_takes_no_more_again_than_is_open_of_its_item_by_then(books: Cashapp) -> None:
    item, receipt, application = await short_paid(books, "residual")
    exception = await opened(books, receipt)
    await books.apply(await books.receipt("30.00", customer_id="C-1", value_date="2026-04-10"), takes(item, "30.00"))

    recovery = await came_back(books, exception, "won")

    assert await balances(books, [item, residual_of(application)]) == ["0.00", "20.00"]
    (again,) = (await books.get("/v1/applications", receipt_id=recovery["id"]))["data"]
    assert (await books.post(f"/v1/applications/{again['id']}/reverse")).status_code == 200
    assert await balances(books, [item, residual_of(application)]) == ["970.00", "0.00"]


async def test_parts_that_come_back_while_the_residual_item_and_its_item_are_paid_lose_nothing(books: Cashapp) -> None:
    for _ in range(3):
        item, receipt, application = await short_paid(books, "residual")
        residual = residual_of(application)
        money = [await books.receipt("20.00", customer_id="C-1") for _ in range(4)]

        answers = await asyncio.gather(
            *(back(books, receipt, amount) for amount in ("100.00", "200.00", "300.00")),
            *(books.apply(one, takes(residual, "20.00")) for one in money[:2]),
            *(books.apply(one, takes(item, "20.00")) for one in money[2:]),
        )

        assert {one.status_code for one in answers} <= {201, 409}, [one.text for one in answers]
        assert [one.status_code for one in answers[:3]] == [201] * 3
        applied = [(await books.receipt_now(one))["applied"] for one in (receipt, *money)]
        assert sum(map(Decimal, applied + await balances(books, [item, residual]))) == 1000
