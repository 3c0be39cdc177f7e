"""Sends messages again: dead letters after their cause is mended, and a service's history to one consumer.

The one thing to know: a replay of history respects the inbox, so it fills gaps and changes nothing else. To rebuild a
projection whose rows were emptied, replay with `rebuild`: handlers marked `Projection` then apply the event although the
inbox knows it, guarded by version and posting; all other handlers, which might do a deed twice, still skip it.
"""

from datetime import UTC, datetime

import structlog
from aio_pika import Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, HeadersType

from shared import outbox
from shared.broker import topology
from shared.broker.connection import open_channel
from shared.broker.consumer import REBUILD, REPLAY_HEADER
from shared.broker.publisher import Publisher
from shared.errors import ConflictError, NotFoundError
from shared.unit_of_work import Units

log = structlog.get_logger(__name__)

BATCH = 500
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


class ConsumerUnknownError(NotFoundError):
    """No consumer of that name has declared its queue."""

    code = "consumer_unknown"


class ReplayRefusedError(ConflictError):
    """The broker did not take a message; what was sent before it is with the consumer."""

    code = "replay_refused"


async def replay_dead_letters(amqp_url: str, service: str, limit: int | None = None) -> int:
    """Move dead letters of `service` back to its queue, at most `limit`, and return how many.

    Only those that are there at the beginning are moved, so one that dies again is not moved for ever.
    """
    async with open_channel(amqp_url, f"{service} replay") as channel:
        await _expect(channel, service)
        letters = await channel.declare_queue(topology.dead_queue(service), passive=True)
        waiting = letters.declaration_result.message_count or 0
        publisher = Publisher(channel.default_exchange)
        moved = 0
        while moved < min(waiting, limit if limit is not None else waiting):
            letter = await letters.get(fail=False)
            if letter is None:
                break
            await _send(publisher, service, [_revived(letter)])
            await letter.ack()
            moved += 1
    log.info("replay.dead_letters", service=service, moved=moved)
    return moved


async def replay_history(
    source: Units, amqp_url: str, consumer: str, since: datetime = BEGINNING, *, rebuild: bool = False
) -> int:
    """Send the events of `source` from `since` on to the queue of `consumer` alone, in order; return how many."""
    headers: HeadersType | None = {REPLAY_HEADER: REBUILD} if rebuild else None
    position = sent = 0
    async with open_channel(amqp_url, f"{consumer} replay") as channel:
        await _expect(channel, consumer)
        publisher = Publisher(channel.default_exchange)
        while True:
            async with source.engine.connect() as connection:
                events = await outbox.history(connection, after=position, since=since, most=BATCH)
            if not events:
                break
            messages = [topology.message(event.event_id, event.type, event.body.encode(), headers) for event in events]
            await _send(publisher, consumer, messages)
            position = events[-1].position
            sent += len(events)
    log.info("replay.history", source=source.source, consumer=consumer, sent=sent, rebuild=rebuild)
    return sent


async def _expect(channel: AbstractChannel, service: str) -> None:
    if not await topology.is_declared(channel, service):
        raise ConsumerUnknownError(f"{service} has no queue on this broker; start it once before a replay.")


async def _send(publisher: Publisher, queue: str, messages: list[Message]) -> None:
    receipts = await publisher.publish([(queue, message) for message in messages])
    if not all(receipt.confirmed and receipt.routed for receipt in receipts):
        raise ReplayRefusedError(f"The broker did not take every message for {queue}; run the replay again.")


def _revived(letter: AbstractIncomingMessage) -> Message:
    """The message as it was first sent: without what the broker noted about its deaths."""
    headers: HeadersType | None = {REPLAY_HEADER: REBUILD} if letter.headers.get(REPLAY_HEADER) == REBUILD else None
    return topology.message(letter.message_id or "", letter.type or "", letter.body, headers)
