"""What payment behaviour learns from the events of cashapp-service."""

from collections.abc import Sequence

from credit_service.payment_behaviour import use_cases
from shared.events.cashapp import ItemEvent
from shared.unit_of_work import UnitOfWork


async def on_items_changed(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Note when items are due and were settled."""
    await use_cases.take_items(uow, events)
