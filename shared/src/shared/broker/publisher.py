"""Publishes with confirms, pipelined: all messages are written in order, then their confirmations are awaited together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aio_pika import Message
from aio_pika.abc import AbstractExchange
from aio_pika.exceptions import DeliveryError
from aiormq.abc import DeliveredMessage

from shared.broker.connection import BROKER_ERRORS, BrokerLostError

CONFIRM_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the broker said to one message."""

    confirmed: bool
    routed: bool


_TAKEN = Receipt(confirmed=True, routed=True)
_UNROUTABLE = Receipt(confirmed=True, routed=False)
_REFUSED = Receipt(confirmed=False, routed=True)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes to one exchange on a confirming channel."""

    exchange: AbstractExchange

    async def publish(self, messages: Sequence[tuple[str, Message]]) -> list[Receipt]:
        """Publish (routing key, message) pairs in their order and return what the broker said to each."""
        sending = [asyncio.ensure_future(self._publish(key, message)) for key, message in messages]
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                return await asyncio.gather(*sending)
        except TimeoutError as error:
            raise BrokerLostError(f"no confirmation within {CONFIRM_SECONDS} s") from error
        finally:
            for task in sending:
                task.cancel()

    async def _publish(self, key: str, message: Message) -> Receipt:
        try:
            said = await self.exchange.publish(message, key, mandatory=True)
        except DeliveryError:
            return _REFUSED
        except BROKER_ERRORS as error:
            raise BrokerLostError(repr(error)) from error
        return _UNROUTABLE if isinstance(said, DeliveredMessage) else _TAKEN
