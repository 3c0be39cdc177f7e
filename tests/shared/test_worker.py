"""The worker role as a process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from openitem.local.ports import free_port
from shared.broker import Consumer
from shared.broker.topology import CONSUMERS
from shared.unit_of_work import Units
from tests.support.messaging import (
    ThingChanged,
    database_url,
    declare_service,
    deliver,
    effects,
    enveloped,
    eventually,
    note_effect,
    publish,
    running,
    thing,
    waiting_in,
)


@pytest.fixture(scope="module", autouse=True)
async def _consumers_declared(amqp_url: str) -> None:
    for name in CONSUMERS:
        await declare_service(amqp_url, name)


@asynccontextmanager
async def worker(
    units: Units, amqp_url: str, service: str, **environment: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Start a worker and yield its process and address."""
    port = free_port()
    settings = {
        "OPENITEM_PROFILE": "local",
        "OPENITEM_DATABASE_URL": database_url(units),
        "OPENITEM_AMQP_URL": amqp_url,
        "OPENITEM_HTTP_PORT": str(port),
        "TINY_SERVICE": service,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.tiny_worker",
        env={**os.environ, **settings, **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def status(url: str) -> int:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(url)).status_code
        except httpx.TransportError:
            return 0


async def is_ready(url: str) -> bool:
    return await status(f"{url}/readyz") == 200


async def test_a_worker_consumes_publishes_and_ends_cleanly_on_sigterm(
    units: Units, amqp_url: str, service: str
) -> None:
    await declare_service(amqp_url, service)
    async with worker(units, amqp_url, service) as (process, url):
        await eventually(lambda: is_ready(url))
        assert await status(f"{url}/healthz") == 200
        await publish(units, thing(1))

        async def came_round() -> bool:
            return await effects(units) == [("T1", 1)]

        await eventually(came_round)
        async with httpx.AsyncClient() as client:
            metrics = (await client.get(f"{url}/metrics")).text
        assert 'openitem_events_consumed_total{type="thing.changed"} 1.0' in metrics
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), timeout=60) == 0


async def test_what_a_killed_worker_had_in_hand_is_applied_once_by_the_next(
    units: Units, amqp_url: str, service: str
) -> None:
    await declare_service(amqp_url, service)
    falling = enveloped(thing(2, note="fall"), units)
    await deliver(amqp_url, service, enveloped(thing(1), units), falling, enveloped(thing(3), units))
    async with worker(units, amqp_url, service) as (process, _):
        assert await asyncio.wait_for(process.wait(), timeout=60) == 9
    assert await effects(units) == []

    async def given_back() -> bool:
        return await waiting_in(amqp_url, service) == 3

    await eventually(given_back)
    async with running(Consumer(units, amqp_url, service, {ThingChanged: note_effect}).run()):

        async def all_applied() -> bool:
            return await effects(units) == [("T1", 1), ("T1", 2), ("T1", 3)]

        await eventually(all_applied)


async def test_a_worker_is_not_ready_without_its_broker(units: Units, service: str, amqp_url: str) -> None:
    nowhere = "amqp://guest:guest@127.0.0.1:9/"
    await declare_service(amqp_url, service)
    async with worker(units, nowhere, service) as (process, url):

        async def is_up() -> bool:
            return await status(f"{url}/healthz") == 200

        await eventually(is_up)
        assert await status(f"{url}/readyz") == 503
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), timeout=60) == 0


async def test_a_worker_whose_part_breaks_ends_with_an_error(fresh_database: str, amqp_url: str, service: str) -> None:
    not_migrated = Units.connect(fresh_database, source="publisher")
    await declare_service(amqp_url, service)
    async with worker(not_migrated, amqp_url, service) as (process, _):
        assert await asyncio.wait_for(process.wait(), timeout=60) == 1
    await not_migrated.close()
