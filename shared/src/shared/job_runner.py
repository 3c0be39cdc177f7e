"""Runs waiting jobs. A job survives the death of its worker.

The one thing to know: a worker holds a job by a lease. When it dies the lease runs out and another takes the job, from its
beginning, as nothing was committed; and one that only seemed dead cannot commit any more, as the attempt is no longer its own.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate
from structlog.contextvars import bound_contextvars

from shared.database import is_contended, is_unreachable
from shared.errors import OpenItemError
from shared.jobs import JOBS, JobFailedError, JobFunction, RunningJob
from shared.unit_of_work import Units

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=15)
ATTEMPTS_MAX = 5
"""A job whose worker died this often is failed, so that one that kills its worker does not do so for ever."""
CONTENTION_ATTEMPTS = 5
POLL_SECONDS = 0.2


class LeaseLostError(Exception):
    """Another worker has the job, because this one did not renew its lease in time."""


def _taking_the_oldest(kinds: Collection[str]) -> ReturningUpdate[Any]:
    """Return the statement that takes the oldest waiting job until `until`; made once, as a runner asks again and again."""
    free = or_(JOBS.c.status == "queued", and_(JOBS.c.status == "running", JOBS.c.leased_until < bindparam("now")))
    oldest = (
        select(JOBS.c.id)
        .where(JOBS.c.finished_at.is_(None), free, JOBS.c.kind.in_(kinds))
        .order_by(JOBS.c.created_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = {"status": "running", "leased_until": bindparam("until"), "attempts": JOBS.c.attempts + 1}
    return update(JOBS).where(JOBS.c.id == oldest.scalar_subquery()).values(taken).returning(JOBS)


class JobRunner:
    """Takes waiting jobs one after the other and runs them; any number of runners may work on one database."""

    def __init__(self, units: Units, functions: Mapping[str, JobFunction], *, lease: timedelta = LEASE) -> None:
        self._units = units
        self._functions = functions
        self._taking = _taking_the_oldest(functions)
        self._lease = lease

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
        with bound_contextvars(job_id=job.id, request_id=job.id):
            await self._run(job)
        return True

    async def _take(self) -> RunningJob | None:
        now = self._units.clock.now()
        until = now + self._lease
        async with self._units.engine.begin() as connection:
            row = (await connection.execute(self._taking, {"now": now, "until": until})).one_or_none()
        if row is None:
            return None
        log.info("job.started", job_id=row.id, kind=row.kind, attempt=row.attempts)
        return RunningJob(row.id, row.kind, row.requested_by, row.params, row.payload, self._units, row.attempts)

    async def _run(self, job: RunningJob) -> None:
        if job.attempt > ATTEMPTS_MAX:
            await self._fail(job, [{"detail": f"Given up after {ATTEMPTS_MAX} workers died while doing it."}])
            return
        heartbeat = asyncio.create_task(self._keep_lease(job))
        try:
            await self._finish(job)
        except asyncio.CancelledError:
            await self._give_back(job)
            raise
        except LeaseLostError:
            log.warning("job.lease_lost", kind=job.kind)
        finally:
            heartbeat.cancel()
            await asyncio.wait([heartbeat])
        if not heartbeat.cancelled():
            heartbeat.result()

    async def _keep_lease(self, job: RunningJob) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            until = self._units.clock.now() + self._lease
            try:
                async with self._units.engine.begin() as connection:
                    await connection.execute(update(JOBS).where(_held(job)).values(leased_until=until))
            except Exception as error:
                if not is_unreachable(error):
                    raise
                log.warning("job.lease_not_renewed", error=str(error))

    async def _finish(self, job: RunningJob) -> None:
        try:
            await self._succeed(job)
        except JobFailedError as refusal:
            await self._fail(job, refusal.report)
        except OpenItemError as refusal:
            fields = [{"field": error.field, "detail": error.detail} for error in refusal.errors]
            await self._fail(job, fields or [{"detail": refusal.detail}])
        except Exception as error:
            if isinstance(error, LeaseLostError) or is_unreachable(error):
                raise
            log.exception("job.broken", kind=job.kind)
            await self._fail(job, [{"detail": "The job met an unexpected fault; the log has it under the job's id."}])

    async def _succeed(self, job: RunningJob) -> None:
        """Do the work and record its result, in one transaction; again where another transaction was in the way."""
        for left in reversed(range(CONTENTION_ATTEMPTS)):
            try:
                async with self._units.begin() as uow:
                    outcome = await self._functions[job.kind](uow, job)
                    closed = await uow.session.execute(
                        update(JOBS)
                        .where(_held(job))
                        .values(
                            status="succeeded",
                            result=outcome.result,
                            errors=list(outcome.errors),
                            done=JOBS.c.total,
                            finished_at=self._units.clock.now(),
                        )
                        .returning(JOBS.c.id)
                    )
                    if closed.one_or_none() is None:
                        raise LeaseLostError(job.id)
            except Exception as error:
                if not (is_contended(error) and left):
                    raise
            else:
                log.info("job.succeeded", kind=job.kind)
                return

    async def _fail(self, job: RunningJob, report: list[dict[str, Any]]) -> None:
        """Record why it failed, and give its natural key free: what failed may be asked for again, as a new job."""
        log.warning("job.failed", kind=job.kind, errors=len(report))
        async with self._units.engine.begin() as connection:
            await connection.execute(
                update(JOBS)
                .where(_held(job))
                .values(status="failed", natural_key=None, errors=report, finished_at=self._units.clock.now())
            )

    async def _give_back(self, job: RunningJob) -> None:
        """Let the next worker begin at once: this one was asked to stop, and the job is not to blame for it."""
        try:
            async with self._units.engine.begin() as connection:
                await connection.execute(
                    update(JOBS)
                    .where(_held(job))
                    .values(status="queued", leased_until=None, attempts=JOBS.c.attempts - 1)
                )
        except Exception as error:
            log.warning("job.not_given_back", error=str(error))


def _held(job: RunningJob) -> ColumnElement[bool]:
    """The job as this attempt holds it."""
    return and_(JOBS.c.id == job.id, JOBS.c.attempts == job.attempt, JOBS.c.finished_at.is_(None))
