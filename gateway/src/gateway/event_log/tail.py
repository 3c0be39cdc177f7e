"""Wakes the streams of one process when there are newer events: one small query for all of them, only while there are any."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from gateway.event_log import repository
from shared.database import is_unreachable
from shared.unit_of_work import Units

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.2


class Tail:
    """The newest position, as far as this process knows."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._newest = 0
        self._moved = asyncio.Condition()
        self._followers = 0
        self._watch: asyncio.Task[None] | None = None

    @property
    def newest(self) -> int:
        """The newest position that was seen."""
        return self._newest

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """Watch the log as long as at least one such block is open."""
        self._followers += 1
        if self._watch is None:
            self._watch = asyncio.create_task(self._look_again_and_again())
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers:
                self._watch.cancel()
                self._watch = None

    async def moved_beyond(self, position: int, *, seconds: float) -> bool:
        """Wait until there is something behind `position`, at most `seconds`; tell whether there is."""
        try:
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(lambda: self._newest > position)
        except TimeoutError:
            return False
        return True

    async def _look_again_and_again(self) -> None:
        while True:
            try:
                await self._look()
            except Exception as error:
                if not is_unreachable(error):
                    raise
                log.warning("event_log.database_unreachable", error=str(error))
            await asyncio.sleep(POLL_SECONDS)

    async def _look(self) -> None:
        async with self._units.read() as session:
            newest = await repository.newest_position(session)
        if newest > self._newest:
            async with self._moved:
                self._newest = newest
                self._moved.notify_all()
