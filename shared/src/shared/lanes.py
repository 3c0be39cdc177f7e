"""Lanes: a few connections on which the driver itself begins and ends each transaction, for a service's busiest call.

The one thing to know: beginning and ending a transaction by way of SQLAlchemy costs five times as much processor time as the
driver's own way. Its session is there all the same, inside of the driver's transaction, for what is rare; it ends nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database import DRIVER, run_on_driver, session_factory
from shared.days import Clock
from shared.unit_of_work import UnitOfWork, Units


@dataclass(frozen=True, slots=True)
class _Lane:
    """One connection: as SQLAlchemy knows it, and the driver's own."""

    connection: AsyncConnection
    driver: Any

    @property
    def is_lost(self) -> bool:
        return self.connection.invalidated or self.driver.is_closed()


class Lanes:
    """Begins units of work as `Units` does, on at most `most` connections that it keeps."""

    WAIT_SECONDS = 10.0

    def __init__(self, units: Units, *, most: int) -> None:
        self._units = units
        # What runs through a session joins the transaction of the driver, of which SQLAlchemy knows nothing.
        self._engine = units.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions = session_factory(self._engine)
        self._free: list[_Lane] = []
        self._places = asyncio.Semaphore(most)

    @property
    def clock(self) -> Clock:
        """The clock of the units of work."""
        return self._units.clock

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction; commit when the block ends well, roll back and re-raise otherwise."""
        async with self._lane() as lane:
            await run_on_driver(lane.driver.execute, "begin")
            session = self._sessions(bind=lane.connection)
            session.sync_session.info[DRIVER] = lane.driver
            unit = UnitOfWork(session, clock=self.clock, source=self._units.source)
            try:
                yield unit
                await unit.write_out()
            finally:
                if session.in_transaction():
                    await session.close()
            await run_on_driver(lane.driver.execute, "commit")

    @asynccontextmanager
    async def _lane(self) -> AsyncIterator[_Lane]:
        """Lend a connection. After a fault its transaction is undone, and one that is lost is not lent again."""
        async with asyncio.timeout(self.WAIT_SECONDS):
            await self._places.acquire()
        try:
            lane = self._free.pop() if self._free else await self._open()
            try:
                yield lane
            except BaseException as error:
                await self._undo(lane, error)
                raise
            self._free.append(lane)
        finally:
            self._places.release()

    async def _open(self) -> _Lane:
        connection = await self._engine.connect()
        return _Lane(connection, (await connection.get_raw_connection()).driver_connection)

    async def _undo(self, lane: _Lane, error: BaseException) -> None:
        if isinstance(error, Exception) and not lane.is_lost:
            await run_on_driver(lane.driver.execute, "rollback")
            self._free.append(lane)
            return
        # The server went away, or the caller did in the midst of a statement. Where one is lost the others may be as well.
        others, self._free = self._free, []
        for one in (lane, *others):
            await one.connection.invalidate()
            await one.connection.close()

    async def close(self) -> None:
        """Close the connections; nothing may be under way."""
        while self._free:
            await self._free.pop().connection.close()
        await self._units.close()
