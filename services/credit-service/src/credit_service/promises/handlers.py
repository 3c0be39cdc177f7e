"""What the credit side does with the promises of collections-service."""

from collections.abc import Sequence

from credit_service.promises import use_cases
from shared.events.collections import PromiseEvent
from shared.unit_of_work import UnitOfWork


async def on_promises_changed(uow: UnitOfWork, events: Sequence[PromiseEvent]) -> None:
    """Take note of broken promises, and of those that are broken no more."""
    await use_cases.take_promises(uow, events)
