import asyncio
from collections.abc import Sequence

import pytest

from shared.gathering import Gatherer


class Work:
    """Doubles numbers, refuses odd ones, notes its batches; each batch waits for `go`."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.at_once = 0
        self.began = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.at_once += 1
        assert self.at_once == 1
        self.batches.append(list(numbers))
        self.began.set()
        await asyncio.sleep(0)
        await self.go.wait()
        self.at_once -= 1
        if 1_000 in numbers:
            raise ConnectionError("the database is away")
        return [ValueError(f"{number} is odd") if number % 2 else number * 2 for number in numbers]


async def test_while_one_batch_is_worked_on_the_next_one_collects() -> None:
    work = Work()
    gatherer = Gatherer(work, most=100)
    work.go.clear()
    first = asyncio.create_task(gatherer.submit(0))
    await work.began.wait()

    rest = [asyncio.create_task(gatherer.submit(number)) for number in (2, 4, 6)]
    await asyncio.sleep(0)
    work.go.set()

    assert await asyncio.gather(first, *rest) == [0, 4, 8, 12]
    assert work.batches == [[0], [2, 4, 6]]


async def test_each_waiter_gets_its_own_result_or_refusal() -> None:
    outcomes = await asyncio.gather(*(map(Gatherer(Work(), most=100).submit, range(4))), return_exceptions=True)

    assert [outcome if isinstance(outcome, int) else str(outcome) for outcome in outcomes] == [
        0,
        "1 is odd",
        4,
        "3 is odd",
    ]


async def test_a_batch_is_never_larger_than_allowed() -> None:
    work = Work()
    gatherer = Gatherer(work, most=10)

    await asyncio.gather(*(gatherer.submit(number) for number in range(0, 70, 2)))

    assert [len(batch) for batch in work.batches] == [10, 10, 10, 5]


async def test_one_that_stops_waiting_before_its_batch_is_left_out() -> None:
    work = Work()
    gatherer = Gatherer(work, most=100)
    tasks = [asyncio.create_task(gatherer.submit(number)) for number in (2, 4)]
    await asyncio.sleep(0)
    tasks[0].cancel()

    assert await tasks[1] == 8
    assert work.batches == [[4]]


async def test_one_that_stops_waiting_in_its_batch_changes_nothing_for_the_others() -> None:
    work = Work()
    gatherer = Gatherer(work, most=100)
    work.go.clear()
    tasks = [asyncio.create_task(gatherer.submit(number)) for number in (2, 4)]
    await work.began.wait()
    tasks[0].cancel()
    work.go.set()

    assert await tasks[1] == 8
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]


async def test_a_failed_batch_fails_all_its_waiters_and_no_later_one() -> None:
    work = Work()
    gatherer = Gatherer(work, most=2)

    outcomes = await asyncio.gather(*(gatherer.submit(number) for number in (1_000, 2, 4)), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [ConnectionError, ConnectionError, int]
    assert await gatherer.submit(6) == 12


async def test_closing_waits_for_what_was_submitted() -> None:
    work = Work()
    gatherer = Gatherer(work, most=1)
    waiting = [asyncio.create_task(gatherer.submit(number)) for number in (2, 4, 6)]
    await asyncio.sleep(0)

    await gatherer.close()

    assert work.batches == [[2], [4], [6]]
    assert await asyncio.gather(*waiting) == [4, 8, 12]


class Slow:
    """Notes when batches begin; each ends when it is told to."""

    def __init__(self) -> None:
        self.begun: list[list[str]] = []
        self.ends: list[asyncio.Event] = []

    async def __call__(self, things: Sequence[str]) -> list[str | Exception]:
        self.begun.append(list(things))
        self.ends.append(asyncio.Event())
        await self.ends[-1].wait()
        return list(things)


async def a_moment() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_second_batch_begins_beside_the_first_only_when_it_is_full() -> None:
    work = Slow()
    gatherer = Gatherer(work, most=2, at_once=2)
    tasks = [asyncio.create_task(gatherer.submit("a"))]
    await a_moment()
    tasks.append(asyncio.create_task(gatherer.submit("b")))
    await a_moment()
    assert work.begun == [["a"]]

    tasks += [asyncio.create_task(gatherer.submit(thing)) for thing in ("c", "d", "e")]
    await a_moment()
    assert work.begun == [["a"], ["b", "c"]]

    work.ends[0].set()
    await a_moment()
    assert work.begun == [["a"], ["b", "c"], ["d", "e"]]
    for end in work.ends:
        end.set()
    assert await asyncio.gather(*tasks) == ["a", "b", "c", "d", "e"]


async def test_a_batch_begins_beside_others_when_the_least_wait_and_takes_all_that_do_up_to_the_most() -> None:
    work = Slow()
    gatherer = Gatherer(work, most=3, at_once=3, least=2)
    tasks = [asyncio.create_task(gatherer.submit("a"))]
    await a_moment()

    tasks += [asyncio.create_task(gatherer.submit(thing)) for thing in ("b", "c")]
    await a_moment()
    tasks += [asyncio.create_task(gatherer.submit(thing)) for thing in ("d", "e", "f", "g")]
    await a_moment()
    assert work.begun == [["a"], ["b", "c"], ["d", "e", "f"]]

    for end in work.ends:
        end.set()
    await a_moment()
    work.ends[-1].set()
    assert await asyncio.gather(*tasks) == ["a", "b", "c", "d", "e", "f", "g"]


async def test_what_has_the_same_key_is_never_in_two_batches_at_once_and_keeps_its_order() -> None:
    work = Slow()
    gatherer = Gatherer(work, most=2, at_once=2, key=lambda thing: thing[0])
    tasks = [asyncio.create_task(gatherer.submit("a1"))]
    await a_moment()

    tasks += [asyncio.create_task(gatherer.submit(thing)) for thing in ("a2", "b1", "a3", "c1")]
    await a_moment()
    assert work.begun == [["a1"], ["b1", "c1"]]

    work.ends[1].set()
    await a_moment()
    assert work.begun == [["a1"], ["b1", "c1"]]
    work.ends[0].set()
    await a_moment()
    assert work.begun[2] == ["a2", "a3"]
    work.ends[2].set()
    assert sorted(await asyncio.gather(*tasks)) == ["a1", "a2", "a3", "b1", "c1"]


async def test_what_has_the_same_key_comes_along_beyond_the_size_of_a_batch() -> None:
    sizes: list[int] = []

    async def work(things: Sequence[tuple[str, int]]) -> list[int]:
        sizes.append(len(things))
        return [number for _, number in things]

    gatherer = Gatherer(work, most=2, key=lambda thing: thing[0])

    same = await asyncio.gather(*(gatherer.submit(("hot", number)) for number in range(10)))
    others = await asyncio.gather(*(gatherer.submit((f"C-{number}", number)) for number in range(4)))

    assert (same, others) == (list(range(10)), list(range(4)))
    assert sizes == [10, 2, 2]


async def test_the_next_batch_begins_before_the_waiters_of_the_last_one_are_told() -> None:
    seen: list[str] = []

    async def work(things: Sequence[str]) -> list[str]:
        seen.append("begun")
        await asyncio.sleep(0)
        return list(things)

    async def wait(thing: str) -> None:
        await gatherer.submit(thing)
        seen.append("told")

    gatherer: Gatherer[str, str] = Gatherer(work, most=1)
    await asyncio.gather(wait("a"), wait("b"))

    assert seen == ["begun", "begun", "told", "told"]
