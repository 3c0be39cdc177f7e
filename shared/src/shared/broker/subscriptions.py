"""Who consumes what: an event class and its one handler, as each service declares them in its `subscriptions.py`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.broker.topology import EVERY_TYPE
from shared.events.envelope import Envelope, EventData
from shared.unit_of_work import UnitOfWork

Handler = Callable[[UnitOfWork, Any], Awaitable[None]]
"""Applies one event, given as its event class, in the unit of work that also records it in the inbox."""
EnvelopeHandler = Callable[[UnitOfWork, Envelope], Awaitable[None]]
Subscriptions = Mapping[type[EventData], Handler]


@dataclass(frozen=True, slots=True)
class Projection:
    """Marks a handler that keeps a projection: it applies a state only if newer and a posting only once.

    Only such a handler is given known events again when history is replayed to rebuild; any other might do a deed twice.
    """

    handler: Handler

    async def __call__(self, uow: UnitOfWork, event: Any) -> None:
        """Apply one event."""
        await self.handler(uow, event)


@dataclass(frozen=True, slots=True)
class PreparedEvent:
    """An event that was understood: its envelope and the handler waiting for a unit of work."""

    envelope: Envelope
    apply: Callable[[UnitOfWork], Awaitable[None]]
    rebuilds: bool


class Routing:
    """Finds what is done with an event."""

    def __init__(self, subscriptions: Subscriptions, every_event: EnvelopeHandler | None = None) -> None:
        self._models = {model.type: (model, handler) for model, handler in subscriptions.items()}
        self._every_event = every_event

    @property
    def binding_keys(self) -> list[str]:
        """The routing keys to bind the queue to."""
        return [EVERY_TYPE] if self._every_event else sorted(self._models)

    def prepare(self, body: bytes) -> PreparedEvent | None:
        """Read a message; None where nobody here waits for its type. Raises pydantic's error for what is no event."""
        envelope = Envelope.model_validate_json(body)
        if self._every_event is not None:
            every_event = self._every_event
            rebuilds = isinstance(every_event, Projection)
            return PreparedEvent(envelope, lambda uow: every_event(uow, envelope), rebuilds)
        if envelope.type not in self._models:
            return None
        model, handler = self._models[envelope.type]
        event = model.model_validate(envelope.data)
        return PreparedEvent(envelope, lambda uow: handler(uow, event), isinstance(handler, Projection))
