"""What the credit side does with the events of cashapp-service and dispute-service."""

from shared.events.cashapp import ItemEvent, PaymentEvent
from shared.events.dispute import DisputeEvent
from shared.unit_of_work import UnitOfWork

from credit_service.exposure import use_cases


async def on_item_changed(uow: UnitOfWork, event: ItemEvent) -> None:
    """Count an item as it is now."""
    await use_cases.take_item(uow, event.item, event.version, day=event.posting.posting_date)


async def on_payment_changed(uow: UnitOfWork, event: PaymentEvent) -> None:
    """Count a receipt's cash as it is now."""
    await use_cases.take_receipt(uow, event.receipt, event.version, day=event.posting.posting_date)


async def on_dispute_changed(uow: UnitOfWork, event: DisputeEvent) -> None:
    """Take over what a case disputes."""
    await use_cases.take_dispute(uow, event.dispute, event.version)
