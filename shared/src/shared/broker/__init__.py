"""RabbitMQ: who is connected, what is declared, how events are published, consumed and sent again.

What a service needs of it for its `subscriptions.py`: `Handler`, `Subscriptions`, `Projection`, `BatchProjection` and `together`.
`shared.worker` does the rest.
"""

from shared.broker.consumer import Consumer
from shared.broker.relay import Relay
from shared.broker.subscriptions import (
    BatchProjection,
    EnvelopeHandler,
    Handler,
    Projection,
    Subscriptions,
    together,
)

__all__ = [
    "BatchProjection",
    "Consumer",
    "EnvelopeHandler",
    "Handler",
    "Projection",
    "Relay",
    "Subscriptions",
    "together",
]
