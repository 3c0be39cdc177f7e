"""RabbitMQ: who is connected, what is declared, how events are published, consumed and sent again.

What a service needs of it: `Handler`, `Subscriptions` and `Projection` for its `subscriptions.py`; `shared.worker` does the rest.
"""

from shared.broker.consumer import Consumer
from shared.broker.relay import Relay
from shared.broker.subscriptions import EnvelopeHandler, Handler, Projection, Subscriptions

__all__ = ["Consumer", "EnvelopeHandler", "Handler", "Projection", "Relay", "Subscriptions"]
