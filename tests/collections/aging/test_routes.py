"""Aging over HTTP: as of any day, by every key, and equal to a plain sum over the postings."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.days import FIRST_DAY, LAST_DAY
from shared.events.cashapp import ItemEvent
from shared.events.credit import CreditLimitChanged
from tests.collections.books import DAY, Books, day
from tests.collections.desk import Desk, both

NUMBERS = count()


async def line_of(desk: Desk, key: str | None, **params: Any) -> dict[str, Any]:
    aging = await desk.get("/v1/aging", **params)
    (line,) = (one for one in aging["data"] if one["key"] == key)
    return {name: amount for name, amount in line["amounts"].items() if Decimal(amount)} | {
        "unapplied": line["unapplied"],
        "total": line["total"],
    }


async def test_an_aging_has_the_shape_of_the_contract(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1")
    books.invoice("C-1", "500.00", due=day(10))
    await desk.hear(*books.events)

    aging = await desk.get("/v1/aging", as_of=str(day(11)))

    line = {
        "currency": "EUR",
        "amounts": {"not_due": "0.00", "1-30": "500.00", "31-60": "0.00", "61-90": "0.00", "91+": "0.00"},
        "unapplied": "0.00",
        "total": "500.00",
    }
    assert aging == {
        "as_of": "2026-03-13",
        "basis": "due_date",
        "buckets": ["not_due", "1-30", "31-60", "61-90", "91+"],
        "data": [{"key": "C-1"} | line],
        "totals": [line],
    }


@pytest.mark.parametrize(
    ("late", "bucket"),
    [(-1, "not_due"), (0, "not_due"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (90, "61-90"), (91, "91+")],
)
async def test_an_item_due_today_is_not_late(desk: Desk, books: Books, late: int, bucket: str) -> None:
    books.invoice("C-1", "500.00", due=day(10))
    await desk.hear(*books.events)

    line = await line_of(desk, "C-1", as_of=str(day(10 + late)))

    assert line == {bucket: "500.00", "unapplied": "0.00", "total": "500.00"}


async def test_a_past_day_is_aged_by_the_postings_up_to_it(desk: Desk, books: Books) -> None:
    item = books.invoice("C-1", "500.00", on=day(0), due=day(5))
    receipt = books.receive("C-1", "200.00", on=day(8))
    books.apply(receipt, item, "200.00", on=day(9))
    books.give_back(receipt, on=day(12))
    await desk.hear(*both(books.events))

    lines = {offset: await line_of(desk, "C-1", as_of=str(day(offset))) for offset in (0, 7, 8, 9, 11, 12)}

    assert {offset: (line["unapplied"], line["total"]) for offset, line in lines.items()} == {
        0: ("0.00", "500.00"),
        7: ("0.00", "500.00"),
        8: ("200.00", "300.00"),
        9: ("0.00", "300.00"),
        11: ("0.00", "300.00"),
        12: ("0.00", "500.00"),
    }
    assert (await desk.get("/v1/aging", as_of=str(day(-1))))["data"] == []


async def test_credit_memos_lower_their_bucket_and_unapplied_cash_stands_apart(desk: Desk, books: Books) -> None:
    books.invoice("C-1", "500.00", due=day(5))
    books.invoice("C-1", "-120.00", due=day(6))
    books.receive("C-1", "80.00", on=day(7))
    books.receive(None, "999.00", on=day(7))
    await desk.hear(*books.events)

    assert await line_of(desk, "C-1", as_of=str(day(10))) == {"1-30": "380.00", "unapplied": "80.00", "total": "300.00"}


async def test_aging_by_issue_date_counts_from_the_issue(desk: Desk, books: Books) -> None:
    books.invoice("C-1", "500.00", on=day(0), due=day(60))
    await desk.hear(*books.events)

    line = await line_of(desk, "C-1", as_of=str(day(31)), basis="issue_date")

    assert line["31-60"] == "500.00"


async def test_own_buckets(desk: Desk, books: Books) -> None:
    books.invoice("C-1", "500.00", due=day(0))
    await desk.hear(*books.events)

    aging = await desk.get("/v1/aging", as_of=str(day(8)), buckets="7,14")

    assert aging["buckets"] == ["not_due", "1-7", "8-14", "15+"]
    assert aging["totals"][0]["amounts"]["8-14"] == "500.00"


async def test_lines_are_of_collectors_companies_or_risk_classes(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1", collector="anna")
    await desk.know_customers("C-2", collector="anna")
    await desk.know_customers("C-3")
    rated = CreditLimitChanged(
        version=1,
        customer_id="C-1",
        limit_state="zero",
        credit_limit=Decimal(0),
        currency="EUR",
        risk_class="D",
        blocked=False,
    )
    books.invoice("C-1", "100.00")
    books.invoice("C-2", "20.00", company_code="2000")
    books.invoice("C-3", "3.00")
    books.receive("C-2", "7.00", on=DAY)
    await desk.hear(rated, *books.events)

    lines = {
        group_by: {
            line["key"]: line["total"]
            for line in (await desk.get("/v1/aging", as_of=str(DAY), group_by=group_by))["data"]
        }
        for group_by in ("collector", "company", "risk_class")
    }

    assert lines == {
        "collector": {"anna": "113.00", None: "3.00"},
        "company": {"1000": "96.00", "2000": "20.00"},
        "risk_class": {"D": "100.00", None: "16.00"},
    }


async def test_one_customer_can_be_aged_alone(desk: Desk, books: Books) -> None:
    books.invoice("C-1", "100.00")
    books.invoice("C-2", "20.00")
    books.receive("C-2", "7.00", on=DAY)
    await desk.hear(*books.events)

    aging = await desk.get("/v1/aging", as_of=str(DAY), customer_id="C-2", group_by="company")

    assert [(line["key"], line["total"]) for line in aging["data"]] == [("1000", "13.00")]


async def test_each_currency_has_its_own_lines_and_decimals(desk: Desk, books: Books) -> None:
    books.invoice("C-1", "100.00")
    books.invoice("C-1", "5000", currency="JPY")
    books.invoice("C-1", "1.125", currency="KWD")
    await desk.hear(*books.events)

    aging = await desk.get("/v1/aging", as_of=str(DAY))

    totals = [(line["currency"], line["total"]) for line in aging["totals"]]
    assert totals == [("EUR", "100.00"), ("JPY", "5000"), ("KWD", "1.125")]
    assert len(aging["data"]) == 3


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"buckets": "90,30"}, "buckets"),
        ({"group_by": "country"}, "group_by"),
        ({"basis": "paid"}, "basis"),
        ({"customer": "C-1"}, "customer"),
    ],
)
async def test_a_wrong_parameter_is_named(desk: Desk, params: dict[str, str], field: str) -> None:
    answer = await desk.ask("GET", "/v1/aging", params=params)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_the_last_and_the_first_day_of_the_calendar_are_days(desk: Desk, books: Books) -> None:
    books.invoice("C-1", "100.00", due=LAST_DAY)
    await desk.hear(*books.events)

    assert (await line_of(desk, "C-1", as_of=LAST_DAY.isoformat()))["not_due"] == "100.00"
    assert (await desk.get("/v1/aging", as_of=FIRST_DAY.isoformat()))["data"] == []


happening = st.tuples(
    st.sampled_from(["invoice", "memo", "pay", "part", "unknown", "return"]), st.integers(1, 9999), st.integers(0, 120)
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
@given(plan=st.lists(happening, min_size=1, max_size=12), as_of=st.integers(-1, 200), seed=st.integers(0, 2**16))
async def test_an_aging_equals_a_plain_sum_over_the_postings(
    desk: Desk, plan: list[tuple[str, int, int]], as_of: int, seed: int
) -> None:
    number = next(NUMBERS)
    books, customer_id = Books(prefix=f"{number}_"), f"C-{number}"
    for step, cents, offset in plan:
        _happen(books, customer_id, step, Decimal(cents) / 100, day(offset))
    events = both(books.events)
    Random(seed).shuffle(events)

    await desk.hear(*events)

    aging = await desk.get("/v1/aging", as_of=str(day(as_of)), customer_id=customer_id)
    found = {
        line["currency"]: {name: Decimal(amount) for name, amount in line["amounts"].items() if Decimal(amount)}
        | ({"unapplied": Decimal(line["unapplied"])} if Decimal(line["unapplied"]) else {})
        for line in aging["data"]
    }
    plain = _plain_sum(books, day(as_of))
    assert found == ({"EUR": plain} if plain else {})
    assert [Decimal(line["total"]) for line in aging["totals"]] == (
        [sum(amount for name, amount in plain.items() if name != "unapplied") - plain.get("unapplied", Decimal(0))]
        if plain
        else []
    )


def _happen(books: Books, customer_id: str, step: str, amount: Decimal, on: date) -> None:
    if step in ("invoice", "memo"):
        books.invoice(customer_id, f"{amount if step == 'invoice' else -amount}", on=on)
    elif step == "unknown":
        books.identify(books.receive(None, f"{amount}", on=on), customer_id, on=on)
    elif step in ("pay", "part"):
        receipt_id = books.receive(customer_id, f"{amount}", on=on)
        owed = [item_id for item_id, (item, _) in books.items.items() if item.balance > 0]
        if owed:
            most = min(amount, books.items[owed[0]][0].balance)
            books.apply(receipt_id, owed[0], f"{most if step == 'pay' else max(Decimal('0.01'), most / 2):.2f}")
    elif books.receipts:
        receipt_id, (state, _) = list(books.receipts.items())[-1]
        if state.status != "returned":
            books.give_back(receipt_id, on=max(on, state.value_date))


def _plain_sum(books: Books, as_of: date) -> dict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for event in books.events:
        if event.posting.posting_date > as_of:
            continue
        if isinstance(event, ItemEvent):
            late = (as_of - event.item.due_date).days
            name = next(
                (n for n, least in (("91+", 91), ("61-90", 61), ("31-60", 31), ("1-30", 1)) if late >= least), ""
            )
            sums[name or "not_due"] += event.posting.amount
        elif event.receipt.customer_id:
            sums["unapplied"] += event.posting.on_account + event.posting.unapplied
    return {name: amount for name, amount in sums.items() if amount}
