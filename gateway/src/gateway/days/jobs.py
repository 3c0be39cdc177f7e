"""Runs a business day: starts each service's own run and follows it to its end.

The one thing to know: each service runs a day once however often it is asked, so a worker that takes this job over from one
that died simply asks again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog

from gateway.access.service_tokens import ServiceTokens
from gateway.client import Upstreams
from gateway.upstreams import DAY_RUNS
from shared.errors import UnavailableError
from shared.jobs import JobFailedError, JobOutcome, RunningJob
from shared.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

RUN_DAY = "day.run"
_FINISHED = ("succeeded", "failed")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a service is waited for."""

    poll_seconds: float = 0.2
    unreachable_seconds: float = 120.0
    running_seconds: float = 3_600.0


class _NotNowError(Exception):
    """The service cannot answer at the moment."""


@dataclass(frozen=True, slots=True)
class DayRun:
    """The job function of a business day."""

    upstreams: Upstreams
    tokens: ServiceTokens
    services: Sequence[str] = DAY_RUNS
    patience: Patience = field(default_factory=Patience)

    async def __call__(self, _: UnitOfWork, job: RunningJob) -> JobOutcome:
        """Run the day in every service at once; fail where it failed in one, saying in which and why."""
        day = job.params["date"]
        await job.progress(0, len(self.services))
        found: dict[str, dict[str, Any]] = {}

        async def run(service: str) -> None:
            found[service] = await self._run(service, day)
            await job.progress(len(found), len(self.services))

        async with asyncio.TaskGroup() as group:
            for service in self.services:
                group.create_task(run(service))
        faults = [
            {"service": service, "detail": f"{service}: {run['detail']}", "errors": run.get("errors", [])}
            for service, run in found.items()
            if run["status"] not in ("succeeded", "nothing_to_do")
        ]
        if faults:
            raise JobFailedError(f"The run of {day} failed in a service.", faults)
        return JobOutcome({"date": day, "services": found})

    async def _run(self, service: str, day: str) -> dict[str, Any]:
        """Return how the day went in one service."""
        status, started = await self._patiently(service, "POST", f"/v1/days/{day}/run")
        if status == 404:
            return {"status": "nothing_to_do"}
        if status != 202:
            return {"status": "failed", "detail": started.get("detail", f"it answered {status}")}
        deadline = asyncio.get_running_loop().time() + self.patience.running_seconds
        job = started
        while job["status"] not in _FINISHED and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(self.patience.poll_seconds)
            status, job = await self._patiently(service, "GET", f"/v1/jobs/{started['id']}")
            if status != 200:
                return {"status": "failed", "detail": job.get("detail", f"it answered {status}")}
        return _outcome(job)

    async def _patiently(self, service: str, method: str, target: str) -> tuple[int, dict[str, Any]]:
        """Return a service's answer, waiting for one that is away; after that, an answer of 503."""
        deadline = asyncio.get_running_loop().time() + self.patience.unreachable_seconds
        while True:
            try:
                return await self._ask(service, method, target)
            except (_NotNowError, UnavailableError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                log.info("day.service_away", service=service, error=repr(error))
                if asyncio.get_running_loop().time() > deadline:
                    return 503, {"detail": "it could not be reached"}
            await asyncio.sleep(self.patience.poll_seconds)

    async def _ask(self, service: str, method: str, target: str) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {await self.tokens.token()}"}
        async with self.upstreams.request(service, method, target, headers=headers) as answer:
            if answer.status == 503:
                raise _NotNowError
            return answer.status, await answer.json(content_type=None)


def _outcome(job: dict[str, Any]) -> dict[str, Any]:
    outcome = {"status": job["status"], "job_id": job["id"], "result": job.get("result")}
    if job["status"] == "succeeded":
        return outcome
    detail = "its run failed" if job["status"] == "failed" else "its run has not ended in time"
    return outcome | {"detail": detail, "errors": job.get("errors", [])}
