"""The worker role of every service: relay, consumer and jobs in one process, with health and metrics over HTTP.

The one thing to know: none of the parts ends by itself. If one does, the process ends with an error and its supervisor starts
it again; SIGTERM ends all of them, and what was in flight is rolled back and comes again.
"""

import asyncio
import signal
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI

from shared import log as logs
from shared import memory
from shared.broker import Consumer, EnvelopeHandler, Relay, Subscriptions
from shared.broker.topology import CONSUMERS
from shared.http.app import Check, database_check, health_router
from shared.job_runner import JobRunner
from shared.jobs import JobFunction
from shared.settings import Settings
from shared.unit_of_work import Units

log = structlog.get_logger(__name__)

STOP_SECONDS = 4


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a process's work to its end on uvloop."""
    uvloop.run(work)


async def run_worker(
    settings: Settings,
    *,
    service: str,
    subscriptions: Subscriptions,
    job_functions: Mapping[str, JobFunction],
    waiting_job_functions: Mapping[str, JobFunction] | None = None,
    every_event: EnvelopeHandler | None = None,
) -> None:
    """Relay, consume and run jobs until SIGTERM.

    `waiting_job_functions` are those that wait for someone outside: they have a runner of their own, so that no other job ever
    stands behind them. `every_event` is for who wants each public event as its envelope, in place of `subscriptions`.
    """
    logs.configure(service, settings.log_level)
    memory.settle()
    units = Units.connect(settings.database_url, source=service, pool_size=settings.database_pool_size)
    relay = Relay(units, settings.amqp_url, awaits=CONSUMERS)
    consumer = Consumer(units, settings.amqp_url, service, subscriptions, every_event=every_event)
    runners = [JobRunner(units, functions) for functions in (job_functions, waiting_job_functions) if functions]

    async def broker_check() -> str | None:
        return None if relay.ready and consumer.ready else "the message broker is not connected"

    checks: dict[str, Check] = {"database": lambda: database_check(units), "broker": broker_check}
    try:
        await _until_stopped(
            relay.run(),
            consumer.run(),
            *(runner.run() for runner in runners),
            _serve_health(settings, checks, title=f"{service} worker"),
        )
    finally:
        await units.close()


async def _until_stopped(*parts: Coroutine[Any, Any, None]) -> None:
    """Run `parts` beside each other until SIGTERM or SIGINT. One that ends before raises its fault."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    tasks = [asyncio.create_task(part) for part in parts]
    ended, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    log.info("worker.stopping", asked=stopping in ended)
    stopping.cancel()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=STOP_SECONDS)
    if stop.is_set():
        return
    for task in tasks:
        if task in ended:
            task.result()
    raise RuntimeError("A part of the worker ended although nobody asked it to.")


class _HealthServer(uvicorn.Server):
    """uvicorn without its signal handling: the worker's own stops everything together."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


async def _serve_health(settings: Settings, checks: dict[str, Check], *, title: str) -> None:
    app = FastAPI(title=title, openapi_url=None)
    app.include_router(health_router(checks))
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    await _HealthServer(config).serve()
