"""The unit of work: one transaction, its events, its clock. Only the edge commits.

A use case takes it first and publishes events through it; they reach the outbox just before the commit, in order.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from shared import outbox
from shared.database import create_engine, is_contended, session_factory
from shared.days import Clock, SystemClock
from shared.events.envelope import CheckedEvent, EventData, WrittenEvent, write, write_checked

T = TypeVar("T")
RETRIES = 5


class UnitOfWork:
    """One transaction of one service. Made by `Units.begin()`.

    `actor` is the caller whose request it carries out, None where an event or a job does the work.
    """

    def __init__(self, session: AsyncSession, *, clock: Clock, source: str) -> None:
        self.session = session
        self.clock = clock
        self.actor: str | None = None
        self._source = source
        self._events: list[WrittenEvent] = []

    def publish(self, *events: EventData, correlation_id: str | None = None) -> None:
        """Have `events` written to the outbox with the change, in this order.

        `correlation_id` is for who does the work of several requests at once; else it is that of the present request.
        """
        correlation_id = correlation_id or structlog.contextvars.get_contextvars().get("request_id")
        at = self.clock.now()
        self._events += [write(data, source=self._source, at=at, correlation_id=correlation_id) for data in events]

    def publish_checked(self, *events: CheckedEvent, correlation_id: str | None = None) -> None:
        """Do as `publish` does with events whose content was checked before."""
        self._events += self.written(events, correlation_id=correlation_id)

    def written(self, events: Iterable[CheckedEvent], *, correlation_id: str | None = None) -> Iterator[WrittenEvent]:
        """Return hundreds of events as they go out, for `write_many`; each is written when it is asked for."""
        correlation_id = correlation_id or structlog.contextvars.get_contextvars().get("request_id")
        at = self.clock.now()
        return (write_checked(one, source=self._source, at=at, correlation_id=correlation_id) for one in events)

    async def write_many(self, events: Iterable[WrittenEvent]) -> None:
        """Have hundreds of events in the outbox at once, behind the facts that they tell; none is left for the commit."""
        await outbox.append_many(self.session, events)

    @property
    def published(self) -> Sequence[WrittenEvent]:
        """The events that this transaction will publish."""
        return self._events

    def hand_over(self) -> Sequence[WrittenEvent]:
        """Return the events for a statement that writes them with the facts; the commit then has none left to write."""
        events, self._events = self._events, []
        return events

    async def retried(
        self, work: Callable[[], Awaitable[T]], *, also: tuple[type[Exception], ...] = (), times: int = RETRIES
    ) -> T:
        """Do `work`, and do it again where another transaction was in the way; only its own changes and events are undone.

        A deadlock frees what this work had locked, so that the other goes on first. What was locked before stays locked.
        `also` are refusals that say as much; that of the last try is raised.
        """
        published = len(self._events)
        for left in range(times, -1, -1):
            try:
                async with self.session.begin_nested():
                    return await work()
            except Exception as error:
                if not (left and (isinstance(error, also) or is_contended(error))):
                    raise
                del self._events[published:]
                self.session.expire_all()
        raise AssertionError("the last try returns or raises")

    async def write_out(self) -> None:
        """Write what is still in hand: changed rows, then the events."""
        if self.session.in_transaction():
            await self.session.flush()
        if self._events:
            await outbox.append(self.session, self._events)

    async def commit(self) -> None:
        """Write the events and commit. Called by the edge alone."""
        await self.write_out()
        await self.session.commit()


@dataclass(frozen=True, slots=True)
class Units:
    """Begins units of work on one service's database."""

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    source: str
    clock: Clock

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        source: str,
        clock: Clock | None = None,
        pool_size: int = 10,
        server_settings: Mapping[str, str] | None = None,
        pre_ping: bool = True,
    ) -> "Units":
        """Return the units of the service `source` on the database at `url`; `create_engine` explains the options."""
        engine = create_engine(
            url, pool_size=pool_size, application=source, server_settings=server_settings, pre_ping=pre_ping
        )
        return cls(engine, session_factory(engine), source, clock or SystemClock())

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction; commit when the block ends well, roll back and re-raise otherwise."""
        async with self.sessions() as session:
            unit = UnitOfWork(session, clock=self.clock, source=self.source)
            yield unit
            await unit.commit()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session whose work is rolled back: for answers that change nothing."""
        async with self.sessions() as session:
            yield session

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()
