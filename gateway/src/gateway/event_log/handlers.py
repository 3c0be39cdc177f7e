"""Every public event goes into the log."""

from shared.events.envelope import Envelope
from shared.unit_of_work import UnitOfWork

from gateway.event_log import repository


async def on_event(uow: UnitOfWork, event: Envelope) -> None:
    """Write the event behind all others."""
    await repository.append(uow.session, event)
