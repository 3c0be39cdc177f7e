import asyncio
import random

from gateway.event_log import repository
from gateway.event_log.handlers import on_events
from gateway.event_log.repository import Filter
from shared.unit_of_work import Units
from tests.gateway.event_log.events import event, log

EVERYTHING = Filter()


async def positions(units: Units) -> list[int]:
    async with units.read() as session:
        return [row.position for row in await repository.after(session, 0, EVERYTHING, most=10_000)]


async def test_an_event_that_comes_twice_is_there_once_where_it_first_was(units: Units) -> None:
    first, second = event(), event()
    await log(units, first, second, first)
    await log(units, first)

    async with units.read() as session:
        rows = await repository.after(session, 0, EVERYTHING, most=10)

    assert [row.event_id for row in rows] == [first.id, second.id]


async def test_an_event_is_kept_as_it_was_published(units: Units) -> None:
    published = event(amount="1250.00", text="Müller & Søn \u2028")
    await log(units, published)

    async with units.read() as session:
        [row] = await repository.after(session, 0, EVERYTHING, most=10)

    assert row.body == published.model_dump_json(exclude_none=True)


async def test_no_event_appears_before_one_that_a_reader_has_seen(units: Units) -> None:
    """Writers commit in any order; a reader who goes on from the highest position it saw misses nothing."""
    seen: list[int] = []
    writing = True

    async def write() -> None:
        async with units.begin() as uow:
            for _ in range(random.randint(1, 3)):
                await on_events(uow, [event(), event()])
                await asyncio.sleep(random.random() * 0.02)

    async def read() -> None:
        while writing or len(seen) < len(await positions(units)):
            async with units.read() as session:
                rows = await repository.after(session, seen[-1] if seen else 0, EVERYTHING, most=10_000)
            seen.extend(row.position for row in rows)

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write() for _ in range(40)))
    writing = False
    async with asyncio.timeout(10):
        await reader

    assert seen == await positions(units)


async def test_a_write_that_is_rolled_back_leaves_nothing_and_holds_nobody_up(units: Units) -> None:
    lost, kept = event(), event()
    async with units.sessions() as session:
        await repository.append(session, [lost])
    await log(units, kept)

    async with units.read() as session:
        assert await repository.position_of(session, lost.id) is None
        assert await repository.position_of(session, kept.id) == await repository.newest_position(session)
