"""What the database's errors mean, and the named lock, on the real database."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database import advisory_lock, create_engine, is_contended, is_unreachable
from shared.unit_of_work import Units
from tests.support.messaging import database_url
from tests.support.proxy import line_to


async def fault_of(units: Units, statement: str) -> Exception:
    with pytest.raises(DBAPIError) as caught:
        async with units.engine.begin() as connection:
            await connection.execute(text(statement))
    return caught.value


async def test_a_fault_does_not_tell_the_values_of_its_statement(units: Units) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with units.engine.begin() as connection:
            await connection.execute(text("select 1/0 where :account <> ''"), {"account": "DE89370400440532013000"})

    assert "division by zero" in str(caught.value)
    assert "DE89370400440532013000" not in str(caught.value)


@pytest.mark.parametrize(
    ("sqlstate", "unreachable", "contended"),
    [
        ("40001", False, True),
        ("40P01", False, True),
        ("57P01", True, False),
        ("53300", True, False),
        ("23505", False, False),
        ("P0001", False, False),
    ],
)
async def test_a_fault_is_known_by_its_sqlstate(
    units: Units, sqlstate: str, unreachable: bool, contended: bool
) -> None:
    fault = await fault_of(units, f"do $$ begin raise exception sqlstate '{sqlstate}'; end $$")
    assert (is_unreachable(fault), is_contended(fault)) == (unreachable, contended)


async def test_a_mistake_in_a_statement_is_no_outage(units: Units) -> None:
    for statement in ("select 1/0", "select nothing", "select cast('x' as int)"):
        assert not is_unreachable(await fault_of(units, statement))


async def test_a_connection_that_breaks_is_an_outage_and_the_next_one_works(units: Units) -> None:
    async with line_to(database_url(units)) as (line, url):
        engine = create_engine(url)
        connection = await engine.connect()
        await connection.execute(text("select 1"))
        line.cut()
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one it is differs with the moment
            await connection.execute(text("select 1"))
        assert is_unreachable(caught.value)
        await connection.close()
        with pytest.raises(Exception) as refused:  # noqa: PT011
            await engine.connect()
        assert is_unreachable(refused.value)
        line.mend()
        async with engine.connect() as again:
            await again.execute(text("select 1"))
        await engine.dispose()


async def test_a_named_lock_has_one_holder(units: Units) -> None:
    async with advisory_lock(units.engine, "one") as held, advisory_lock(units.engine, "one") as refused:
        assert held is not None
        assert refused is None
        async with advisory_lock(units.engine, "other") as other:
            assert other is not None


async def test_a_named_lock_is_free_after_its_block_however_that_ends(units: Units) -> None:
    holding = asyncio.Event()

    async def hold() -> None:
        async with advisory_lock(units.engine, "one") as held:
            assert held is not None
            holding.set()
            await held.execute(text("select pg_sleep(10)"))

    task = asyncio.create_task(hold())
    await holding.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def is_free_for(engine: AsyncEngine) -> bool:
        async with advisory_lock(engine, "one") as held:
            return held is not None

    assert await is_free_for(units.engine)
    # The session that held it may take it again in any case; another may not.
    other = create_engine(database_url(units))
    assert await is_free_for(other)
    await other.dispose()
