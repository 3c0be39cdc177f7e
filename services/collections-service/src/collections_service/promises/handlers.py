"""Events that bring, move or take back money: each may keep a promise or reopen one."""

from shared.events.cashapp import ItemEvent, PaymentEvent
from shared.unit_of_work import UnitOfWork

from collections_service.promises import use_cases


async def on_item_changed(uow: UnitOfWork, event: ItemEvent) -> None:
    """An item was posted, its balance changed, or it was cleared."""
    await use_cases.take_item(uow, event)


async def on_payment_changed(uow: UnitOfWork, event: PaymentEvent) -> None:
    """Money came in, was applied, was unapplied or went back."""
    await use_cases.take_payment(uow, event)
