"""What is heard of payments."""

from dispute_service.short_payments import use_cases
from shared.events.cashapp import PaymentReturned, PaymentReversed, PaymentShortPaid
from shared.unit_of_work import UnitOfWork


async def on_payment_short_paid(uow: UnitOfWork, event: PaymentShortPaid) -> None:
    """Open the case for the shortfall, or go on with it."""
    await use_cases.take_short_payment(uow, event)


async def on_payment_reversed(uow: UnitOfWork, event: PaymentReversed) -> None:
    """End the cases of the application as if it had never been."""
    await use_cases.void_disputes_of(
        uow,
        receipt_id=event.receipt.receipt_id,
        application_id=event.application_id,
        reason="the application that was short was reversed",
    )


async def on_payment_returned(uow: UnitOfWork, event: PaymentReturned) -> None:
    """End the cases of all the receipt's applications as if they had never been; of a part, each reversal is told by itself."""
    if event.receipt.status != "returned":
        return
    await use_cases.void_disputes_of(
        uow,
        receipt_id=event.receipt.receipt_id,
        application_id=None,
        reason=f"the payment that was short was returned: {event.reason}",
    )
