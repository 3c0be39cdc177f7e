"""What is heard of items."""

from collections.abc import Sequence

from dispute_service.disputes import use_cases
from shared.events.cashapp import ItemEvent
from shared.unit_of_work import UnitOfWork


async def on_items_changed(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Reckon the cases of items that were posted, updated or cleared."""
    await use_cases.settle_items(uow, events)
