"""The run of a business day over scripted services."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import Receive, Send

from gateway.client import Upstreams
from gateway.days.jobs import RUN_DAY, DayRun, Patience
from gateway.upstreams import DAY_RUNS
from shared import jobs
from shared.job_runner import JobRunner
from shared.jobs import Job
from shared.unit_of_work import Units
from tests.gateway.scripted import Asked, ScriptedService, answering, reply
from tests.gateway.sockets import free_port, listening
from tests.gateway.world import Gateway

RUN = "/v1/days/2026-03-31/run"
JOB = "/v1/jobs/coj_1"
QUEUED: dict[str, Any] = {"id": "coj_1", "kind": "day", "status": "queued", "result": None, "errors": []}
SUCCEEDED = QUEUED | {"status": "succeeded", "result": {"broken": 2}}
HASTE = Patience(poll_seconds=0.01, unreachable_seconds=0.3, running_seconds=1)


class KnownToken:
    """A token of the gateway."""

    async def token(self) -> str:
        return "token-of-the-gateway"


@dataclass
class Day:
    """Services, and a gateway worker that runs the day in them."""

    units: Units
    services: dict[str, ScriptedService] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    def script(self, service: str, run: Any, job: Any = None) -> ScriptedService:
        self.services[service].scripts |= {RUN: run} | ({JOB: job} if job else {})
        return self.services[service]

    async def run(self) -> Job:
        """Enqueue the day, run it to its end, and return the job."""
        async with self.units.begin() as uow:
            params = {"date": "2026-03-31"}
            job = await jobs.enqueue(uow, prefix="gwj", kind=RUN_DAY, requested_by="erp", params=params)
        async with Upstreams(self.addresses, silence_seconds=1) as upstreams:
            runner = JobRunner(self.units, {RUN_DAY: DayRun(upstreams, KnownToken(), patience=HASTE)})
            assert await runner.run_next()
        async with self.units.read() as session:
            return await jobs.find(session, job.id)


@pytest.fixture(scope="module")
async def listening_services() -> AsyncIterator[dict[str, tuple[ScriptedService, str]]]:
    services = {name: ScriptedService() for name in DAY_RUNS}
    async with AsyncExitStack() as stack:
        yield {name: (app, await stack.enter_async_context(listening(app))) for name, app in services.items()}


@pytest.fixture
def day(units: Units, listening_services: dict[str, tuple[ScriptedService, str]]) -> Day:
    """A day on which every service has nothing to do, until a test says otherwise."""
    day = Day(units)
    for name, (service, address) in listening_services.items():
        service.asked.clear()
        service.scripts = {RUN: answering({}, 404)}
        day.services[name], day.addresses[name] = service, address
    return day


async def test_the_day_is_run_in_each_service_and_each_result_is_told(day: Day) -> None:
    polled = []

    async def still_running_then_done(asked: Asked, receive: Receive, send: Send) -> None:
        polled.append(asked)
        await reply(send, SUCCEEDED if len(polled) > 2 else QUEUED | {"status": "running"})

    collections = day.script("collections-service", answering(QUEUED, 202), still_running_then_done)
    day.script("dispute-service", answering(SUCCEEDED | {"id": "dsj_1", "result": {"escalated": 1}}, 202))

    job = await day.run()

    assert (job.status, job.progress.done, job.progress.total) == ("succeeded", 4, 4)
    assert job.result == {
        "date": "2026-03-31",
        "services": {
            "collections-service": {"status": "succeeded", "job_id": "coj_1", "result": {"broken": 2}},
            "dispute-service": {"status": "succeeded", "job_id": "dsj_1", "result": {"escalated": 1}},
            "credit-service": {"status": "nothing_to_do"},
            "cashapp-service": {"status": "nothing_to_do"},
        },
    }
    assert {asked.header("authorization") for asked in collections.asked} == {"Bearer token-of-the-gateway"}


async def test_the_day_fails_where_it_failed_in_one_service_and_says_where_and_why(day: Day) -> None:
    failed = QUEUED | {"status": "failed", "errors": [{"detail": "A promise has no day."}]}
    day.script("collections-service", answering(failed, 202))

    job = await day.run()

    assert job.status == "failed"
    [error] = job.errors
    assert error["service"] == "collections-service"
    assert error["errors"] == [{"detail": "A promise has no day."}]


async def test_a_service_that_refuses_the_day_fails_it_with_its_words(day: Day) -> None:
    day.script("credit-service", answering({"detail": "This day is closed."}, 409))

    job = await day.run()

    assert (job.status, job.errors[0]["detail"]) == ("failed", "credit-service: This day is closed.")


async def test_a_service_that_is_away_for_a_moment_is_waited_for(day: Day) -> None:
    attempts = []

    async def away_at_first(asked: Asked, receive: Receive, send: Send) -> None:
        attempts.append(asked)
        await (reply(send, {}, 503) if len(attempts) < 4 else reply(send, SUCCEEDED, 202))

    day.script("collections-service", away_at_first)

    assert (await day.run()).status == "succeeded"
    assert len(attempts) == 4


async def test_a_service_that_stays_away_fails_the_day_and_is_named(day: Day) -> None:
    day.addresses["dispute-service"] = f"http://127.0.0.1:{free_port()}"

    job = await day.run()

    assert (job.status, job.errors[0]["detail"]) == ("failed", "dispute-service: it could not be reached")


async def test_a_run_without_end_is_given_up(day: Day) -> None:
    day.script("collections-service", answering(QUEUED, 202), answering(QUEUED))

    job = await day.run()

    assert job.errors[0]["detail"] == "collections-service: its run has not ended in time"


async def test_a_day_is_asked_for_once_however_often_it_is_called(gateway: Gateway) -> None:
    headers = await gateway.bearer("erp")
    answers = await asyncio.gather(*(gateway.http.post(RUN, headers=headers) for _ in range(5)))
    other = await gateway.http.post("/v1/days/2026-04-01/run", headers=headers)

    assert {answer.status_code for answer in answers} == {202}
    [job_id] = {answer.json()["id"] for answer in answers}
    assert job_id.startswith("gwj_")
    assert other.json()["id"] != job_id
    found = await gateway.http.get(f"/v1/jobs/{job_id}", headers=await gateway.bearer("collector"))
    assert (found.status_code, found.json()["status"]) == (200, "queued")


@pytest.mark.parametrize(
    ("path", "client", "status"),
    [
        ("/v1/days/2026-02-30/run", "erp", 422),
        ("/v1/days/today/run", "erp", 422),
        (RUN, "collector", 403),
    ],
)
async def test_a_day_that_does_not_exist_and_a_role_that_may_not_are_refused(
    gateway: Gateway, path: str, client: str, status: int
) -> None:
    answer = await gateway.http.post(path, headers=await gateway.bearer(client))

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_job_is_looked_for_where_its_prefix_says(gateway: Gateway) -> None:
    headers = await gateway.bearer("erp")
    statuses = {
        prefix: (await gateway.http.get(f"/v1/jobs/{prefix}_1", headers=headers)).status_code
        for prefix in ("crj", "caj", "dsj", "coj", "gwj", "xyz")
    }

    assert statuses == {"crj": 503, "caj": 503, "dsj": 503, "coj": 503, "gwj": 404, "xyz": 404}
