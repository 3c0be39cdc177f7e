"""Relaying the outbox, on the real broker and the real database."""

import asyncio
from typing import ClassVar

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from shared import outbox
from shared.broker import Consumer, Relay, topology
from shared.broker.connection import open_channel
from shared.unit_of_work import Units
from tests.support.messaging import (
    ThingChanged,
    database_url,
    declare_service,
    effects,
    eventually,
    forget_service,
    note_effect,
    publish,
    running,
    take,
    thing,
    waiting_in,
)
from tests.support.proxy import line_to


class NobodyWaits(ThingChanged):
    """An event that no queue is bound for."""

    type: ClassVar[str] = "thing.nobody_waits"


async def unpublished(units: Units) -> int:
    async with units.engine.connect() as connection:
        return await outbox.backlog(connection)


async def all_published(units: Units) -> bool:
    return await unpublished(units) == 0


async def waits(amqp_url: str, queue: str, count: int) -> bool:
    return await waiting_in(amqp_url, queue) >= count


async def test_events_of_one_aggregate_arrive_in_the_order_of_their_commits(
    units: Units, consuming: Units, amqp_url: str, service: str
) -> None:
    for version in range(1, 2000, 3):
        await publish(units, thing(version), thing(version + 1), thing(version + 2))
    consumer = Consumer(consuming, amqp_url, service, {ThingChanged: note_effect})

    async def arrived() -> bool:
        return len(await effects(consuming)) >= 2001

    async with running(consumer.run(), Relay(units, amqp_url, awaits=[service]).run()):
        await eventually(arrived)
    assert await effects(consuming) == [("T1", version) for version in range(1, 2002)]


async def test_a_message_carries_the_event_as_a_durable_cloudevent(units: Units, amqp_url: str, service: str) -> None:
    await declare_service(amqp_url, service, "thing.*")
    await publish(units, thing(1))
    async with running(Relay(units, amqp_url).run()):
        await eventually(lambda: waits(amqp_url, service, 1))
    message = await take(amqp_url, service)
    assert message is not None
    assert (message.exchange, message.routing_key) == ("openitem.events", "thing.changed")
    assert (message.content_type, message.delivery_mode) == ("application/cloudevents+json", 2)
    async with units.engine.connect() as connection:
        row = (await connection.execute(text("select event_id, body from outbox"))).one()
    assert (message.message_id, message.body.decode()) == (row.event_id, row.body)


async def test_nothing_is_published_of_a_transaction_that_was_rolled_back(
    units: Units, amqp_url: str, service: str
) -> None:
    await declare_service(amqp_url, service, "thing.*")

    async def publish_and_fail() -> None:
        async with units.begin() as uow:
            uow.publish(thing(1))
            raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        await publish_and_fail()
    await publish(units, thing(2))
    async with running(Relay(units, amqp_url).run()):
        await eventually(lambda: waits(amqp_url, service, 1))
    message = await take(amqp_url, service)
    assert message is not None
    assert b'"version":2' in message.body
    assert await waiting_in(amqp_url, service) == 0


async def test_an_event_nobody_waits_for_is_counted_and_stays_in_the_history(units: Units, amqp_url: str) -> None:
    await forget_service(amqp_url, "gateway")  # It waits for every type, and other tests may have declared it.
    await publish(units, NobodyWaits(version=1, thing_id="T1"))
    async with running(Relay(units, amqp_url).run()):
        await eventually(lambda: all_published(units))
    sample = REGISTRY.get_sample_value("openitem_events_unroutable_total", {"type": NobodyWaits.type})
    assert sample == 1
    async with units.engine.connect() as connection:
        assert (await connection.execute(text("select count(*) from outbox"))).scalar_one() == 1


async def test_an_integrator_may_declare_the_exchange_as_any_durable_topic(units: Units, amqp_url: str) -> None:
    async with open_channel(amqp_url, "tests") as channel:
        await topology.declare_exchange(channel)
    async with open_channel(amqp_url, "integrator") as channel:
        await channel.declare_exchange("openitem.events", "topic", durable=True)


async def test_what_the_broker_refuses_comes_again(units: Units, amqp_url: str) -> None:
    name = "test-full"
    async with open_channel(amqp_url, "tests") as channel:
        full = await channel.declare_queue(
            name, arguments={"x-max-length": 1, "x-overflow": "reject-publish"}, exclusive=True
        )
        await full.bind(await topology.declare_exchange(channel), "thing.changed")
        await publish(units, thing(1), thing(2), thing(3))
        async with running(Relay(units, amqp_url).run()):
            bodies: list[bytes] = []
            async with asyncio.timeout(15):
                while len(bodies) < 3:
                    if (message := await full.get(fail=False)) is not None:
                        bodies.append(message.body)
                        await message.ack()
                    await asyncio.sleep(0.02)
            await eventually(lambda: all_published(units))
    assert [f'"version":{version}'.encode() in body for version, body in enumerate(bodies, 1)] == [True] * 3


async def test_nothing_is_published_before_every_consumer_has_its_queue(
    units: Units, consuming: Units, amqp_url: str, service: str
) -> None:
    await publish(units, thing(1))
    relay = Relay(units, amqp_url, awaits=[service])
    async with running(relay.run()):
        await asyncio.sleep(0.5)
        assert not relay.ready
        assert await unpublished(units) == 1
        async with running(Consumer(consuming, amqp_url, service, {ThingChanged: note_effect}).run()):
            await eventually(lambda: all_published(units))
            await eventually(lambda: _applied(consuming))


async def test_of_two_relays_one_publishes_and_the_other_takes_over_when_it_dies(
    units: Units, amqp_url: str, service: str
) -> None:
    await declare_service(amqp_url, service, "thing.*")
    second = Units.connect(database_url(units), source="publisher")
    async with running(Relay(second, amqp_url).run()):
        async with running(Relay(units, amqp_url).run()):
            for version in range(1, 101):
                await publish(units, thing(version))
            await eventually(lambda: all_published(units))
            assert await _relays_at_work(units) == 1
        assert await waiting_in(amqp_url, service) == 100
        await publish(units, thing(101))
        await eventually(lambda: waits(amqp_url, service, 101))
        await eventually(lambda: all_published(units))
    await second.close()
    assert await waiting_in(amqp_url, service) == 101


async def test_a_relay_that_lost_its_database_publishes_no_more_until_it_has_the_lock_again(
    units: Units, amqp_url: str, service: str
) -> None:
    await declare_service(amqp_url, service, "thing.*")
    async with line_to(database_url(units)) as (line, url):
        behind_line = Units.connect(url, source="publisher")
        async with running(Relay(behind_line, amqp_url).run()):
            await publish(units, thing(1))
            await eventually(lambda: waits(amqp_url, service, 1))
            line.cut()
            await publish(units, thing(2))
            await asyncio.sleep(0.3)
            assert await waiting_in(amqp_url, service) == 1
            line.mend()
            await eventually(lambda: waits(amqp_url, service, 2))
        await behind_line.close()


async def test_a_relay_goes_on_where_it_was_when_the_broker_comes_back(
    units: Units, consuming: Units, amqp_url: str, service: str
) -> None:
    async with line_to(amqp_url) as (line, url):
        consumer = Consumer(consuming, amqp_url, service, {ThingChanged: note_effect})
        relay = Relay(units, url, awaits=[service])
        async with running(consumer.run(), relay.run()):
            for version in range(1, 301):
                await publish(units, thing(version))
                if version % 60 == 0:
                    line.drop()
            line.cut()
            await publish(units, thing(301))
            await eventually(lambda: _true(not relay.ready))
            line.mend()
            await eventually(lambda: all_published(units))

            async def complete() -> bool:
                return len(await effects(consuming)) == 301

            await eventually(complete)
    assert {version for _, version in await effects(consuming)} == set(range(1, 302))


async def _applied(units: Units) -> bool:
    return await effects(units) == [("T1", 1)]


async def _true(value: bool) -> bool:
    return value


async def _relays_at_work(units: Units) -> int:
    statement = text(
        "select count(*) from pg_locks join pg_database on pg_database.oid = database "
        "where locktype = 'advisory' and granted and datname = current_database()"
    )
    async with units.engine.connect() as connection:
        return int((await connection.execute(statement)).scalar_one())
