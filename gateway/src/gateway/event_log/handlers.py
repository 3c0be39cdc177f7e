"""Every public event goes into the log."""

from collections.abc import Sequence

from gateway.event_log import repository
from shared.broker import BatchProjection
from shared.events.envelope import Envelope
from shared.unit_of_work import UnitOfWork


async def on_events(uow: UnitOfWork, events: Sequence[Envelope]) -> None:
    """Write the events behind all others."""
    await repository.append(uow.session, events)


EVERY_EVENT = BatchProjection(on_events)
"""Takes all events that wait in one statement; a replay adds those that are missing."""
