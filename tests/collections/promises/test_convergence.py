"""Events may come twice, late and in any order, and the day may be run between them: each promise ends as the facts say."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from collections_service.promises.domain import Promise, Verdict, judge_together
from collections_service.promises.handlers import on_items_changed, on_payments_changed
from collections_service.promises.use_cases import judge_day
from collections_service.receivables.domain import Payment
from shared.events.cashapp import ItemEvent, PaymentEvent
from shared.money import Money
from shared.unit_of_work import Units
from tests.collections.books import Books, day
from tests.collections.desk import Desk

NUMBERS = count()
PROMISED_ON, TOLERANCE_DAYS = 10, 2
steps = st.tuples(
    st.sampled_from(["receive", "identify", "apply", "apply", "reverse", "give_back", "put_on_account", "credit"]),
    st.integers(min_value=0, max_value=99),
    st.integers(min_value=0, max_value=15),
)
promised = st.tuples(st.sampled_from([0, 1]), st.integers(1, 150), st.integers(0, 3), st.booleans())


def live(books: Books, customers: Sequence[str], plan: Sequence[tuple[str, int, int]]) -> None:
    """Do to the books what of the plan can be done."""
    for step, which, offset in plan:
        if step == "receive":
            payer = [*customers, None][which % 3]
            books.receive(payer, str(10 + which), on=day(offset))
        elif step == "apply":
            _apply(books, which, day(offset))
        elif step == "reverse":
            standing = [name for name, one in books.applications.items() if not one.reversed]
            if standing:
                books.reverse(standing[which % len(standing)], on=day(offset))
        elif step == "credit":
            item_id = list(books.items)[which % len(books.items)]
            if books.items[item_id][0].balance >= 5:
                books.credit(item_id, "5.00", on=day(offset))
        elif books.receipts:
            _treat(books, step, list(books.receipts)[which % len(books.receipts)], customers[which % 2], day(offset))


def _apply(books: Books, which: int, on: date) -> None:
    item_id = list(books.items)[which % len(books.items)]
    ready = [name for name, (state, _) in books.receipts.items() if state.unapplied]
    amount = min(Decimal(20 + which), books.items[item_id][0].balance)
    if ready and amount:
        receipt_id = ready[which % len(ready)]
        books.apply(receipt_id, item_id, str(min(amount, books.receipts[receipt_id][0].unapplied)), on=on)


def _treat(books: Books, step: str, receipt_id: str, customer_id: str, on: date) -> None:
    state = books.receipts[receipt_id][0]
    if step == "identify" and state.unidentified:
        books.identify(receipt_id, customer_id, on=on)
    elif step == "put_on_account" and state.unapplied:
        books.put_on_account(receipt_id)
    elif step == "give_back" and state.status != "returned":
        books.give_back(receipt_id, on=on)


def payments(books: Books, customer_id: str) -> list[Payment]:
    """Return a customer's payments as the books have them in the end."""
    found = []
    for receipt_id, (state, _) in books.receipts.items():
        for item_id, (item, _) in books.items.items():
            paid = sum(
                one.amount
                for one in books.applications.values()
                if (one.receipt_id, one.item_id, one.reversed) == (receipt_id, item_id, False)
            )
            if paid and item.customer_id == customer_id:
                found.append(Payment(receipt_id, state.value_date, item_id, Money(Decimal(paid), "EUR")))
        if state.customer_id == customer_id and state.on_account + state.unapplied:
            money = Money(state.on_account + state.unapplied, "EUR")
            found.append(Payment(receipt_id, state.value_date, None, money))
    return found


def expected(books: Books, recorded: Sequence[Any], as_of: date) -> dict[str, Verdict]:
    """Return what the final facts make of the promises."""
    verdicts: dict[str, Verdict] = {}
    for customer_id in {promise["customer_id"] for promise in recorded}:
        own = [
            Promise(
                one["id"],
                date.fromisoformat(one["made_on"]),
                date.fromisoformat(one["promised_on"]),
                TOLERANCE_DAYS,
                Money(Decimal(one["amount"]), "EUR"),
                frozenset(one["items"]),
            )
            for one in recorded
            if one["customer_id"] == customer_id
        ]
        verdicts |= judge_together([(promise, as_of) for promise in own], payments(books, customer_id))
    return verdicts


async def hear_together(units: Units, events: Sequence[Any], run_on: date) -> None:
    """Apply a batch in one transaction, item events and payment events each together; None stands for the run of the day."""
    items = [event for event in events if isinstance(event, ItemEvent)]
    money = [event for event in events if isinstance(event, PaymentEvent)]
    async with units.begin() as uow:
        if items:
            await on_items_changed(uow, items)
        if money:
            await on_payments_changed(uow, money)
    if None in events:
        async with units.begin() as uow:
            await judge_day(uow, run_on)


async def versions_told(units: Units, promise_id: str) -> list[int]:
    async with units.read() as session:
        rows = await session.execute(
            text("select (body::jsonb -> 'data' ->> 'version')::int from outbox where subject = :id order by position"),
            {"id": promise_id},
        )
        return list(rows.scalars())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
@given(
    plan=st.lists(steps, max_size=14),
    said=st.lists(promised, min_size=1, max_size=4),
    run_on=st.integers(8, 16),
    batch=st.sampled_from([1, 3, 100]),
    seed=st.integers(0, 2**16),
)
async def test_promises_end_as_the_final_facts_say_whatever_the_order_of_events(
    desk: Desk,
    plan: list[tuple[str, int, int]],
    said: list[tuple[int, int, int, bool]],
    run_on: int,
    batch: int,
    seed: int,
) -> None:
    number = next(NUMBERS)
    books, customers = Books(prefix=f"{number}_"), [f"C-{number}-{letter}" for letter in "ab"]
    await desk.know_customers(*customers)
    items = {name: [books.invoice(name, "60.00"), books.invoice(name, "40.00")] for name in customers}
    await desk.hear(*books.events)
    known = len(books.events)
    recorded = [
        await desk.promise(
            customers[who],
            f"{euros}.00",
            by=day(PROMISED_ON + offset),
            made_on=day(2).isoformat(),
            items=items[customers[who]][:1] if names else [],
        )
        for who, euros, offset, names in said
    ]
    live(books, customers, plan)
    events: list[Any] = [*books.events[known:] * 2, None]
    Random(seed).shuffle(events)

    for start in range(0, len(events), batch):
        await hear_together(desk.units, events[start : start + batch], day(run_on))

    found = [await desk.get(f"/v1/promises/{one['id']}") for one in recorded]
    assert {one["id"]: Verdict(one["status"], Money(Decimal(one["kept_amount"]), "EUR")) for one in found} == expected(
        books, recorded, day(run_on)
    )
    for one in found:
        assert await versions_told(desk.units, one["id"]) == list(range(1, one["version"] + 1))
