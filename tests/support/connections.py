"""Connections that outlive a test, for the next one on the same database.

The one thing to know: a new engine compiles and prepares each statement anew, and each new connection begins with an empty
catalogue; together that took longer than what most tests ask for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from shared.database import session_factory
from shared.days import Clock, SystemClock
from shared.unit_of_work import Units

FEW = 3
"""So many connections are kept; a test that opened more closes them all."""

_loops: list[asyncio.AbstractEventLoop] = []
_free: dict[tuple[str, str, int], list[AsyncEngine]] = {}
"""Engines that no test uses at the moment, by address, source and size."""


class KeptUnits(Units):
    """Units of work whose connections stay."""

    async def close(self) -> None:
        """Give the connections back, unless one is still in use."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        if pool.checkedout() or pool.checkedin() > FEW:
            await self.engine.dispose()
        address = self.engine.url.render_as_string(hide_password=False)
        _free.setdefault((address, self.source, pool.size()), []).append(self.engine)


def connect(url: str, *, source: str, clock: Clock | None = None, pool_size: int = 10) -> Units:
    """Do as `Units.connect`, with connections of an earlier test where there are any."""
    made = Units.connect(url, source=source, clock=clock, pool_size=pool_size)
    if asyncio.get_running_loop() not in _loops:
        return made
    free = _free.get((made.engine.url.render_as_string(hide_password=False), source, pool_size))
    engine = free.pop() if free else made.engine
    return KeptUnits(engine, session_factory(engine), source, clock or SystemClock())


@asynccontextmanager
async def keeping_connections() -> AsyncIterator[None]:
    """Have what is connected in this event loop kept until the end."""
    _loops.append(asyncio.get_running_loop())
    yield
    _loops.clear()
    for engines in _free.values():
        for engine in engines:
            await engine.dispose()
    _free.clear()
