"""Events that bring, move or take back money: each may keep a promise or reopen one."""

from collections.abc import Sequence

from collections_service.promises import use_cases
from shared.events.cashapp import ItemEvent, PaymentEvent
from shared.unit_of_work import UnitOfWork


async def on_items_changed(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Items were posted, their balances changed, or they were cleared."""
    await use_cases.take_items(uow, events)


async def on_payments_changed(uow: UnitOfWork, events: Sequence[PaymentEvent]) -> None:
    """Money came in, was applied, was unapplied or went back."""
    await use_cases.take_payments(uow, events)
