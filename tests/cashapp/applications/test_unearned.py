"""Discount that one part of an item took for another which is taken back, over HTTP on one database; the laws hold at the end."""

import asyncio
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashapp_service.applications.domain.unearned import GrantedDiscount, is_unearned, unearned
from cashapp_service.items.domain.item import Item
from shared.events.cashapp import ItemUpdated, PaymentReturned
from tests.cashapp.driver import Cashapp, takes

NUMBERS = count(1)
DAY = date(2026, 3, 20)


async def in_parts(books: Cashapp, **second: Any) -> tuple[Any, Any, Any]:
    """Return an item paid in two parts in time, the first receipt, and the application that took the discount for both."""
    item = await books.invoice(f"UNE-{next(NUMBERS)}", "1000.00", payment_terms="2/20 net 30")
    first = await books.receipt("490.00", customer_id="C-1")
    await books.apply(first, takes(item, "490.00"))
    rest = await books.receipt("490.00", customer_id="C-1")
    answer = await books.apply(rest, takes(item, "490.00", discount="20.00"), **second)
    assert answer.status_code == 201, answer.text
    assert (await books.item(item["id"]))["status"] == "cleared"
    return item, first, answer.json()


async def returned(books: Cashapp, receipt: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Have the bank take a payment back."""
    body = {"reason": "chargeback", "value_date": "2026-04-07"} | fields
    answer = await books.post(f"/v1/receipts/{receipt['id']}/return", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["payment_exception"])


async def balance(books: Cashapp, item: dict[str, Any]) -> str:
    return str((await books.item(item["id"]))["balance"])


async def test_the_discount_that_a_returned_part_had_earned_goes_with_it(books: Cashapp) -> None:
    before = (await books.trial_balance()).get("cash_discount", Decimal(0))
    item, first, second = await in_parts(books)

    exception = await returned(books, first)

    now = await books.item(item["id"])
    assert now["balance"] == "499.80"
    assert [(one["amount"], one["discount"], one["reversed_on"]) for one in now["applications"]] == [
        ("490.00", "0.00", "2026-04-07"),
        ("490.00", "10.20", None),
    ]
    found = await books.get(f"/v1/applications/{second['id']}")
    (taken,) = found["allocations"]
    assert (taken["discount"], taken["discount_taken_back"]) == ("20.00", "9.80")
    assert (found["status"], found["version"], found["receipt"]["status"]) == ("active", 2, "applied")
    assert (await books.trial_balance())["cash_discount"] - before == Decimal("10.20")
    detail = await books.get(f"/v1/payment-exceptions/{exception['id']}")
    assert [(one["amount"], one["discount"]) for one in detail["reopened"]] == [("490.00", "9.80")]


async def test_what_goes_is_told_of_the_item_and_of_the_return(books: Cashapp) -> None:
    item, first, second = await in_parts(books)

    await returned(books, first)

    told = [one for one in await books.events("item.updated") if isinstance(one, ItemUpdated)][-1]
    posting = told.posting
    assert (told.item.item_id, posting.kind, posting.amount) == (item["id"], "discount", Decimal("9.80"))
    assert (posting.application_id, posting.receipt_id) == (second["id"], None)
    (back,) = [one for one in await books.events("payment.returned") if isinstance(one, PaymentReturned)][
        -1
    ].allocations
    assert (back.amount, back.discount) == (Decimal("490.00"), Decimal("9.80"))
    last = (await books.get(f"/v1/items/{item['id']}/history"))["steps"][-1]
    assert (last["detail"], last["balance"]) == ("9.80 EUR cash discount taken back", "499.80")


@pytest.mark.parametrize(
    ("paid_on", "amount", "discount", "status"),
    [
        ("2026-03-21", "490.00", "9.80", 201),
        ("2026-03-22", "490.00", "9.80", 422),
        ("2026-03-22", "499.80", "0.00", 201),
    ],
    ids=["in time", "too late for it", "too late without it"],
)
async def test_it_is_earned_again_by_what_is_paid_in_time_alone(
    books: Cashapp, paid_on: str, amount: str, discount: str, status: int
) -> None:
    item, first, _ = await in_parts(books)
    await returned(books, first)

    again = await books.receipt("499.80", customer_id="C-1", value_date=paid_on)
    answer = await books.apply(again, takes(item, amount, discount=discount))

    assert answer.status_code == status, answer.text


async def test_an_application_of_which_discount_was_taken_back_gives_back_the_rest_when_it_is_reversed(
    books: Cashapp,
) -> None:
    item, first, second = await in_parts(books)
    await returned(books, first)
    path = f"/v1/applications/{second['id']}/reverse"

    stale = await books.post(path, {}, headers={"If-Match": '"1"'})
    fresh = await books.post(path, {}, headers={"If-Match": '"2"'})

    assert (stale.status_code, fresh.status_code, fresh.json()["version"]) == (412, 200, 3), fresh.text
    now = await books.item(item["id"])
    assert (now["balance"], [one["reversed_on"] is None for one in now["applications"]]) == ("1000.00", [False, False])


async def test_a_reversed_part_takes_its_discount_along_as_a_returned_one_does(books: Cashapp) -> None:
    item, _, second = await in_parts(books)
    (first,) = [one for one in (await books.item(item["id"]))["applications"] if one["application_id"] != second["id"]]

    await books.post(f"/v1/applications/{first['application_id']}/reverse", {"posting_date": "2026-04-02"})

    assert await balance(books, item) == "499.80"


async def test_a_discount_is_not_taken_back_before_the_day_on_which_it_was_granted(books: Cashapp) -> None:
    item, first, second = await in_parts(books, posting_date="2026-04-15")

    await returned(books, first)

    entries = (await books.get("/v1/ledger/entries", item_id=item["id"]))["data"]
    assert [(one["kind"], one["posting_date"], one["application_id"]) for one in entries][-1] == (
        "discount",
        "2026-04-15",
        second["id"],
    )
    assert (await books.receipt_now(first))["status"] == "returned"


async def test_a_won_chargeback_brings_the_discount_back_that_it_had_earned(books: Cashapp) -> None:
    item, first, _ = await in_parts(books)
    exception = await returned(books, first)
    path = f"/v1/payment-exceptions/{exception['id']}"
    await books.post(f"{path}/evidence", {"kind": "invoice", "reference": "DMS 1"})
    await books.post(f"{path}/contest", {"contested_on": "2026-04-20"})

    won = await books.post(f"{path}/resolve", {"outcome": "won", "value_date": "2026-05-12"})

    assert won.status_code == 200, won.text
    assert await balance(books, item) == "0.00"


async def test_a_part_of_its_own_discount_alone_keeps_it(books: Cashapp) -> None:
    item = await books.invoice(f"UNE-{next(NUMBERS)}", "1000.00", payment_terms="2/20 net 30")
    receipts = [await books.receipt("490.00", customer_id="C-1") for _ in range(2)]
    for receipt in receipts:
        await books.apply(receipt, takes(item, "490.00", discount="10.00"))

    await returned(books, receipts[0])

    assert await balance(books, item) == "500.00"


async def test_a_return_and_a_reversal_at_once_take_back_each_discount_once(books: Cashapp) -> None:
    pairs = [await in_parts(books) for _ in range(6)]

    answers = await asyncio.gather(
        *(books.post(f"/v1/applications/{second['id']}/reverse", {}) for _, _, second in pairs),
        *(
            books.post(f"/v1/receipts/{first['id']}/return", {"reason": "nsf", "value_date": "2026-04-07"})
            for _, first, _ in pairs
        ),
    )

    assert {one.status_code for one in answers} == {200, 201}
    assert {await balance(books, item) for item, _, _ in pairs} == {"1000.00"}


def of(earned: Decimal, discount: Decimal) -> GrantedDiscount:
    return GrantedDiscount(
        application_id="app_1",
        receipt_id="rcp_1",
        position=1,
        posting_date=DAY,
        company_code="1000",
        item_id="itm_1",
        customer_id="C-1",
        currency="JPY",
        discount=discount,
        earned=earned,
    )


def carrying(amount: Decimal) -> Item:
    return Item(
        item_id="itm_1",
        company_code="1000",
        number="1",
        kind="invoice",
        customer_id="C-1",
        issue_date=DAY,
        due_date=DAY,
        postable_from=DAY,
        amount=Decimal(10_000),
        currency="JPY",
        discount_carried=amount,
    )


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 4)), min_size=1, max_size=8),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_what_is_left_is_what_the_parts_that_stand_have_earned_or_less(
    asked: list[tuple[int, int]], stays: list[bool]
) -> None:
    parts: list[GrantedDiscount] = []
    for hundredths, wanted in asked:
        earned = Decimal(hundredths) / 100
        left = sum((one.earned - one.discount for one in parts), Decimal(0)) + earned
        most = max(left.quantize(Decimal(1), ROUND_HALF_UP), Decimal(0)) if earned else Decimal(0)
        parts.append(of(earned, min(Decimal(wanted), most)))
    standing = [one for one, stands in zip(parts, stays, strict=False) if stands]
    carried = sum((one.earned - one.discount for one in standing), Decimal(0))

    back = unearned(carrying(carried), [one for one in reversed(standing) if one.discount])

    granted = sum((one.discount for one in standing), Decimal(0))
    most = sum((one.earned for one in standing), Decimal(0)).quantize(Decimal(1), ROUND_HALF_UP)
    assert granted - sum((one.amount for one in back), Decimal(0)) == min(granted, most)
    assert all(0 < one.amount <= one.granted.discount for one in back)
    assert is_unearned(carrying(carried)) == bool(back)


def test_the_latest_that_was_granted_more_than_its_own_part_earned_gives_it_back_first() -> None:
    alone, latest, earlier = of(Decimal(5), Decimal(5)), of(Decimal(1), Decimal(4)), of(Decimal(1), Decimal(4))

    back = unearned(carrying(Decimal(-4)), [alone, latest, earlier])

    assert [(one.granted is latest, one.granted is earlier, one.amount) for one in back] == [
        (True, False, Decimal(3)),
        (False, True, Decimal(1)),
    ]
