"""The job that assesses many customers: each once, also where its worker dies in between."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, cast

from sqlalchemy import text

from credit_service.credit_assessments.jobs import assess_customers
from credit_service.credit_assessments.use_cases import ASSESS_CUSTOMERS, Wish, assess_chunk
from credit_service.scorecards.domain.default import DEFAULT
from credit_service.scorecards.use_cases import scorecard_of
from shared.job_runner import JobRunner
from shared.jobs import JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork, Units
from tests.credit.desk import DAY, CreditDesk

PATH = "/v1/credit-assessments/batch"
CHUNK = 10
COUNTS = text("select count(*), count(distinct customer_id), count(*) filter (where applied) from credit_assessments")


async def customers(desk: CreditDesk, units: Units, count: int) -> None:
    """Put customers that are all alike."""
    await desk.customer("C-00001")
    async with units.engine.begin() as connection:
        for table in ("customers", "credit_accounts"):
            columns = (
                "select string_agg(quote_ident(column_name), ', ') from information_schema.columns "
                f"where table_name = '{table}' and table_schema = 'public' and is_generated = 'NEVER'"
            )
            names = (await connection.execute(text(columns))).scalar_one()
            values = names.replace("customer_id", "'C-' || lpad(n::text, 5, '0')", 1)
            copy = f"insert into {table} ({names}) select {values} from {table} a, generate_series(2, :count) n"
            await connection.execute(text(f"{copy} where customer_id = 'C-00001'"), {"count": count})


async def ask(desk: CreditDesk, **body: Any) -> Any:
    return await desk.send("credit_analyst", "POST", PATH, json={"as_of": DAY} | body)


async def in_chunks(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
    """Do the job, few customers in a transaction."""
    return await assess_customers(uow, job, chunk_size=CHUNK)


async def run(units: Units, function: Any = in_chunks) -> None:
    assert await JobRunner(units, {ASSESS_CUSTOMERS: function}).run_next()


async def counts(units: Units) -> Sequence[int]:
    async with units.read() as session:
        return tuple((await session.execute(COUNTS)).one())


async def test_every_customer_is_assessed_once(desk: CreditDesk, units: Units) -> None:
    await customers(desk, units, 25)

    answer = await ask(desk, all=True)
    await run(units)

    job = await desk.ask("auditor", "GET", f"/v1/jobs/{answer.json()['id']}")
    assert answer.status_code == 202
    assert (job["status"], job["progress"]) == ("succeeded", {"done": 25, "total": 25})
    assert (job["result"]["assessed"], job["result"]["applied"], job["result"]["refused"]) == (25, 25, 0)
    assert await counts(units) == (25, 25, 25)
    assert (await desk.credit("C-00025"))["score"] is not None


async def test_a_job_whose_worker_died_assesses_nobody_twice(desk: CreditDesk, units: Units) -> None:
    await customers(desk, units, 2 * CHUNK + 3)
    await ask(desk, all=True)

    async def die_behind_the_second_chunk(uow: UnitOfWork, job: RunningJob) -> JobOutcome:
        return await in_chunks(uow, replace(job, units=cast(Units, _Dying(units, transactions=2))))

    with suppress(WorkerDiedError):
        await run(units, die_behind_the_second_chunk)
    between = await counts(units)
    async with units.engine.begin() as connection:
        await connection.execute(text("update jobs set status = 'queued', leased_until = null, finished_at = null"))
    await run(units)

    assert between == (2 * CHUNK,) * 3
    assert await counts(units) == (2 * CHUNK + 3,) * 3


async def test_two_workers_on_one_job_assess_each_customer_once(desk: CreditDesk, units: Units) -> None:
    await customers(desk, units, 40)
    ids = [f"C-{number:05}" for number in range(1, 41)]

    async def work() -> None:
        async with units.begin() as uow:
            wish = Wish(
                date.fromisoformat(DAY), await scorecard_of(uow.session, "default"), "lowest", "a", job_id="crj_1"
            )
            await assess_chunk(uow, ids, wish)

    await asyncio.gather(work(), work(), work())

    assert await counts(units) == (40, 40, 40)


async def test_journals_stay_intact_when_many_entries_are_written_together(desk: CreditDesk, units: Units) -> None:
    await customers(desk, units, 3)
    for _ in range(2):
        await ask(desk, all=True)
        await run(units)
    await desk.ask("credit_analyst", "POST", "/v1/credit-assessments", json={"customer_id": "C-00002", "as_of": DAY})

    proof = await desk.ask("auditor", "GET", "/v1/customers/C-00002/credit-file/integrity")
    journal = await desk.ask("auditor", "GET", "/v1/customers/C-00002/credit-file/journal")

    assert proof["intact"] is True
    assert [one["kind"] for one in journal["data"]] == ["credit_assessment.applied"] * 3


async def test_those_that_cannot_be_assessed_are_told_and_the_others_are(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")

    answer = await ask(desk, customer_ids=["C-1", "C-9", "C-1"])
    await run(units)

    job = await desk.ask("auditor", "GET", f"/v1/jobs/{answer.json()['id']}")
    assert job["result"]["assessed"] == 1
    assert [(one["customer_id"], one["code"]) for one in job["errors"]] == [("C-9", "unknown_customer")]


async def test_a_job_keeps_to_the_scorecard_s_version_it_was_asked_with(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await ask(desk, all=True)
    content = DEFAULT.model_dump(mode="json") | {"items_min": 9}
    await desk.ask("credit_manager", "PUT", "/v1/scorecards/default", json=content)

    await run(units)

    listed = await desk.ask("auditor", "GET", "/v1/credit-assessments", params={"customer_id": "C-1"})
    assert [one["scorecard_version"] for one in listed["data"]] == [1]


async def test_a_batch_says_whom(desk: CreditDesk) -> None:
    neither, both = await ask(desk), await ask(desk, all=True, customer_ids=["C-1"])
    collector = await desk.send("collector", "POST", PATH, json={"all": True})

    assert [neither.status_code, both.status_code, collector.status_code] == [422, 422, 403]


class WorkerDiedError(BaseException):
    """What ends a worker in the middle."""


class _Dying:
    """Units of work of which only so many are begun."""

    def __init__(self, units: Units, *, transactions: int) -> None:
        self._units = units
        self._left = transactions

    def begin(self) -> Any:
        if not self._left:
            raise WorkerDiedError
        self._left -= 1
        return self._units.begin()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._units, name)
