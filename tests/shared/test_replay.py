"""Sending again: dead letters after the cause is mended, and history to one consumer."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from shared.broker import Consumer, Handler, Projection
from shared.broker.topology import dead_queue
from shared.replay import ConsumerUnknownError, replay_dead_letters, replay_history
from shared.unit_of_work import UnitOfWork, Units
from tests.support.messaging import (
    ThingChanged,
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


async def consume_all(units: Units, amqp_url: str, service: str, handler: Handler) -> None:
    async def empty() -> bool:
        return await waiting_in(amqp_url, service) == 0

    consumer = Consumer(units, amqp_url, service, {ThingChanged: handler}, retry_seconds=0.001)
    async with running(consumer.run()):
        await eventually(empty)
        # An empty queue may still have its last message in the consumer's hands.
        await deliver(amqp_url, service, enveloped(thing(1, "end"), units))

        async def ended() -> bool:
            return ("end", 1) in await effects(units)

        await eventually(ended)
    async with units.engine.begin() as connection:
        await connection.execute(text("delete from effects where thing_id = 'end'"))


async def test_a_replayed_dead_letter_is_applied(consuming: Units, amqp_url: str, service: str) -> None:
    async def refuse(_: UnitOfWork, event: ThingChanged) -> None:
        raise ValueError("a defect")

    await declare_service(amqp_url, service)
    await deliver(amqp_url, service, enveloped(thing(1), consuming), enveloped(thing(2), consuming))
    consumer = Consumer(consuming, amqp_url, service, {ThingChanged: refuse}, retry_seconds=0.001)
    async with running(consumer.run()):

        async def both_dead() -> bool:
            return await waiting_in(amqp_url, dead_queue(service)) == 2

        await eventually(both_dead)
    assert await replay_dead_letters(amqp_url, service, limit=1) == 1
    assert await replay_dead_letters(amqp_url, service) == 1
    assert await waiting_in(amqp_url, dead_queue(service)) == 0
    await consume_all(consuming, amqp_url, service, note_effect)
    assert sorted(await effects(consuming)) == [("T1", 1), ("T1", 2)]


async def test_a_letter_that_dies_again_is_moved_once(consuming: Units, amqp_url: str, service: str) -> None:
    await declare_service(amqp_url, service)
    await deliver(amqp_url, service, b"not JSON")

    async def dead() -> bool:
        return await waiting_in(amqp_url, dead_queue(service)) == 1

    async with running(Consumer(consuming, amqp_url, service, {ThingChanged: note_effect}).run()):
        await eventually(dead)
        assert await replay_dead_letters(amqp_url, service) == 1
        await eventually(dead)


async def test_a_replay_of_history_fills_gaps_and_changes_nothing_else(
    units: Units, consuming: Units, amqp_url: str, service: str
) -> None:
    await declare_service(amqp_url, service)
    await publish(units, thing(1), thing(2))
    await replay_history(units, amqp_url, service)
    await consume_all(consuming, amqp_url, service, note_effect)
    await publish(units, thing(3))
    assert await replay_history(units, amqp_url, service) == 3
    await consume_all(consuming, amqp_url, service, note_effect)
    assert await effects(consuming) == [("T1", 1), ("T1", 2), ("T1", 3)]


async def test_history_begins_where_it_is_asked_to(units: Units, amqp_url: str, service: str) -> None:
    await declare_service(amqp_url, service)
    await publish(units, thing(1))
    assert await replay_history(units, amqp_url, service, datetime.now(UTC) + timedelta(hours=1)) == 0


async def test_a_rebuild_applies_known_events_to_a_projection_alone(
    units: Units, consuming: Units, amqp_url: str, service: str
) -> None:
    await declare_service(amqp_url, service)
    await publish(units, thing(1))
    await replay_history(units, amqp_url, service)
    await consume_all(consuming, amqp_url, service, note_effect)

    await replay_history(units, amqp_url, service, rebuild=True)
    await consume_all(consuming, amqp_url, service, note_effect)
    assert await effects(consuming) == [("T1", 1)]

    await replay_history(units, amqp_url, service, rebuild=True)
    await consume_all(consuming, amqp_url, service, Projection(note_effect))
    assert await effects(consuming) == [("T1", 1), ("T1", 1)]


async def test_a_replay_to_an_unknown_consumer_is_refused(units: Units, amqp_url: str) -> None:
    with pytest.raises(ConsumerUnknownError, match="has no queue"):
        await replay_history(units, amqp_url, "no-such-service")
