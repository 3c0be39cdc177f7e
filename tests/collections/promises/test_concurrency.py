"""Requests, messages and a day's run at the same time: no verdict is lost, and nobody waits crosswise."""

import asyncio
from collections.abc import Sequence
from typing import Any

from collections_service.promises.use_cases import judge_day
from collections_service.subscriptions import SUBSCRIPTIONS
from shared.broker.subscriptions import Routing, apply
from shared.database import is_contended
from shared.events.envelope import EventData, wrap
from shared.unit_of_work import Units
from tests.collections.books import Books, day
from tests.collections.desk import Desk

MADE = str(day(1))


async def consume(units: Units, batch: Sequence[EventData]) -> None:
    """Apply a batch in one transaction, again where another consumer was in the way, as the broker's consumer does."""
    routing = Routing(SUBSCRIPTIONS)
    at = units.clock.now()
    bodies = [wrap(event, source="test", at=at, correlation_id=None).model_dump_json().encode() for event in batch]
    while True:
        try:
            async with units.begin() as uow:
                await apply(uow, [event for body in bodies if (event := routing.prepare(body)) is not None])
                return
        except Exception as error:
            if not is_contended(error):
                raise


async def test_a_promise_recorded_while_its_money_comes_in_is_kept(desk: Desk, books: Books) -> None:
    names = [f"C-{number}" for number in range(12)]
    await desk.know_customers(*names)
    payments = []
    for name in names:
        books.receive(name, "100.00", on=day(5))
        payments.append(books.events[-1])

    async def promise(name: str) -> Any:
        return await desk.promise(name, "100.00", by=day(10), made_on=MADE)

    done = await asyncio.gather(
        *(promise(name) for name in names), *(consume(desk.units, [event]) for event in payments)
    )

    assert [await desk.status(one) for one in done[: len(names)]] == [("kept", "100.00")] * len(names)


async def test_consumers_requests_and_day_runs_end_well_beside_each_other(desk: Desk, books: Books) -> None:
    names = [f"C-{number}" for number in range(6)]
    await desk.know_customers(*names)
    for name in names:
        item = books.invoice(name, "100.00")
        books.apply(books.receive(name, "100.00", on=day(5)), item, "100.00")
    events = books.events

    async def promise(name: str) -> Any:
        return await desk.promise(name, "100.00", by=day(6), made_on=MADE)

    async def run(offset: int) -> None:
        async with desk.units.begin() as uow:
            await judge_day(uow, day(offset))

    done = await asyncio.gather(
        *(promise(name) for name in names),
        consume(desk.units, events),
        consume(desk.units, events[::-1]),
        run(9),
        *(promise(name) for name in names[::-1]),
        consume(desk.units, events[1::2]),
        run(12),
    )
    await run(20)

    promises = [one for one in done if one]
    statuses = sorted([await desk.status(one) for one in promises])
    assert statuses == [("broken", "0.00")] * len(names) + [("kept", "100.00")] * len(names)


async def test_receipt_and_item_of_one_payment_heard_at_once_see_each_other(desk: Desk, books: Books) -> None:
    await desk.know_customers("C-1", "C-2")
    item = books.invoice("C-1", "100.00")
    await desk.hear(*books.events)
    promise = await desk.promise("C-2", "100.00", by=day(10), made_on=MADE)
    books.apply(books.receive("C-2", "100.00", on=day(5)), item, "100.00")
    received, paid, applied = books.events[1:]

    async with desk.units.begin() as uow:
        for event in (received, applied):
            await SUBSCRIPTIONS[type(event)](uow, event)
        hearing = asyncio.create_task(desk.hear(paid))
        await asyncio.wait([hearing], timeout=0.3)
    await hearing

    assert await desk.status(promise) == ("open", "0.00")


async def test_a_promise_is_withdrawn_once(desk: Desk) -> None:
    await desk.know_customers("C-1")
    promise = await desk.promise("C-1", "100.00", by=day(10))

    answers = await asyncio.gather(*(desk.ask("POST", f"/v1/promises/{promise['id']}/withdraw") for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    assert await desk.told() == [("promise.made", 1), ("promise.withdrawn", 2)]


async def test_a_days_run_waits_for_who_is_writing_about_a_customer(desk: Desk, books: Books) -> None:
    books.receive("C-1", "100.00", on=day(5))

    async def run() -> None:
        async with desk.units.begin() as uow:
            await judge_day(uow, day(20))

    async with desk.units.begin() as uow:
        await SUBSCRIPTIONS[type(books.events[0])](uow, books.events[0])
        running = asyncio.create_task(run())
        done, _ = await asyncio.wait([running], timeout=0.3)

    assert not done
    await running
