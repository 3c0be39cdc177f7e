"""Long jobs: what is asked for over HTTP and done by a worker. A job survives the death of its worker.

The one thing to know: a job's effect, its result and its status are committed together, in one transaction. A worker holds
a job by a lease; when it dies the lease runs out, another takes the job, and as nothing was committed it starts over.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import DOCUMENT, ID, INSTANT, is_unreachable, new_metadata
from shared.errors import NotFoundError, OpenItemError
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork, Units

log = structlog.get_logger(__name__)

JobStatus = Literal["queued", "running", "succeeded", "failed"]
LEASE = timedelta(seconds=15)
ATTEMPTS_MAX = 5
"""A job whose worker died this often is failed, so that one that kills its worker does not do so for ever."""
POLL_SECONDS = 0.2

JOBS = Table(
    "jobs",
    new_metadata(),
    Column("id", ID, primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("natural_key", String(200), unique=True, comment="what makes two requests the same job"),
    Column("requested_by", String(200), nullable=False),
    Column("params", DOCUMENT, nullable=False),
    Column("payload", LargeBinary, comment="an uploaded file"),
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer, nullable=False, default=0),
    Column("result", DOCUMENT),
    Column("errors", DOCUMENT, nullable=False, default=list),
    Column("attempts", Integer, nullable=False, default=0),
    Column("leased_until", INSTANT),
    Column("created_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT),
)
Index("ix_jobs_waiting", JOBS.c.created_at, postgresql_where=JOBS.c.finished_at.is_(None))


class JobProgress(BaseModel):
    """How far a job is, in the units of its kind."""

    done: int
    total: int


class Job(BaseModel):
    """A long job as the caller sees it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "caj_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "kind": "import.bank_statement",
                    "status": "succeeded",
                    "progress": {"done": 12, "total": 12},
                    "result": {"lines": 12, "created": 12},
                    "errors": [],
                }
            ]
        }
    )

    id: str
    kind: str
    status: JobStatus
    progress: JobProgress
    result: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = []


class JobNotFoundError(NotFoundError):
    """There is no such job."""

    code = "job_not_found"


class JobFailedError(OpenItemError):
    """Raised by a job that refuses its input: nothing is taken, and `report` says which line and why."""

    code = "job_failed"

    def __init__(self, detail: str, report: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail)
        self.report = report or [{"detail": detail}]


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """What a job gives back: its result, and the lines that could not be taken with their reasons."""

    result: dict[str, Any]
    errors: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class RunningJob:
    """What a job function is given beside its unit of work."""

    id: str
    kind: str
    requested_by: str
    params: dict[str, Any]
    payload: bytes | None
    units: Units

    async def progress(self, done: int, total: int) -> None:
        """Show how far the job is, in a transaction of its own."""
        async with self.units.engine.begin() as connection:
            await connection.execute(update(JOBS).where(JOBS.c.id == self.id).values(done=done, total=total))


JobFunction = Callable[[UnitOfWork, RunningJob], Awaitable[JobOutcome]]
"""Does the whole work within the unit of work."""


def _shown(row: Any) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        status=row.status,
        progress=JobProgress(done=row.done, total=row.total),
        result=row.result,
        errors=row.errors,
    )


async def enqueue(
    uow: UnitOfWork,
    *,
    prefix: str,
    kind: str,
    requested_by: str,
    params: Mapping[str, Any],
    payload: bytes | None = None,
    natural_key: str | None = None,
) -> Job:
    """Queue a job in the caller's transaction, or return the one already asked for under the same natural key."""
    statement = insert(JOBS).values(
        id=new_id(prefix),
        kind=kind,
        status="queued",
        natural_key=natural_key,
        requested_by=requested_by,
        params=dict(params),
        payload=payload,
        created_at=uow.clock.now(),
    )
    once = statement.on_conflict_do_update(
        index_elements=[JOBS.c.natural_key], set_={"natural_key": statement.excluded.natural_key}
    )
    return _shown((await uow.session.execute(once.returning(JOBS))).one())


async def find(session: AsyncSession, job_id: str) -> Job:
    """Return a job; raise `JobNotFoundError`."""
    row = (await session.execute(select(JOBS).where(JOBS.c.id == job_id))).one_or_none()
    if row is None:
        raise JobNotFoundError(f"There is no job {job_id}.")
    return _shown(row)


class JobRunner:
    """Takes waiting jobs one after the other and runs them; any number of runners may work on one database."""

    def __init__(self, units: Units, functions: Mapping[str, JobFunction]) -> None:
        self._units = units
        self._functions = functions

    async def run(self) -> None:
        """Run jobs until cancelled. A database that is away is waited for."""
        while True:
            try:
                busy = await self.run_next()
            except Exception as error:
                if not is_unreachable(error):
                    raise
                log.warning("jobs.database_unreachable", error=str(error))
                busy = False
            if not busy:
                await asyncio.sleep(POLL_SECONDS)

    async def run_next(self) -> bool:
        """Take the oldest waiting job, run it to its end, and tell whether there was one."""
        job = await self._take()
        if job is None:
            return False
        heartbeat = asyncio.create_task(self._keep_lease(job.id))
        try:
            await self._finish(job)
        finally:
            heartbeat.cancel()
            await asyncio.gather(heartbeat, return_exceptions=True)
        return True

    async def _take(self) -> RunningJob | None:
        now = self._units.clock.now()
        free = or_(JOBS.c.status == "queued", and_(JOBS.c.status == "running", JOBS.c.leased_until < now))
        oldest = (
            select(JOBS.c.id)
            .where(JOBS.c.finished_at.is_(None), free, JOBS.c.kind.in_(self._functions))
            .order_by(JOBS.c.created_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        statement = (
            update(JOBS)
            .where(JOBS.c.id.in_(oldest.scalar_subquery()))
            .values(status="running", leased_until=now + LEASE, attempts=JOBS.c.attempts + 1)
            .returning(JOBS)
        )
        async with self._units.engine.begin() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        log.info("job.started", job_id=row.id, kind=row.kind, attempt=row.attempts)
        if row.attempts > ATTEMPTS_MAX:
            await self._fail(row.id, [{"detail": f"Given up after {ATTEMPTS_MAX} workers died while doing it."}])
            return None
        return RunningJob(row.id, row.kind, row.requested_by, row.params, row.payload, self._units)

    async def _keep_lease(self, job_id: str) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            until = self._units.clock.now() + LEASE
            async with self._units.engine.begin() as connection:
                await connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(leased_until=until))

    async def _finish(self, job: RunningJob) -> None:
        try:
            async with self._units.begin() as uow:
                outcome = await self._functions[job.kind](uow, job)
                await uow.session.execute(
                    update(JOBS)
                    .where(JOBS.c.id == job.id)
                    .values(
                        status="succeeded",
                        result=outcome.result,
                        errors=list(outcome.errors),
                        done=JOBS.c.total,
                        finished_at=self._units.clock.now(),
                    )
                )
            log.info("job.succeeded", job_id=job.id, kind=job.kind)
        except JobFailedError as refusal:
            await self._fail(job.id, refusal.report)
        except OpenItemError as refusal:
            fields = [{"field": error.field, "detail": error.detail} for error in refusal.errors]
            await self._fail(job.id, fields or [{"detail": refusal.detail}])
        except Exception as error:
            if is_unreachable(error):
                raise
            log.exception("job.broken", job_id=job.id, kind=job.kind)
            await self._fail(
                job.id, [{"detail": "The job met an unexpected fault; the log has it under the job's id."}]
            )

    async def _fail(self, job_id: str, report: list[dict[str, Any]]) -> None:
        log.warning("job.failed", job_id=job_id, errors=len(report))
        async with self._units.engine.begin() as connection:
            await connection.execute(
                update(JOBS)
                .where(JOBS.c.id == job_id)
                .values(status="failed", errors=report, finished_at=self._units.clock.now())
            )
