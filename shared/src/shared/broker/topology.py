"""What is declared on the broker, by whoever comes first. It works alike on RabbitMQ 3.10 and 4.

    openitem.events  topic, durable ── binding per event type ──►  <service>       quorum queue, one per consuming service
    openitem.dead    direct, durable ── the service's name ─────►  <service>.dead  quorum queue, its dead letters

The one thing to know: events that nobody is bound to are published with `mandatory` and come back; the relay counts them and
goes on, and the outbox keeps them for a replay. An alternate exchange would say the same, but it is an argument of
`openitem.events`, and an integrator who declares the exchange, as many libraries do, would be refused for not giving it.
"""

from collections.abc import Iterable

from aio_pika import DeliveryMode, ExchangeType, Message
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue, HeadersType
from aio_pika.exceptions import ChannelNotFoundEntity

from shared.events.envelope import EXCHANGE

DEAD_EXCHANGE = "openitem.dead"
CONTENT_TYPE = "application/cloudevents+json"
EVERY_TYPE = "#"
CONSUMERS = ("credit-service", "cashapp-service", "dispute-service", "collections-service", "gateway")
"""Who consumes events. A relay waits for their queues, so that a first start in any order loses none."""

DELIVERY_LIMIT = 8
"""How often a message comes again before it is a dead letter."""
_NO_LIMIT = 1_000_000
"""RabbitMQ 4 drops what came more than 20 times from a queue without a limit of its own; 3.10 refuses -1."""


def dead_queue(service: str) -> str:
    """Return the name of a service's queue of dead letters."""
    return f"{service}.dead"


async def declare_exchange(channel: AbstractChannel) -> AbstractExchange:
    """Declare the exchange of all public events."""
    return await channel.declare_exchange(EXCHANGE, ExchangeType.TOPIC, durable=True)


async def declare_queue(channel: AbstractChannel, service: str, binding_keys: Iterable[str]) -> AbstractQueue:
    """Declare a service's queue with its bindings, then its dead letters, so that these show that all is there."""
    exchange = await declare_exchange(channel)
    dead = await channel.declare_exchange(DEAD_EXCHANGE, ExchangeType.DIRECT, durable=True)
    queue = await channel.declare_queue(
        service,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD_EXCHANGE,
            "x-dead-letter-routing-key": service,
            # A dead letter leaves the queue only when the other has it; this needs an overflow that rejects.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )
    for key in binding_keys:
        await queue.bind(exchange, key)
    letters = await channel.declare_queue(
        dead_queue(service),
        durable=True,
        arguments={"x-queue-type": "quorum", "x-delivery-limit": _NO_LIMIT},
    )
    await letters.bind(dead, service)
    return queue


async def is_declared(channel: AbstractChannel, service: str) -> bool:
    """Tell whether the service has declared its queues. A refusal closes the channel, so ask on one of its own."""
    try:
        await channel.declare_queue(dead_queue(service), passive=True)
    except ChannelNotFoundEntity:
        return False
    return True


def message(event_id: str, type_: str, body: bytes, headers: HeadersType | None = None) -> Message:
    """Return an event as an AMQP message that survives a restart of the broker."""
    return Message(
        body,
        message_id=event_id,
        type=type_,
        content_type=CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
        headers=headers,
    )
