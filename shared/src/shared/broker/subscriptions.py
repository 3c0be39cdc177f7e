"""Who consumes what: an event class and its one handler, as each service declares them in its `subscriptions.py`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from structlog.contextvars import bound_contextvars

from shared.broker.topology import EVERY_TYPE
from shared.events.envelope import Envelope, EventData
from shared.unit_of_work import UnitOfWork

Handler = Callable[[UnitOfWork, Any], Awaitable[None]]
"""Applies one event, given as its event class, in the unit of work that also records it in the inbox."""
EnvelopeHandler = Callable[[UnitOfWork, Envelope], Awaitable[None]]
BatchHandler = Callable[[UnitOfWork, Sequence[Any]], Awaitable[None]]
"""Applies events of one or several classes, in the order in which they came, in one unit of work."""
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
class BatchProjection:
    """Marks a handler that keeps a projection and takes all its events of a batch together, in set-based statements.

    Its events are then applied apart from those of other handlers, which a projection allows: it converges in any order.
    """

    handler: BatchHandler

    async def __call__(self, uow: UnitOfWork, event: Any) -> None:
        """Apply one event."""
        await self.handler(uow, [event])


def together(*handlers: BatchHandler) -> BatchProjection:
    """Return the projection of several capabilities that want the same events: each gets them all, in the order given."""

    async def apply_each(uow: UnitOfWork, events: Sequence[Any]) -> None:
        for handler in handlers:
            await handler(uow, events)

    return BatchProjection(apply_each)


@dataclass(frozen=True, slots=True)
class PreparedEvent:
    """An event that was understood: its envelope, its data and who applies it."""

    envelope: Envelope
    event: Any
    handler: Handler

    @property
    def rebuilds(self) -> bool:
        """Whether it may be applied again to rebuild a projection."""
        return isinstance(self.handler, Projection | BatchProjection)


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
            return PreparedEvent(envelope, envelope, self._every_event)
        if envelope.type not in self._models:
            return None
        model, handler = self._models[envelope.type]
        return PreparedEvent(envelope, model.model_validate(envelope.data), handler)


async def apply(uow: UnitOfWork, events: Sequence[PreparedEvent]) -> None:
    """Apply events in their order, those of a batch handler together where the first of them stands."""
    gathered: dict[int, list[PreparedEvent]] = {}
    turns: list[list[PreparedEvent]] = []
    for prepared in events:
        if not isinstance(prepared.handler, BatchProjection):
            turns.append([prepared])
        elif id(prepared.handler) in gathered:
            gathered[id(prepared.handler)].append(prepared)
        else:
            gathered[id(prepared.handler)] = [prepared]
            turns.append(gathered[id(prepared.handler)])
    for turn in turns:
        await _apply_turn(uow, turn)


async def _apply_turn(uow: UnitOfWork, turn: Sequence[PreparedEvent]) -> None:
    """Apply events of one handler; what it logs and publishes carries the request of the first."""
    first = turn[0]
    handler = first.handler
    with bound_contextvars(
        event_id=first.envelope.id, event_type=first.envelope.type, request_id=first.envelope.correlationid
    ):
        if isinstance(handler, BatchProjection):
            await handler.handler(uow, [prepared.event for prepared in turn])
        else:
            await handler(uow, first.event)
