"""What the credit side does with payments that come back."""

from collections.abc import Sequence

from credit_service.returned_payments import use_cases
from shared.events.cashapp import PaymentEvent
from shared.unit_of_work import UnitOfWork


async def on_payments_changed(uow: UnitOfWork, events: Sequence[PaymentEvent]) -> None:
    """Take note of returned payments, and of whose they are."""
    await use_cases.take_payments(uow, events)
