"""The consumer of one service: takes waiting messages in order, applies them in one transaction, then acknowledges.

The one thing to know: the inbox is written in the transaction that applies an event, and the acknowledgement follows the
commit. So a message may come again, and then changes nothing. What fails is tried alone, then given back after a growing
pause until the queue's delivery limit makes it a dead letter; the others go on meanwhile. A database that is away is waited
for with the messages in hand, so an outage costs no delivery.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from shared import inbox, metrics
from shared.broker.connection import BROKER_ERRORS, pauses, supervise
from shared.broker.subscriptions import EnvelopeHandler, PreparedEvent, Routing, Subscriptions, apply
from shared.broker.topology import DELIVERY_LIMIT, declare_queue
from shared.database import is_contended, is_unreachable
from shared.unit_of_work import UnitOfWork, Units

log = structlog.get_logger(__name__)

BATCH = 100
GATHER_SECONDS = 0.02
"""How long what follows a message is waited for while they come thick and fast: a transaction costs more than an event in it."""
CONTENTION_ATTEMPTS = 5
RETRY_SECONDS = 0.1
RETRY_SECONDS_MAX = 5.0
REPLAY_HEADER = "x-openitem-replay"
REBUILD = "rebuild"
"""Value of the header that has projections apply an event again although the inbox knows it."""


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """A message in hand and the event it carries."""

    message: AbstractIncomingMessage
    event: PreparedEvent

    @property
    def id(self) -> str:
        """The event's id."""
        return self.event.envelope.id

    @property
    def type(self) -> str:
        """The event's type."""
        return self.event.envelope.type

    @property
    def attempts_before(self) -> int:
        """How often the broker delivered it before."""
        count = self.message.headers.get("x-delivery-count", 0)
        return count if isinstance(count, int) else 0

    @property
    def rebuilds(self) -> bool:
        """Whether it is applied even if the inbox knows it."""
        return self.event.rebuilds and self.message.headers.get(REPLAY_HEADER) == REBUILD


class InboxFailedError(Exception):
    """The inbox itself cannot be written: the database is not migrated, or not ours. No message is to blame for it."""


class Consumer:
    """Consumes one service's queue. Any number may run on it."""

    def __init__(
        self,
        units: Units,
        amqp_url: str,
        service: str,
        subscriptions: Subscriptions,
        *,
        every_event: EnvelopeHandler | None = None,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._units = units
        self._amqp_url = amqp_url
        self._service = service
        self._routing = Routing(subscriptions, every_event)
        self._retry_seconds = retry_seconds
        self._returns: set[asyncio.Task[None]] = set()
        self._busy = False
        self.ready = False

    async def run(self) -> None:
        """Consume until cancelled. Broker and database are waited for when they are away."""
        await supervise(self._amqp_url, f"{self._service} consumer", self._work)

    async def _work(self, channel: AbstractChannel) -> None:
        queue = await declare_queue(channel, self._service, self._routing.binding_keys)
        waiting: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await queue.consume(waiting.put)
        self.ready = True
        try:
            while True:
                await self._settle(await self._take(waiting))
        finally:
            self.ready = False
            for task in self._returns:
                task.cancel()

    async def _take(self, waiting: "asyncio.Queue[AbstractIncomingMessage]") -> list[Delivery]:
        """Wait for a message, take what waits behind it, and keep what is for us.

        Where the batch before was of several, others are on their way behind this one too; one that comes alone never waits.
        """
        messages = [await waiting.get()]
        if self._busy and waiting.qsize() < BATCH:
            await asyncio.sleep(GATHER_SECONDS)
        while len(messages) < BATCH and not waiting.empty():
            messages.append(waiting.get_nowait())
        self._busy = len(messages) > 1
        deliveries = []
        for message in messages:
            delivery = await self._read(message)
            if delivery is not None:
                deliveries.append(delivery)
        return deliveries

    async def _read(self, message: AbstractIncomingMessage) -> Delivery | None:
        try:
            event = self._routing.prepare(message.body)
        except ValidationError as error:
            # What cannot be read now cannot be read the next time either.
            log.error("event.unreadable", message_id=message.message_id, type=message.type, error=str(error))
            metrics.EVENTS_DEAD_LETTERED.labels("unreadable").inc()
            await message.reject(requeue=False)
            return None
        if event is None:
            await message.ack()
            return None
        return Delivery(message, event)

    async def _settle(self, batch: Sequence[Delivery]) -> None:
        """Apply `batch` and acknowledge it; if that fails, each message alone."""
        if not batch:
            return
        try:
            await self._apply_patiently(batch)
        except InboxFailedError:
            raise
        except Exception as error:
            if len(batch) == 1:
                self._refuse(batch[0], error)
                return
            log.info("consumer.batch_failed", events=len(batch), error=repr(error))
            for delivery in batch:
                await self._settle([delivery])
            return
        await self._acknowledge(batch)

    async def _acknowledge(self, batch: Sequence[Delivery]) -> None:
        """Acknowledge what was applied: in one go where nothing that came before is still in hand, since the broker then
        writes one entry to the queue's log and not one for each message.
        """
        if self._returns:
            for delivery in batch:
                await delivery.message.ack()
        else:
            await batch[-1].message.ack(multiple=True)

    async def _apply_patiently(self, batch: Sequence[Delivery]) -> None:
        """Apply `batch`, again and again while the database is away, and at once where another was in the way."""
        pause = pauses()
        contended = 0
        while True:
            try:
                return await self._apply(batch)
            except Exception as error:
                if is_unreachable(error):
                    log.warning("consumer.database_unreachable", error=str(error))
                    await asyncio.sleep(next(pause))
                elif is_contended(error) and contended < CONTENTION_ATTEMPTS:
                    contended += 1
                else:
                    raise

    async def _apply(self, batch: Sequence[Delivery]) -> None:
        applied: list[Delivery] = []
        async with self._units.begin() as uow:
            fresh = await self._record(uow, batch)
            for delivery in batch:
                if delivery.id in fresh or delivery.rebuilds:
                    fresh.discard(delivery.id)
                    applied.append(delivery)
            await apply(uow, [delivery.event for delivery in applied])
        self._count(batch, set(applied))

    async def _record(self, uow: UnitOfWork, batch: Sequence[Delivery]) -> set[str]:
        try:
            return await inbox.record(uow.session, [(delivery.id, delivery.type) for delivery in batch])
        except DBAPIError as error:
            if is_unreachable(error) or is_contended(error):
                raise
            raise InboxFailedError(str(error)) from error

    def _count(self, batch: Sequence[Delivery], applied: Collection[Delivery]) -> None:
        now = self._units.clock.now()
        for delivery in batch:
            if delivery not in applied:
                metrics.EVENTS_DUPLICATE.labels(delivery.type).inc()
                continue
            metrics.EVENTS_CONSUMED.labels(delivery.type).inc()
            metrics.EVENT_LAG.observe(max(0.0, (now - delivery.event.envelope.time).total_seconds()))

    def _refuse(self, delivery: Delivery, error: Exception) -> None:
        """Give a failed message back after a pause, so that the next attempt comes later and the others do not wait."""
        last = delivery.attempts_before >= DELIVERY_LIMIT
        metrics.EVENTS_FAILED.labels(delivery.type).inc()
        if last:
            metrics.EVENTS_DEAD_LETTERED.labels(delivery.type).inc()
        log.error(
            "event.dead_lettered" if last else "event.failed",
            event_id=delivery.id,
            event_type=delivery.type,
            request_id=delivery.event.envelope.correlationid,
            attempts_before=delivery.attempts_before,
            exc_info=error,
        )
        pause = min(self._retry_seconds * 2**delivery.attempts_before, RETRY_SECONDS_MAX)
        task = asyncio.create_task(self._give_back(delivery, pause))
        self._returns.add(task)
        task.add_done_callback(self._returns.discard)

    async def _give_back(self, delivery: Delivery, pause: float) -> None:
        await asyncio.sleep(pause)
        with suppress(*BROKER_ERRORS):  # A channel that is lost has given the message back already.
            await delivery.message.nack(requeue=True)
