"""What the credit side does with the events of cashapp-service and dispute-service."""

from collections.abc import Sequence

from credit_service.exposure import use_cases
from shared.events.cashapp import ItemEvent, PaymentEvent
from shared.events.dispute import DisputeEvent
from shared.unit_of_work import UnitOfWork


async def on_items_changed(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Count items as they are now."""
    await use_cases.take_items(uow, events)


async def on_payments_changed(uow: UnitOfWork, events: Sequence[PaymentEvent]) -> None:
    """Count receipts' cash as it is now."""
    await use_cases.take_receipts(uow, events)


async def on_disputes_changed(uow: UnitOfWork, events: Sequence[DisputeEvent]) -> None:
    """Take over what cases dispute."""
    await use_cases.take_disputes(uow, events)
