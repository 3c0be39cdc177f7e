"""Gathers what waits and has it done together: while one batch is worked on, the next one waits and fills.

The one thing to know: each waiter gets a result or a refusal of its own. One that stops waiting before its batch begins is
left out of it; one that stops later changes nothing, because the batch belongs to no waiter, and runs in a context of its own.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

Waiter = tuple[T, asyncio.Future[R]]


class Gatherer(Generic[T, R]):
    """Passes what is submitted to `work` in batches of at most `most` keys.

    What has the same `key` is done in order of arrival, and never in two batches at once: so it comes along with the first of
    its kind, up to eight times `most` things in all. A batch begins when none is under
    way, or beside others, up to `at_once`, when as many as `least` (or else `most`) wait that none of them concerns: so one works
    while another waits for its database, and batches stay large.

    `work` returns one result, or the exception to raise, for each thing. What it raises itself is raised to each waiter of
    the batch; the next batch is worked on all the same, and begins before the waiters of this one are told, a few at a time:
    a turn of the event loop in which all of them go on would keep the answers of a database waiting.
    """

    TOLD_AT_ONCE = 8

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]],
        *,
        most: int,
        at_once: int = 1,
        least: int | None = None,
        key: Callable[[T], Hashable] = id,
    ) -> None:
        self._work = work
        self._most = most
        self._at_once = at_once
        self._least = most if least is None else least
        self._key = key
        self._waiting: deque[Waiter[T, R]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._keys: Counter[Hashable] = Counter()
        self._about_to_begin = False

    async def submit(self, thing: T) -> R:
        """Have `thing` done in a batch and return its result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append((thing, future))
        if not self._about_to_begin:
            # Not at once: what arrives in the same moment comes along.
            self._about_to_begin = True
            loop.call_soon(self._begin, context=Context())
        return await future

    async def close(self) -> None:
        """Wait until what was submitted is done."""
        while self._waiting or self._tasks:
            await asyncio.sleep(0)
            if self._tasks:
                await asyncio.wait(self._tasks)

    def _begin(self) -> None:
        self._about_to_begin = False
        while self._waiting and (not self._under_way or self._may_begin_beside()):
            batch = self._take()
            if not batch:
                if self._under_way:
                    return
                continue
            self._under_way += 1
            task = asyncio.create_task(self._settle(batch), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _may_begin_beside(self) -> bool:
        return self._under_way < self._at_once and len(self._waiting) >= self._least

    def _take(self) -> list[Waiter[T, R]]:
        """Take a batch from the front, past what a batch under way concerns; none where it would be too small."""
        seen = list(islice(self._waiting, 8 * self._most))
        batch: list[Waiter[T, R]] = []
        passed: list[Waiter[T, R]] = []
        keys: set[Hashable] = set()
        for waiter in seen:
            if waiter[1].done():
                continue
            key = self._key(waiter[0])
            free = key not in self._keys and (key in keys or len(keys) < self._most)
            if free:
                keys.add(key)
            (batch if free else passed).append(waiter)
        if self._under_way and len(batch) < self._least:
            return []
        for _ in seen:
            self._waiting.popleft()
        self._waiting.extendleft(reversed(passed))
        self._keys.update(self._key(thing) for thing, _ in batch)
        return batch

    async def _settle(self, batch: Sequence[Waiter[T, R]]) -> None:
        try:
            outcomes = await self._outcomes(batch)
            for number, ((_, future), outcome) in enumerate(zip(batch, outcomes, strict=True), 1):
                if not future.done():
                    _tell(future, outcome)
                if number % self.TOLD_AT_ONCE == 0:
                    await asyncio.sleep(0)
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise

    async def _outcomes(self, batch: Sequence[Waiter[T, R]]) -> Sequence[R | Exception]:
        """Have a batch worked on, and begin what had to wait for it."""
        try:
            outcomes = await self._work([thing for thing, _ in batch])
            assert len(outcomes) == len(batch), "the work gave back another number of results than it was given things"
        except Exception as error:
            return [error] * len(batch)
        else:
            return outcomes
        finally:
            self._under_way -= 1
            self._keys -= Counter(self._key(thing) for thing, _ in batch)
            self._begin()


def _tell(future: asyncio.Future[R], outcome: R | Exception) -> None:
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
