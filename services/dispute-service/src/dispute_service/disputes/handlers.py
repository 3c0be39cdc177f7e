"""What is heard of items."""

from collections.abc import Sequence

from shared.events.cashapp import ItemEvent
from shared.unit_of_work import UnitOfWork

from dispute_service.disputes import use_cases


async def on_items_changed(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Reckon the cases of items that were posted, updated or cleared."""
    await use_cases.settle_items(uow, events)
