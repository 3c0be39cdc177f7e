"""Long jobs: what is asked for over HTTP and done by a worker (`shared/job_runner.py`).

The one thing to know: a job's effect, its result and its status are committed together, in one transaction.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import DOCUMENT, ID, INSTANT, new_metadata
from shared.errors import NotFoundError, OpenItemError
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork, Units

JobStatus = Literal["queued", "running", "succeeded", "failed"]

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

    done: int = Field(description="How much is done")
    total: int = Field(description="How much there is to do")


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

    id: str = Field(description="OpenItem's identifier")
    kind: str = Field(description="What it does")
    status: JobStatus = Field(description="`queued`, `running`, `succeeded` or `failed`")
    progress: JobProgress = Field(description="How far it is")
    result: dict[str, Any] | None = Field(default=None, description="What came of it, once it is done")
    errors: list[dict[str, Any]] = Field(default=[], description="What could not be done, one entry each")


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
    attempt: int = 1

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
    """Queue a job in the caller's transaction, or return the one asked for under the same natural key that has not failed."""
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
