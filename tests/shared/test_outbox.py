"""Unit of work and outbox on the real database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from sqlalchemy import text

from shared import outbox
from shared.days import StoppedClock
from shared.events.envelope import Envelope
from shared.unit_of_work import Units
from tests.support.messaging import database_url, publish, thing

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


async def waiting(units: Units, most: int = 100) -> list[outbox.Unpublished]:
    async with units.engine.connect() as connection:
        return await outbox.unpublished(connection, most=most)


async def test_events_are_committed_with_the_change_in_the_order_of_their_publication(units: Units) -> None:
    await publish(units, thing(1), thing(2))
    await publish(units, thing(3))
    envelopes = [Envelope.model_validate_json(event.body) for event in await waiting(units)]
    assert [envelope.data["version"] for envelope in envelopes] == [1, 2, 3]


async def test_a_transaction_that_fails_leaves_no_event(units: Units) -> None:
    async def publish_and_fail() -> None:
        async with units.begin() as uow:
            uow.publish(thing(1))
            raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        await publish_and_fail()
    assert await waiting(units) == []


async def test_a_transaction_cut_short_leaves_no_event(units: Units) -> None:
    began = asyncio.Event()

    async def publish_slowly() -> None:
        async with units.begin() as uow:
            uow.publish(thing(1))
            began.set()
            await uow.session.execute(text("select pg_sleep(10)"))

    task = asyncio.create_task(publish_slowly())
    await began.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await waiting(units) == []


async def test_an_event_is_a_cloudevent_of_its_service_its_instant_and_its_request(units: Units) -> None:
    stopped = Units.connect(database_url(units), source="credit-service", clock=StoppedClock(NOON))
    with structlog.contextvars.bound_contextvars(request_id="req_7"):
        await publish(stopped, thing(4, "T9"))
    await stopped.close()
    (event,) = await waiting(units)
    envelope = Envelope.model_validate_json(event.body)
    assert envelope.model_dump(exclude={"id"}, exclude_none=True) == {
        "specversion": "1.0",
        "source": "credit-service",
        "type": "thing.changed",
        "subject": "T9",
        "time": NOON,
        "datacontenttype": "application/json",
        "dataschema": "/schemas/thing.changed.v1.json",
        "correlationid": "req_7",
        "data": {"version": 4, "thing_id": "T9", "note": ""},
    }


async def test_only_what_is_marked_waits_no_more(units: Units) -> None:
    await publish(units, thing(1), thing(2), thing(3))
    first, second, third = await waiting(units)
    async with units.engine.begin() as connection:
        await outbox.mark_published(connection, [first.position, third.position], NOON)
    assert await waiting(units) == [second]
    async with units.engine.connect() as connection:
        assert await outbox.backlog(connection) == 1


async def test_the_oldest_wait_in_front(units: Units) -> None:
    await publish(units, *(thing(version) for version in range(1, 6)))
    assert [event.position for event in await waiting(units, most=2)] == sorted(
        event.position for event in await waiting(units)
    )[:2]


async def test_history_holds_what_is_published_too_page_by_page(units: Units) -> None:
    await publish(units, thing(1), thing(2), thing(3))
    positions = [event.position for event in await waiting(units)]
    async with units.engine.begin() as connection:
        await outbox.mark_published(connection, positions, NOON)
        first = await outbox.history(connection, after=0, since=BEGINNING, most=2)
        rest = await outbox.history(connection, after=first[-1].position, since=BEGINNING, most=2)
        later = await outbox.history(connection, after=0, since=datetime.now(UTC) + timedelta(hours=1), most=2)
    assert [event.position for event in (*first, *rest)] == positions
    assert later == []
