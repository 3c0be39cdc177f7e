"""The inbox on the real database."""

import asyncio

from shared import inbox
from shared.unit_of_work import Units

EVENTS = [("evt_1", "thing.changed"), ("evt_2", "thing.changed")]


async def test_an_event_is_new_once(units: Units) -> None:
    async with units.begin() as uow:
        assert await inbox.record(uow.session, EVENTS) == {"evt_1", "evt_2"}
    async with units.begin() as uow:
        assert await inbox.record(uow.session, [*EVENTS, ("evt_3", "thing.changed")]) == {"evt_3"}


async def test_an_event_named_twice_at_once_is_new_once(units: Units) -> None:
    async with units.begin() as uow:
        assert await inbox.record(uow.session, [EVENTS[0], EVENTS[0]]) == {"evt_1"}


async def test_an_event_of_a_transaction_that_was_rolled_back_is_new_again(units: Units) -> None:
    async with units.read() as session:
        assert await inbox.record(session, EVENTS) == {"evt_1", "evt_2"}
    async with units.begin() as uow:
        assert await inbox.record(uow.session, EVENTS) == {"evt_1", "evt_2"}


async def test_two_consumers_of_one_event_wait_for_each_other(units: Units) -> None:
    async def record_late() -> set[str]:
        async with units.begin() as uow:
            return await inbox.record(uow.session, EVENTS)

    async with units.begin() as uow:
        assert await inbox.record(uow.session, EVENTS) == {"evt_1", "evt_2"}
        late = asyncio.create_task(record_late())
        await asyncio.sleep(0.1)
        assert not late.done()
    assert await late == set()
