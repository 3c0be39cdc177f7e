"""What is heard of items."""

from shared.events.cashapp import ItemEvent
from shared.unit_of_work import UnitOfWork

from dispute_service.disputes import use_cases


async def on_item_changed(uow: UnitOfWork, event: ItemEvent) -> None:
    """Reckon the cases of an item that was posted, updated or cleared."""
    await use_cases.settle_item(uow, event)
