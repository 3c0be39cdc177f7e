"""Outbox drain: how fast the relay publishes a backlog with confirms and marks it."""

import asyncio
import time
from datetime import UTC, datetime

from sqlalchemy import text

from bench.report import Row
from bench.servers import postgres_with_commit_times
from shared import outbox
from shared.broker import Relay
from shared.broker.connection import open_channel
from shared.broker.topology import declare_queue
from shared.database import new_metadata
from shared.events.cashapp import ItemPosted, ItemPosting, ItemState
from shared.events.envelope import write
from shared.tables import add_shared_tables
from shared.unit_of_work import Units
from tests.support.servers import create_database, running_rabbitmq

EVENTS = 20_000
DRAIN_MIN = 2_000


def posted(number: int) -> ItemPosted:
    """Return an event of usual size."""
    item = ItemState(
        item_id=f"itm_{number}",
        number=f"RE-{number}",
        company_code="1000",
        kind="invoice",
        customer_id=f"C-{number % 500}",
        issue_date="2026-03-02",
        due_date="2026-04-01",
        amount="100.00",
        balance="100.00",
        currency="EUR",
        status="open",
    )
    posting = ItemPosting(posting_id=f"pst_{number}", posting_date="2026-03-02", kind="issue", amount="100.00")
    return ItemPosted(version=1, item=item, posting=posting)


async def run() -> list[Row]:
    """Fill an outbox and time the relay until the last event is marked."""
    with postgres_with_commit_times() as server, running_rabbitmq() as amqp_url:
        units = Units.connect(create_database(server, "drain"), source="cashapp-service")
        async with units.engine.begin() as connection:
            metadata = new_metadata()
            add_shared_tables(metadata)
            await connection.run_sync(metadata.create_all)
        await _fill(units)
        async with open_channel(amqp_url, "bench") as channel:
            await declare_queue(channel, "bench-consumer", ["item.*"])
        seconds = await _drain(units, amqp_url)
        await units.close()
    rate = EVENTS / seconds
    return [
        Row(
            "Outbox drain",
            f"≥ {DRAIN_MIN:,} events/s",
            f"{rate:,.0f} events/s",
            rate >= DRAIN_MIN,
            f"{EVENTS:,} events to one quorum queue, confirmed and marked",
        )
    ]


async def _fill(units: Units) -> None:
    at = datetime.now(UTC)
    async with units.begin() as uow:
        events = [
            write(posted(number), source="cashapp-service", at=at, correlation_id=None) for number in range(EVENTS)
        ]
        await outbox.append(uow.session, events)


async def _drain(units: Units, amqp_url: str) -> float:
    started = time.perf_counter()
    relay = asyncio.create_task(Relay(units, amqp_url).run())
    waiting = EVENTS
    while waiting:
        await asyncio.sleep(0.05)
        async with units.read() as session:
            waiting = int(await session.scalar(text("select count(*) from outbox where published_at is null")) or 0)
        if relay.done():
            relay.result()
    seconds = time.perf_counter() - started
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)
    return seconds
