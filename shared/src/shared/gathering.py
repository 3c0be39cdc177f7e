"""Gathers what waits and has it done together: while one batch is worked on, the next one waits and fills.

The one thing to know: each waiter gets a result or a refusal of its own. One that stops waiting before its batch begins is
left out of it; one that stops later changes nothing, because the batch belongs to no waiter, and runs in a context of its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Gatherer(Generic[T, R]):
    """Passes what is submitted to `work` in batches of at most `most`, one batch at a time, in order of arrival.

    `work` returns one result, or the exception to raise, for each thing. What it raises itself is raised to each waiter of
    the batch; the next batch is worked on all the same.
    """

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]], *, most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._runner: asyncio.Task[None] | None = None

    async def submit(self, thing: T) -> R:
        """Have `thing` done in the next batch and return its result."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, future))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run(), context=Context())
        return await future

    async def close(self) -> None:
        """Wait until what was submitted is done."""
        if self._runner is not None:
            await asyncio.wait([self._runner])

    async def _run(self) -> None:
        while self._waiting:
            batch = self._take()
            if batch:
                await self._settle(batch)

    def _take(self) -> list[tuple[T, asyncio.Future[R]]]:
        batch: list[tuple[T, asyncio.Future[R]]] = []
        while self._waiting and len(batch) < self._most:
            thing, future = self._waiting.popleft()
            if not future.done():
                batch.append((thing, future))
        return batch

    async def _settle(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        outcomes: Sequence[R | Exception]
        try:
            outcomes = await self._work([thing for thing, _ in batch])
            assert len(outcomes) == len(batch), "the work gave back another number of results than it was given things"
        except Exception as error:
            outcomes = [error] * len(batch)
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
