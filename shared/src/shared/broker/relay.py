"""The relay: publishes the outbox with confirms, in the order of its positions, and marks what the broker confirmed.

The one thing to know: one relay per database works at a time, held together by a PostgreSQL session lock on the very
connection that reads and marks the outbox, so a relay that lost its database publishes no more. The outbox is polled:
LISTEN/NOTIFY would take a lock that is global to the server in each committing transaction, in the busiest path we have.
"""

import asyncio
from collections.abc import Sequence

import structlog
from aio_pika.abc import AbstractChannel
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import metrics, outbox
from shared.broker import topology
from shared.broker.connection import open_channel, pauses, supervise
from shared.broker.publisher import Publisher
from shared.database import advisory_lock, is_unreachable
from shared.unit_of_work import Units

log = structlog.get_logger(__name__)

LOCK = "outbox.relay"
BATCH = 500
POLL_SECONDS = 0.05
STANDBY_SECONDS = 0.5
BACKLOG_SECONDS = 5.0


class Relay:
    """Publishes one service's outbox. Any number may run; one works, the others stand by.

    `awaits` names the consumers without whose queues nothing is published yet: what is published before
    a queue exists never reaches it.
    """

    def __init__(self, units: Units, amqp_url: str, *, awaits: Sequence[str] = ()) -> None:
        self._units = units
        self._amqp_url = amqp_url
        self._awaits = awaits
        self.ready = False

    async def run(self) -> None:
        """Relay until cancelled. Broker and database are waited for when they are away."""
        await supervise(self._amqp_url, self._name, self._work)

    @property
    def _name(self) -> str:
        return f"{self._units.source} relay"

    async def _work(self, channel: AbstractChannel) -> None:
        publisher = Publisher(await topology.declare_exchange(channel))
        await self._await_consumers()
        pause = pauses()
        self.ready = True
        try:
            while True:
                try:
                    await self._publish_while_locked(publisher)
                    pause = pauses()
                    await asyncio.sleep(STANDBY_SECONDS)
                except Exception as error:
                    if not is_unreachable(error):
                        raise
                    log.warning("relay.database_unreachable", error=str(error))
                    await asyncio.sleep(next(pause))
        finally:
            self.ready = False

    async def _await_consumers(self) -> None:
        missing, told = list(self._awaits), ""
        while missing:
            async with open_channel(self._amqp_url, f"{self._name} check") as channel:
                while missing and await topology.is_declared(channel, missing[0]):
                    missing.pop(0)
            if missing and missing[0] != told:
                told = missing[0]
                log.info("relay.waiting_for_queue", consumer=told)
            await asyncio.sleep(STANDBY_SECONDS if missing else 0)

    async def _publish_while_locked(self, publisher: Publisher) -> None:
        async with advisory_lock(self._units.engine, LOCK) as database:
            if database is None:
                return
            log.info("relay.took_over")
            pause = pauses()
            counted_at = 0.0
            while True:
                waiting = await outbox.unpublished(database, most=BATCH)
                if asyncio.get_running_loop().time() - counted_at > BACKLOG_SECONDS:
                    metrics.OUTBOX_BACKLOG.set(await outbox.backlog(database))
                    counted_at = asyncio.get_running_loop().time()
                if not await self._publish(database, publisher, waiting):
                    await asyncio.sleep(next(pause))
                    continue
                pause = pauses()
                if len(waiting) < BATCH:
                    await asyncio.sleep(POLL_SECONDS)

    async def _publish(
        self, database: AsyncConnection, publisher: Publisher, waiting: Sequence[outbox.Unpublished]
    ) -> bool:
        """Publish and mark; tell whether the broker took all of them. What it refused comes again."""
        if not waiting:
            return True
        receipts = await publisher.publish(
            [(event.type, topology.message(event.event_id, event.type, event.body.encode())) for event in waiting]
        )
        confirmed = []
        for event, receipt in zip(waiting, receipts, strict=True):
            if not receipt.confirmed:
                log.warning("relay.refused", event_id=event.event_id, type=event.type)
                continue
            confirmed.append(event.position)
            metrics.EVENTS_PUBLISHED.labels(event.type).inc()
            if not receipt.routed:
                metrics.EVENTS_UNROUTABLE.labels(event.type).inc()
                log.info("relay.unroutable", event_id=event.event_id, type=event.type)
        await outbox.mark_published(database, confirmed, self._units.clock.now())
        return len(confirmed) == len(waiting)
