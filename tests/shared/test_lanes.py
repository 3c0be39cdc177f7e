"""Transactions that the driver itself begins and ends, on the real database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from shared.database import DriverStatement, is_unreachable
from shared.lanes import Lanes
from shared.unit_of_work import UnitOfWork, Units
from tests.support.messaging import EFFECTS, database_url, thing
from tests.support.proxy import line_to

BY_DRIVER = DriverStatement(
    "insert into effects (thing_id, version) values (cast(:thing as text), 1) returning thing_id"
)
BROKEN = DriverStatement("select 1 / cast(:zero as int)")
WHO = DriverStatement("select pg_backend_pid()")


@asynccontextmanager
async def lanes_of(units: Units, *, most: int = 1, url: str | None = None) -> AsyncIterator[Lanes]:
    lanes = Lanes(Units.connect(url or database_url(units), source="publisher", pool_size=most), most=most)
    yield lanes
    await lanes.close()


async def things(units: Units) -> list[str]:
    async with units.read() as session:
        return list(await session.scalars(select(EFFECTS.c.thing_id).order_by(EFFECTS.c.position)))


async def by_session(uow: UnitOfWork, name: str) -> None:
    await uow.session.execute(insert(EFFECTS).values(thing_id=name, version=1))


async def test_what_the_driver_and_the_session_do_is_one_transaction(units: Units) -> None:
    async with lanes_of(units) as lanes, lanes.begin() as uow:
        await BY_DRIVER.run(uow.session, {"thing": "a"})
        await by_session(uow, "b")
        uow.publish(thing(1))
        assert await things(units) == []

    assert await things(units) == ["a", "b"]
    async with units.read() as session:
        assert await session.scalar(text("select count(*) from outbox")) == 1


async def fault_of_driver(uow: UnitOfWork) -> None:
    await BROKEN.run(uow.session, {"zero": 0})


async def fault_of_session(uow: UnitOfWork) -> None:
    await uow.session.execute(text("select 1 / 0"))


async def fault_of_program(uow: UnitOfWork) -> None:
    raise ValueError("no")


@pytest.mark.parametrize("fault", [fault_of_driver, fault_of_session, fault_of_program])
async def test_a_fault_undoes_everything_and_keeps_the_connection(
    units: Units, fault: Callable[[UnitOfWork], Awaitable[None]]
) -> None:
    async with lanes_of(units) as lanes:
        async with lanes.begin() as uow:
            [(before,)] = await WHO.run(uow.session, {})

        async def fail() -> None:
            async with lanes.begin() as uow:
                await BY_DRIVER.run(uow.session, {"thing": "a"})
                await by_session(uow, "b")
                await fault(uow)

        with pytest.raises((DBAPIError, ValueError)):
            await fail()
        async with lanes.begin() as uow:
            [(after,)] = await WHO.run(uow.session, {})
            await by_session(uow, "c")

    assert await things(units) == ["c"]
    assert before == after


async def test_who_goes_away_in_the_midst_leaves_nothing_behind(units: Units) -> None:
    async with lanes_of(units) as lanes:
        begun = asyncio.Event()

        async def wait() -> None:
            async with lanes.begin() as uow:
                await BY_DRIVER.run(uow.session, {"thing": "a"})
                begun.set()
                await uow.session.execute(text("select pg_sleep(60)"))

        task = asyncio.create_task(wait())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with lanes.begin() as uow:
            await BY_DRIVER.run(uow.session, {"thing": "b"})

    assert await things(units) == ["b"]


async def test_a_lost_server_is_an_outage_once_and_found_again_by_all(units: Units) -> None:
    async with line_to(database_url(units)) as (line, url), lanes_of(units, most=2, url=url) as lanes:
        async with lanes.begin(), lanes.begin():
            pass
        line.drop()
        with pytest.raises(Exception) as lost:  # noqa: PT011 - which one it is differs with the moment
            await once(lanes)
        assert is_unreachable(lost.value)
        await asyncio.gather(once(lanes), once(lanes))


async def once(lanes: Lanes) -> Any:
    async with lanes.begin() as uow:
        return await WHO.run(uow.session, {})


async def test_who_finds_every_connection_taken_waits_for_one(units: Units) -> None:
    async with lanes_of(units) as lanes:
        async with lanes.begin():
            second = asyncio.create_task(once(lanes))
            await asyncio.sleep(0.05)
            assert not second.done()
        await asyncio.wait_for(second, 10)


async def test_who_waits_in_vain_is_told_that_the_database_is_out_of_reach(units: Units) -> None:
    async with lanes_of(units) as lanes:
        lanes.WAIT_SECONDS = 0.05
        async with lanes.begin():
            with pytest.raises(TimeoutError) as caught:
                await once(lanes)
        assert is_unreachable(caught.value)
        await once(lanes)
