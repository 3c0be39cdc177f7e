"""What the credit side does with dunning notices, and with the items they were about."""

from collections.abc import Sequence

from credit_service.dunning import use_cases
from shared.events.cashapp import ItemEvent
from shared.events.collections import DunningSent
from shared.unit_of_work import UnitOfWork


async def on_dunning_sent(uow: UnitOfWork, events: Sequence[DunningSent]) -> None:
    """Take note of how far customers are dunned."""
    await use_cases.take_notices(uow, events)


async def on_items_changed(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Reckon the dunning level again where a dunned item was paid or is open again."""
    await use_cases.take_items(uow, events)
