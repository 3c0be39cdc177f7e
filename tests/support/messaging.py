"""A publisher and a consumer on real servers: databases with the shared tables, an event of their own, a log of effects."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from aio_pika.abc import AbstractIncomingMessage
from sqlalchemy import BigInteger, Column, Identity, Integer, Table, Text, insert, select

from shared.broker import topology
from shared.broker.connection import open_channel
from shared.broker.publisher import Publisher
from shared.database import new_metadata
from shared.events.envelope import Envelope, EventData, wrap
from shared.tables import add_shared_tables
from shared.unit_of_work import UnitOfWork, Units

METADATA = new_metadata()
add_shared_tables(METADATA)
EFFECTS = Table(
    "effects",
    METADATA,
    Column("position", BigInteger, Identity(), primary_key=True),
    Column("thing_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
)


class ThingChanged(EventData):
    """An event of the tests, which no service publishes."""

    type = "thing.changed"

    thing_id: str
    note: str = ""

    @property
    def aggregate_id(self) -> str:
        """The thing."""
        return self.thing_id


async def note_effect(uow: UnitOfWork, event: ThingChanged) -> None:
    """The handler of the tests: one row per application."""
    await uow.session.execute(insert(EFFECTS).values(thing_id=event.thing_id, version=event.version))


async def effects(units: Units) -> list[tuple[str, int]]:
    """Return what was applied, in its order."""
    async with units.engine.connect() as connection:
        rows = await connection.execute(select(EFFECTS.c.thing_id, EFFECTS.c.version).order_by(EFFECTS.c.position))
        return [(row.thing_id, row.version) for row in rows]


def database_url(units: Units) -> str:
    """Return where the units' database is."""
    return units.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


async def publish(units: Units, *events: EventData) -> None:
    """Commit `events` to the outbox, in one transaction."""
    async with units.begin() as uow:
        uow.publish(*events)


def thing(version: int, thing_id: str = "T1", note: str = "") -> ThingChanged:
    """Return an event."""
    return ThingChanged(version=version, thing_id=thing_id, note=note)


def enveloped(event: EventData, units: Units, correlation_id: str | None = None) -> Envelope:
    """Return the CloudEvent of `event`."""
    return wrap(event, source="tests", at=units.clock.now(), correlation_id=correlation_id)


async def deliver(amqp_url: str, service: str, *bodies: Envelope | bytes) -> None:
    """Put messages into a service's queue, as the broker would."""
    messages = [
        topology.message(body.id, body.type, body.model_dump_json().encode())
        if isinstance(body, Envelope)
        else topology.message("unreadable", "unreadable", body)
        for body in bodies
    ]
    async with open_channel(amqp_url, "tests") as channel:
        receipts = await Publisher(channel.default_exchange).publish([(service, message) for message in messages])
    assert all(receipt.confirmed and receipt.routed for receipt in receipts)


async def waiting_in(amqp_url: str, queue: str) -> int:
    """Return how many messages a queue has ready."""
    async with open_channel(amqp_url, "tests") as channel:
        declared = await channel.declare_queue(queue, passive=True)
        return declared.declaration_result.message_count or 0


async def declare_service(amqp_url: str, service: str, *binding_keys: str) -> None:
    """Declare a service's queues without consuming."""
    async with open_channel(amqp_url, "tests") as channel:
        await topology.declare_queue(channel, service, binding_keys)


async def forget_service(amqp_url: str, service: str) -> None:
    """Delete a service's queues."""
    async with open_channel(amqp_url, "tests") as channel:
        await channel.queue_delete(service)
        await channel.queue_delete(topology.dead_queue(service))


async def take(amqp_url: str, queue: str) -> AbstractIncomingMessage | None:
    """Take one message for good."""
    async with open_channel(amqp_url, "tests") as channel:
        message = await (await channel.declare_queue(queue, passive=True)).get(fail=False)
        if message is not None:
            await message.ack()
        return message


async def eventually(probe: Callable[[], Awaitable[bool]], *, seconds: float = 60) -> None:
    """Wait until `probe` holds. The bound only ends a test that hangs; a busy machine stays well within it."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await probe():
        assert asyncio.get_running_loop().time() < deadline, f"it did not happen within {seconds} s"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(*parts: Coroutine[Any, Any, None]) -> AsyncIterator[list["asyncio.Task[None]"]]:
    """Run parts beside the test; a part that fails fails the test."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()
