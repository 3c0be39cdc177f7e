"""Consuming, on the real broker and the real database."""

import asyncio
from collections.abc import Sequence

import pytest
from aio_pika.exceptions import AMQPError
from prometheus_client import REGISTRY
from sqlalchemy import text

from shared import outbox
from shared.broker import BatchProjection, Consumer, Projection
from shared.broker.consumer import InboxFailedError
from shared.broker.topology import DELIVERY_LIMIT, dead_queue
from shared.unit_of_work import UnitOfWork, Units
from tests.support.messaging import (
    ThingChanged,
    database_url,
    declare_service,
    deliver,
    effects,
    enveloped,
    eventually,
    forget_service,
    note_effect,
    running,
    take,
    thing,
    waiting_in,
)
from tests.support.proxy import line_to


@pytest.fixture(autouse=True)
async def _declared(amqp_url: str, service: str) -> None:
    await declare_service(amqp_url, service)


def counted(name: str) -> float:
    return REGISTRY.get_sample_value(name, {"type": "thing.changed"}) or 0


async def test_an_event_is_applied_once_though_delivered_twice(consuming: Units, amqp_url: str, service: str) -> None:
    first, second = enveloped(thing(1), consuming), enveloped(thing(2), consuming)
    await deliver(amqp_url, service, first, first, second)
    async with running(Consumer(consuming, amqp_url, service, {ThingChanged: note_effect}).run()):
        await eventually(lambda: has(consuming, 2))
        await deliver(amqp_url, service, first, enveloped(thing(3), consuming))
        await eventually(lambda: has(consuming, 3))
    assert await effects(consuming) == [("T1", 1), ("T1", 2), ("T1", 3)]


async def test_what_waits_is_applied_in_the_order_of_delivery(consuming: Units, amqp_url: str, service: str) -> None:
    await deliver(amqp_url, service, *(enveloped(thing(version), consuming) for version in range(1, 301)))
    async with running(Consumer(consuming, amqp_url, service, {ThingChanged: note_effect}).run()):
        await eventually(lambda: has(consuming, 300))
    assert await effects(consuming) == [("T1", version) for version in range(1, 301)]


async def test_a_batch_handler_gets_its_waiting_events_together_and_in_order(
    consuming: Units, amqp_url: str, service: str
) -> None:
    sizes = []

    async def note_together(uow: UnitOfWork, events: Sequence[ThingChanged]) -> None:
        sizes.append(len(events))
        for event in events:
            await note_effect(uow, event)

    await deliver(amqp_url, service, *(enveloped(thing(version), consuming) for version in range(1, 301)))
    async with running(Consumer(consuming, amqp_url, service, {ThingChanged: BatchProjection(note_together)}).run()):
        await eventually(lambda: has(consuming, 300))

    assert await effects(consuming) == [("T1", version) for version in range(1, 301)]
    assert len(sizes) < 30


async def test_one_event_that_fails_in_a_batch_handler_does_not_hold_up_the_others(
    consuming: Units, amqp_url: str, service: str
) -> None:
    async def refuse_the_second(uow: UnitOfWork, events: Sequence[ThingChanged]) -> None:
        for event in events:
            if event.version == 2:
                raise ValueError("not this one")
            await note_effect(uow, event)

    await deliver(amqp_url, service, *(enveloped(thing(version), consuming) for version in (1, 2, 3)))
    handler = BatchProjection(refuse_the_second)
    consumer = Consumer(consuming, amqp_url, service, {ThingChanged: handler}, retry_seconds=0.01)
    async with running(consumer.run()):
        await eventually(lambda: waits(amqp_url, dead_queue(service), 1))

    assert await effects(consuming) == [("T1", 1), ("T1", 3)]


async def test_an_applied_event_leaves_the_queue(consuming: Units, amqp_url: str, service: str) -> None:
    async with running(Consumer(consuming, amqp_url, service, {ThingChanged: note_effect}).run()):
        await deliver(amqp_url, service, enveloped(thing(1), consuming))
        await eventually(lambda: has(consuming, 1))
        # The next is taken after the first was acknowledged; its own acknowledgement may be broken off.
        following = enveloped(thing(2), consuming)
        await deliver(amqp_url, service, following)
        await eventually(lambda: has(consuming, 2))
    left = await take(amqp_url, service)
    assert left is None or left.message_id == following.id
    assert await take(amqp_url, service) is None


async def test_what_is_no_event_becomes_a_dead_letter_at_once(consuming: Units, amqp_url: str, service: str) -> None:
    broken = enveloped(thing(1), consuming).model_copy(update={"data": {"version": 0}})
    await deliver(amqp_url, service, b"not JSON", broken, enveloped(thing(2), consuming))
    async with running(Consumer(consuming, amqp_url, service, {ThingChanged: note_effect}).run()):
        await eventually(lambda: has(consuming, 1))
        await eventually(lambda: waits(amqp_url, dead_queue(service), 2))
    letter = await take(amqp_url, dead_queue(service))
    assert letter is not None
    assert letter.body == b"not JSON"
    assert letter.headers["x-first-death-reason"] == "rejected"
    assert await effects(consuming) == [("T1", 2)]


async def test_an_event_of_a_type_nobody_here_waits_for_is_let_go(
    consuming: Units, amqp_url: str, service: str
) -> None:
    await deliver(amqp_url, service, enveloped(thing(1), consuming))
    async with running(Consumer(consuming, amqp_url, service, {}).run()):
        await eventually(lambda: waits(amqp_url, service, 0))
    assert await waiting_in(amqp_url, dead_queue(service)) == 0


async def test_an_event_that_fails_becomes_a_dead_letter_after_its_deliveries_and_the_others_go_on(
    consuming: Units, amqp_url: str, service: str
) -> None:
    attempts = []

    async def refuse_the_second(uow: UnitOfWork, event: ThingChanged) -> None:
        await note_effect(uow, event)
        if event.version == 2:
            attempts.append(asyncio.get_running_loop().time())
            raise ValueError("cannot be applied")

    before = counted("openitem_events_dead_lettered_total")
    await deliver(amqp_url, service, *(enveloped(thing(version), consuming) for version in (1, 2, 3)))
    consumer = Consumer(consuming, amqp_url, service, {ThingChanged: refuse_the_second}, retry_seconds=0.002)
    async with running(consumer.run()):
        await eventually(lambda: has(consuming, 2))
        await deliver(amqp_url, service, enveloped(thing(4), consuming))
        await eventually(lambda: waits(amqp_url, dead_queue(service), 1))
    assert await effects(consuming) == [("T1", 1), ("T1", 3), ("T1", 4)]
    # Each delivery is tried alone, and before that with the others where some wait beside it.
    assert DELIVERY_LIMIT + 1 <= len(attempts) <= 2 * (DELIVERY_LIMIT + 1)
    assert counted("openitem_events_dead_lettered_total") == before + 1
    pauses = [0.002 * 2**delivery for delivery in range(DELIVERY_LIMIT)]
    assert attempts[-1] - attempts[0] >= sum(pauses)


async def test_a_failure_that_passes_leaves_one_effect(consuming: Units, amqp_url: str, service: str) -> None:
    failures = iter([ValueError("not yet"), ValueError("not yet")])

    async def fail_twice(uow: UnitOfWork, event: ThingChanged) -> None:
        await note_effect(uow, event)
        uow.publish(event)
        if (failure := next(failures, None)) is not None:
            raise failure

    async with running(Consumer(consuming, amqp_url, service, {ThingChanged: fail_twice}, retry_seconds=0.01).run()):
        await deliver(amqp_url, service, enveloped(thing(1), consuming))
        await eventually(lambda: has(consuming, 1))
    assert await effects(consuming) == [("T1", 1)]
    async with consuming.engine.connect() as connection:
        assert len(await outbox.unpublished(connection, most=10)) == 1


async def test_an_outage_of_the_database_costs_no_delivery(consuming: Units, amqp_url: str, service: str) -> None:
    failures = counted("openitem_events_failed_total")
    async with line_to(database_url(consuming)) as (line, url):
        behind_line = Units.connect(url, source="consumer")
        async with running(
            Consumer(behind_line, amqp_url, service, {ThingChanged: note_effect}, retry_seconds=0.01).run()
        ):
            await deliver(amqp_url, service, enveloped(thing(1), consuming))
            await eventually(lambda: has(consuming, 1))
            line.cut()
            await deliver(amqp_url, service, *(enveloped(thing(version), consuming) for version in (2, 3)))
            calls = line.calls
            await eventually(lambda: _true(line.calls > calls + 2))
            assert await waiting_in(amqp_url, dead_queue(service)) == 0
            line.mend()
            await eventually(lambda: has(consuming, 3))
        await behind_line.close()
    assert await effects(consuming) == [("T1", 1), ("T1", 2), ("T1", 3)]
    assert await waiting_in(amqp_url, dead_queue(service)) == 0
    assert counted("openitem_events_failed_total") == failures


async def test_a_deadlock_is_tried_again_at_once(consuming: Units, amqp_url: str, service: str) -> None:
    raised: list[ThingChanged] = []
    failures = counted("openitem_events_failed_total")

    async def deadlock_first(uow: UnitOfWork, event: ThingChanged) -> None:
        await note_effect(uow, event)
        if len(raised) < 2:
            raised.append(event)
            await uow.session.execute(text("do $$ begin raise exception sqlstate '40P01'; end $$"))

    consumer = Consumer(consuming, amqp_url, service, {ThingChanged: deadlock_first})
    async with running(consumer.run()):
        await deliver(amqp_url, service, enveloped(thing(1), consuming))
        await eventually(lambda: has(consuming, 1))
    assert await effects(consuming) == [("T1", 1)]
    assert len(raised) == 2
    assert counted("openitem_events_failed_total") == failures


async def test_an_effect_carries_the_request_that_caused_its_event(
    consuming: Units, amqp_url: str, service: str
) -> None:
    async def publish_on(uow: UnitOfWork, event: ThingChanged) -> None:
        uow.publish(event)

    async with running(Consumer(consuming, amqp_url, service, {ThingChanged: publish_on}).run()):
        await deliver(amqp_url, service, enveloped(thing(1), consuming, correlation_id="req_1"))

        async def published() -> bool:
            async with consuming.engine.connect() as connection:
                events = await outbox.unpublished(connection, most=10)
                return [('"correlationid":"req_1"' in event.body) for event in events] == [True]

        await eventually(published)


async def test_a_consumer_comes_back_when_its_connection_is_cut(consuming: Units, amqp_url: str, service: str) -> None:
    async with line_to(amqp_url) as (line, url):
        consumer = Consumer(consuming, url, service, {ThingChanged: note_effect})
        async with running(consumer.run()):
            await deliver(amqp_url, service, enveloped(thing(1), consuming))
            await eventually(lambda: has(consuming, 1))
            line.cut()
            await eventually(lambda: _true(not consumer.ready))
            await deliver(amqp_url, service, enveloped(thing(2), consuming))
            line.mend()
            await eventually(lambda: has(consuming, 2))
            assert consumer.ready
    assert await effects(consuming) == [("T1", 1), ("T1", 2)]


async def test_a_message_in_hand_when_the_connection_is_cut_is_applied_once(
    consuming: Units, amqp_url: str, service: str
) -> None:
    at_work, go_on = asyncio.Event(), asyncio.Event()

    async def slow(uow: UnitOfWork, event: ThingChanged) -> None:
        await note_effect(uow, event)
        at_work.set()
        await go_on.wait()

    async with (
        line_to(amqp_url) as (line, url),
        running(Consumer(consuming, url, service, {ThingChanged: slow}).run()),
    ):
        await deliver(amqp_url, service, enveloped(thing(1), consuming))
        await at_work.wait()
        line.drop()
        go_on.set()
        await eventually(lambda: has(consuming, 1))
        await eventually(lambda: waits(amqp_url, service, 0))
    assert await effects(consuming) == [("T1", 1)]


async def test_a_consumer_comes_back_when_the_broker_cancels_it(consuming: Units, amqp_url: str, service: str) -> None:
    async with running(Consumer(consuming, amqp_url, service, {ThingChanged: note_effect}).run()):
        await deliver(amqp_url, service, enveloped(thing(1), consuming))
        await eventually(lambda: has(consuming, 1))
        await forget_service(amqp_url, service)

        async def delivered_again() -> bool:
            try:
                await deliver(amqp_url, service, enveloped(thing(2), consuming))
            except (AMQPError, AssertionError):
                return False
            return True

        await eventually(delivered_again)
        await eventually(lambda: has(consuming, 2))


async def test_a_database_without_an_inbox_ends_the_process_and_costs_no_message(
    fresh_database: str, consuming: Units, amqp_url: str, service: str
) -> None:
    not_migrated = Units.connect(fresh_database, source="consumer")
    await deliver(amqp_url, service, enveloped(thing(1), consuming))
    with pytest.raises(InboxFailedError):
        await Consumer(not_migrated, amqp_url, service, {ThingChanged: note_effect}).run()
    await not_migrated.close()
    await eventually(lambda: waits(amqp_url, service, 1))


async def test_who_wants_every_event_gets_each_as_its_envelope(consuming: Units, amqp_url: str, service: str) -> None:
    seen = []

    async def keep(_: UnitOfWork, envelope: object) -> None:
        seen.append(envelope)

    sent = enveloped(thing(1), consuming)
    async with running(Consumer(consuming, amqp_url, service, {}, every_event=keep).run()):
        await deliver(amqp_url, service, sent)
        await eventually(lambda: _true(len(seen) == 1))
    assert seen == [sent]


async def test_a_projection_is_a_handler_like_any_other(consuming: Units, amqp_url: str, service: str) -> None:
    async with running(Consumer(consuming, amqp_url, service, {ThingChanged: Projection(note_effect)}).run()):
        sent = enveloped(thing(1), consuming)
        await deliver(amqp_url, service, sent, sent)
        await eventually(lambda: waits(amqp_url, service, 0))
        await eventually(lambda: has(consuming, 1))
    assert await effects(consuming) == [("T1", 1)]


async def has(units: Units, count: int) -> bool:
    return len(await effects(units)) >= count


async def waits(amqp_url: str, queue: str, count: int) -> bool:
    return await waiting_in(amqp_url, queue) == count


async def _true(value: bool) -> bool:
    return value
