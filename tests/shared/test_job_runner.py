"""Running jobs, on the real database."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from shared import jobs, outbox
from shared.errors import InvalidError
from shared.job_runner import ATTEMPTS_MAX, JobRunner
from shared.jobs import Job, JobFailedError, JobFunction, JobNotFoundError, JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork, Units
from tests.support.messaging import database_url, effects, eventually, note_effect, running, thing
from tests.support.proxy import line_to

SHORT = timedelta(seconds=0.3)


async def enqueue(units: Units, natural_key: str | None = None, **params: Any) -> Job:
    async with units.begin() as uow:
        return await jobs.enqueue(
            uow,
            prefix="tsj",
            kind="test",
            requested_by="controller",
            params=params,
            payload=b"a file",
            natural_key=natural_key,
        )


async def found(units: Units, job: Job) -> Job:
    async with units.read() as session:
        return await jobs.find(session, job.id)


async def has_ended(units: Units, job: Job) -> bool:
    return (await found(units, job)).status in ("succeeded", "failed")


async def do_it(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    await note_effect(uow, thing(1))
    uow.publish(thing(1))
    return JobOutcome({"created": 1}, ({"line": 3, "detail": "has no amount"},))


def runner(units: Units, function: JobFunction = do_it, lease: timedelta = SHORT) -> JobRunner:
    return JobRunner(units, {"test": function}, lease=lease)


def refusing(error: Exception) -> JobFunction:
    async def refuse(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
        await do_it(uow, job)
        raise error

    return refuse


async def test_a_job_ends_with_its_effect_its_events_its_result_and_its_lines(units: Units) -> None:
    job = await enqueue(units)
    assert (job.status, job.result) == ("queued", None)
    assert await runner(units).run_next()
    ended = await found(units, job)
    assert (ended.status, ended.result) == ("succeeded", {"created": 1})
    assert ended.errors == [{"line": 3, "detail": "has no amount"}]
    assert await effects(units) == [("T1", 1)]
    async with units.engine.connect() as connection:
        assert await outbox.backlog(connection) == 1


async def test_a_job_is_given_what_was_asked_for(units: Units) -> None:
    seen: list[RunningJob] = []

    async def look(_: UnitOfWork, job: RunningJob) -> JobOutcome:
        seen.append(job)
        return JobOutcome({})

    job = await enqueue(units, day="2026-03-31")
    await runner(units, look).run_next()
    (given,) = seen
    assert (given.id, given.kind, given.requested_by) == (job.id, "test", "controller")
    assert (given.params, given.payload) == ({"day": "2026-03-31"}, b"a file")


async def test_jobs_are_run_once_in_the_order_they_were_asked_for(units: Units) -> None:
    order: list[int] = []

    async def note(_: UnitOfWork, job: RunningJob) -> JobOutcome:
        order.append(job.params["number"])
        return JobOutcome({})

    for number in range(3):
        await enqueue(units, number=number)
    while await runner(units, note).run_next():
        pass
    assert order == [0, 1, 2]


async def test_a_job_of_another_kind_is_left_to_its_worker(units: Units) -> None:
    await enqueue(units)
    assert not await JobRunner(units, {"other": do_it}).run_next()


async def test_asking_for_the_same_job_again_gives_the_first(units: Units) -> None:
    first = await enqueue(units, natural_key="day 2026-03-31")
    second = await enqueue(units, natural_key="day 2026-03-31")
    other = await enqueue(units, natural_key="day 2026-04-01")
    assert first.id == second.id != other.id


async def test_a_job_that_failed_may_be_asked_for_again_and_is_done_anew(units: Units) -> None:
    first = await enqueue(units, natural_key="day 2026-03-31")
    await runner(units, refusing(JobFailedError("A service is down."))).run_next()
    second = await enqueue(units, natural_key="day 2026-03-31")
    assert second.id != first.id
    await runner(units).run_next()
    assert [(await found(units, job)).status for job in (first, second)] == ["failed", "succeeded"]


@pytest.mark.parametrize(
    ("error", "report"),
    [
        (JobFailedError("The total is wrong.", [{"line": 2, "detail": "wrong"}]), [{"line": 2, "detail": "wrong"}]),
        (JobFailedError("It is no bank file."), [{"detail": "It is no bank file."}]),
        (InvalidError("Use EUR.", field="currency"), [{"field": "currency", "detail": "Use EUR."}]),
        (InvalidError("Nothing to do."), [{"detail": "Nothing to do."}]),
    ],
)
async def test_a_refused_job_reports_why_and_leaves_nothing(
    units: Units, error: Exception, report: list[dict[str, Any]]
) -> None:
    job = await enqueue(units)
    await runner(units, refusing(error)).run_next()
    ended = await found(units, job)
    assert (ended.status, ended.errors, ended.result) == ("failed", report, None)
    assert await effects(units) == []


async def test_a_fault_of_the_job_is_reported_without_its_words(units: Units) -> None:
    job = await enqueue(units)
    await runner(units, refusing(ValueError("select secrets"))).run_next()
    ended = await found(units, job)
    assert ended.status == "failed"
    assert "secrets" not in str(ended.errors)
    assert await effects(units) == []


async def test_a_deadlock_is_tried_again_at_once(units: Units) -> None:
    tries: list[int] = []

    async def deadlock_first(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
        outcome = await do_it(uow, job)
        tries.append(1)
        if len(tries) < 3:
            await uow.session.execute(text("do $$ begin raise exception sqlstate '40P01'; end $$"))
        return outcome

    job = await enqueue(units)
    await runner(units, deadlock_first).run_next()
    assert (await found(units, job)).status == "succeeded"
    assert await effects(units) == [("T1", 1)]


async def test_progress_is_seen_while_the_job_runs(units: Units) -> None:
    job = await enqueue(units)

    async def report(_: UnitOfWork, running_job: RunningJob) -> JobOutcome:
        await running_job.progress(2, 5)
        seen = await found(units, job)
        assert (seen.status, seen.progress.done, seen.progress.total) == ("running", 2, 5)
        return JobOutcome({})

    await runner(units, report).run_next()
    ended = await found(units, job)
    assert (ended.status, ended.progress.done) == ("succeeded", 5)


async def test_a_job_survives_the_death_of_its_worker(units: Units) -> None:
    job = await enqueue(units)
    async with line_to(database_url(units)) as (line, url):
        dying = Units.connect(url, source="publisher")
        line_is_cut = asyncio.Event()

        async def die(uow: UnitOfWork, running_job: RunningJob) -> JobOutcome:
            outcome = await do_it(uow, running_job)
            line.cut()
            line_is_cut.set()
            return outcome

        async with running(runner(dying, die).run()):
            await line_is_cut.wait()
            async with running(runner(units).run()):
                await eventually(lambda: has_ended(units, job))
        await dying.close()
    assert (await found(units, job)).status == "succeeded"
    assert await effects(units) == [("T1", 1)]


async def test_a_worker_that_works_keeps_its_job(units: Units) -> None:
    job = await enqueue(units)

    async def slow(uow: UnitOfWork, running_job: RunningJob) -> JobOutcome:
        await asyncio.sleep(4 * SHORT.total_seconds())
        return await do_it(uow, running_job)

    async with running(runner(units, slow).run(), runner(units, slow).run()):
        await eventually(lambda: has_ended(units, job))
    assert await effects(units) == [("T1", 1)]


async def test_a_worker_that_lost_its_lease_cannot_commit(units: Units) -> None:
    job = await enqueue(units)

    async def be_overtaken(uow: UnitOfWork, running_job: RunningJob) -> JobOutcome:
        async with units.engine.begin() as connection:
            await connection.execute(update(jobs.JOBS).values(attempts=running_job.attempt + 1))
        return await do_it(uow, running_job)

    assert await runner(units, be_overtaken).run_next()
    assert (await found(units, job)).status == "running"
    assert await effects(units) == []


async def test_a_job_whose_worker_is_stopped_waits_for_the_next_without_delay(units: Units) -> None:
    job = await enqueue(units)
    at_work = asyncio.Event()

    async def be_stopped(uow: UnitOfWork, running_job: RunningJob) -> JobOutcome:
        await do_it(uow, running_job)
        at_work.set()
        await asyncio.sleep(60)
        raise AssertionError("not reached")

    async with running(runner(units, be_stopped, timedelta(hours=1)).run()):
        await at_work.wait()
    assert (await found(units, job)).status == "queued"
    assert await runner(units).run_next()
    assert await effects(units) == [("T1", 1)]


async def test_a_job_that_kills_its_workers_is_given_up(units: Units) -> None:
    job = await enqueue(units)
    async with units.engine.begin() as connection:
        await connection.execute(update(jobs.JOBS).values(attempts=ATTEMPTS_MAX))
    assert await runner(units).run_next()
    ended = await found(units, job)
    assert ended.status == "failed"
    assert "Given up" in ended.errors[0]["detail"]
    assert await effects(units) == []


async def test_a_job_nobody_asked_for_is_not_found(units: Units) -> None:
    async with units.read() as session:
        with pytest.raises(JobNotFoundError, match="no job tsj_0"):
            await jobs.find(session, "tsj_0")
