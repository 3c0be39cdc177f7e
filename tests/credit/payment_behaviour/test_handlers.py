"""Payment behaviour follows the items, whatever order their events come in."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest

from credit_service.payment_behaviour.domain import CurrencyRecord, PaymentBehaviour, behaviour_of
from credit_service.payment_behaviour.use_cases import records_of
from credit_service.subscriptions import SUBSCRIPTIONS
from shared.events.cashapp import ItemEvent, ItemPosted
from shared.unit_of_work import Units
from tests.credit.ledger import Item, invoice

DAY = date(2026, 3, 2)


async def tell(units: Units, *events: ItemEvent) -> None:
    """Apply events in one transaction, as the consumer does."""
    handler = SUBSCRIPTIONS[ItemPosted]
    async with units.begin() as uow:
        await handler.handler(uow, events)  # type: ignore[attr-defined]


def dated(event: ItemEvent, issued_on: date) -> ItemEvent:
    return event.model_copy(update={"item": event.item.model_copy(update={"issue_date": issued_on})})


def item(number: str, *, due_on: date, amount: str = "100.00", customer: str = "C-1", kind: str = "invoice") -> Item:
    return invoice(number, customer, amount, due_date=due_on, kind=kind)


def life(
    one: Item, *, issued_on: date = DAY - timedelta(300), settled_on: date | None = None, by: str = "payment"
) -> list[ItemEvent]:
    """Return the events of an item: its issue, and what cleared it."""
    events = [dated(one.event(), issued_on)]
    if settled_on is not None:
        events.append(dated(one.now("0").event(day=settled_on, kind=by), issued_on))
    return events


async def records(units: Units, as_of: date = DAY) -> list[CurrencyRecord]:
    async with units.read() as session:
        return (await records_of(session, ["C-1"], as_of)).get("C-1", [])


async def behaviour(units: Units, as_of: date = DAY) -> PaymentBehaviour:
    return behaviour_of(await records(units, as_of), {"EUR": Decimal(1)}, "EUR")


async def test_an_item_is_late_the_day_after_its_due_date_and_early_counts_negative(units: Units) -> None:
    due = DAY - timedelta(200)
    await tell(units, *life(item("1", due_on=due), settled_on=due))
    await tell(units, *life(item("2", due_on=due), settled_on=due + timedelta(1)))
    await tell(units, *life(item("3", due_on=due), settled_on=due - timedelta(10)))

    known = await behaviour(units)

    assert (known.counted_items, known.late_items) == (3, 1)
    assert known.weighted_days_late == Decimal("-3.00")


async def test_an_item_that_is_open_past_its_due_date_counts_as_late_by_the_days_so_far(units: Units) -> None:
    await tell(units, *life(item("1", due_on=DAY - timedelta(40))), *life(item("2", due_on=DAY)))

    known = await behaviour(units)

    assert (known.counted_items, known.late_items) == (1, 1)
    assert known.weighted_days_late == Decimal("40.00")


async def test_what_was_not_paid_says_nothing_of_how_is_paid(units: Units) -> None:
    due = DAY - timedelta(100)
    await tell(units, *life(item("1", due_on=due), settled_on=DAY - timedelta(10), by="credit"))
    await tell(units, *life(item("2", due_on=due, kind="down_payment_request"), settled_on=DAY - timedelta(10)))

    assert (await behaviour(units)).counted_items == 0


async def test_an_item_cleared_later_than_the_day_was_open_on_it(units: Units) -> None:
    await tell(units, *life(item("1", due_on=DAY - timedelta(10)), settled_on=DAY + timedelta(5)))

    assert (await behaviour(units)).weighted_days_late == Decimal("10.00")
    assert (await behaviour(units, DAY + timedelta(5))).weighted_days_late == Decimal("15.00")


async def test_an_item_that_is_open_again_is_open(units: Units) -> None:
    paid = item("1", due_on=DAY - timedelta(10)).now("0")
    await tell(units, dated(paid.event(day=DAY - timedelta(10), kind="payment"), DAY - timedelta(90)))
    await tell(units, dated(paid.now("100.00").event(day=DAY, kind="reversal"), DAY - timedelta(90)))

    assert (await behaviour(units)).weighted_days_late == Decimal("10.00")


async def test_what_was_settled_more_than_a_year_ago_counts_no_more(units: Units) -> None:
    due = DAY - timedelta(500)
    for number, settled_on in (("1", DAY - timedelta(365)), ("2", DAY - timedelta(364))):
        await tell(units, *life(item(number, due_on=due), issued_on=due, settled_on=settled_on))

    known = await behaviour(units)

    assert known.counted_items == 1
    assert known.first_item_on == due
    assert known.purchases == 0


async def test_the_trend_sets_the_last_90_days_against_those_before(units: Units) -> None:
    for number, settled_on, late in (("1", DAY - timedelta(90), 4), ("2", DAY - timedelta(89), 30)):
        await tell(units, *life(item(number, due_on=settled_on - timedelta(late)), settled_on=settled_on))

    assert (await behaviour(units)).trend_days_late == Decimal("26.00")


async def test_the_highest_credit_is_the_most_that_was_open_at_the_end_of_a_day(units: Units) -> None:
    issued, due = DAY - timedelta(200), DAY - timedelta(170)
    await tell(units, *life(item("1", due_on=due), issued_on=issued, settled_on=DAY - timedelta(100)))
    await tell(units, *life(item("2", due_on=due, amount="250.00"), issued_on=issued, settled_on=DAY - timedelta(90)))
    # Comes on the day the first goes.
    await tell(units, *life(item("3", due_on=DAY, amount="80.00"), issued_on=DAY - timedelta(100)))

    known = await behaviour(units)

    assert (known.high_credit, known.purchases) == (Decimal("350.00"), Decimal("430.00"))


async def test_what_was_open_at_the_beginning_of_the_window_belongs_to_its_highest_credit(units: Units) -> None:
    issued = DAY - timedelta(700)
    await tell(
        units, *life(item("1", due_on=issued, amount="900.00"), issued_on=issued, settled_on=DAY - timedelta(600))
    )
    await tell(units, *life(item("2", due_on=issued, amount="70.00"), issued_on=issued))

    assert (await behaviour(units)).high_credit == Decimal("70.00")


def _lives() -> list[ItemEvent]:
    dice = random.Random(5)
    events: list[ItemEvent] = []
    for number in range(40):
        due = DAY - timedelta(dice.randrange(-30, 350))
        events += life(
            item(str(number), due_on=due, amount=f"{dice.randrange(1, 500)}.00"),
            issued_on=due - timedelta(30),
            settled_on=due + timedelta(dice.randrange(-9, 60)) if dice.random() < 0.8 else None,
        )
    return events


@pytest.mark.parametrize("seed", range(3))
async def test_events_in_any_order_twice_and_late_come_to_the_same(units: Units, seed: int) -> None:
    lives = _lives()
    await tell(units, *lives)
    expected = await records(units)
    mixed: Sequence[ItemEvent] = lives * 2
    other = [
        event.model_copy(update={"item": _of("C-9", event)}) for event in random.Random(seed).sample(mixed, len(mixed))
    ]

    for start in range(0, len(other), 7):
        await tell(units, *other[start : start + 7])

    async with units.read() as session:
        assert (await records_of(session, ["C-9"], DAY))["C-9"] == expected


def _of(customer: str, event: ItemEvent) -> object:
    return event.item.model_copy(update={"customer_id": customer, "item_id": f"{customer}-{event.item.item_id}"})
