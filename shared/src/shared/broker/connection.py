"""One supervised channel to RabbitMQ: on any loss everything is rebuilt, consumers included.

The one thing to know: aio-pika's plain connection is used, never its robust one. Whatever ends (connection, channel, or a
consumer that the broker cancels), the work is cancelled and started again on a new connection, topology first.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from aio_pika.abc import AbstractChannel
from aio_pika.connection import Connection, make_url
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 5
HEARTBEAT_SECONDS = 10
CLOSE_SECONDS = 1
STABLE_SECONDS = 10
"""A connection that held this long was a good one: the next loss starts again with the shortest pause."""
PREFETCH = 200

Work = Callable[[AbstractChannel], Awaitable[None]]


class BrokerLostError(Exception):
    """The broker is away, or does not answer as it must; the work starts again on a new connection."""


BROKER_ERRORS = (BrokerLostError, AMQPError, ChannelInvalidStateError, OSError, TimeoutError)


def pauses(shortest: float = 0.2, longest: float = 5.0) -> Iterator[float]:
    """Yield growing pauses in seconds, with jitter so that many processes do not come back in step."""
    pause = shortest
    while True:
        yield pause * random.uniform(0.5, 1.0)
        pause = min(pause * 2, longest)


@asynccontextmanager
async def open_channel(amqp_url: str, name: str) -> AsyncIterator[AbstractChannel]:
    """Open a connection named `name` with one confirming channel, and close both at the end."""
    # Made here and not by `aio_pika.connect`, which drops one that could not connect without closing it.
    connection = Connection(
        make_url(amqp_url, heartbeat=HEARTBEAT_SECONDS), client_properties={"connection_name": name}
    )
    try:
        await connection.connect(timeout=CONNECT_SECONDS)
        async with asyncio.timeout(CONNECT_SECONDS):
            channel = await connection.channel(publisher_confirms=True, on_return_raises=False)
            await channel.set_qos(prefetch_count=PREFETCH)
        yield channel
    finally:
        # A broker that is gone cannot answer the closing handshake, and what it did not answer it will notice.
        await asyncio.wait([asyncio.ensure_future(connection.close())], timeout=CLOSE_SECONDS)


async def supervise(amqp_url: str, name: str, work: Work) -> None:
    """Run `work` on a channel, again and again on a new one whenever the broker is lost, until cancelled."""
    loop = asyncio.get_running_loop()
    pause = pauses()
    while True:
        began = loop.time()
        try:
            async with open_channel(amqp_url, name) as channel:
                await _while_open(channel, work)
        except BROKER_ERRORS as error:
            log.warning("broker.lost", connection=name, error=repr(error))
        if loop.time() - began > STABLE_SECONDS:
            pause = pauses()
        await asyncio.sleep(next(pause))


async def _while_open(channel: AbstractChannel, work: Work) -> None:
    lost: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()

    def note_loss(reason: BaseException | None) -> None:
        if not lost.done():
            lost.set_result(reason)

    def on_close(_: Any, reason: BaseException | None) -> None:
        note_loss(reason)

    def on_cancel(_: Any) -> None:
        note_loss(BrokerLostError("the broker cancelled the consumer"))

    channel.close_callbacks.add(on_close)
    (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(on_cancel)
    task = asyncio.ensure_future(work(channel))
    either: set[asyncio.Future[Any]] = {task, lost}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise BrokerLostError(repr(lost.result()))
    finally:
        await _cancelled(task)


async def _cancelled(task: "asyncio.Future[None]") -> None:
    """Cancel `task` and wait for its end. A fault of its own that is none of the broker's is not lost."""
    if task.done():
        return
    task.cancel()
    try:
        await task
    except (asyncio.CancelledError, *BROKER_ERRORS):
        return
