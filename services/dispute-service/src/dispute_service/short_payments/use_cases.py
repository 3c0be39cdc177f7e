"""What is done about a short payment: its case is opened, and made void when the payment is undone, in whatever order.

The one thing to know: a payment that is undone may be made again (the bank took only a part of it, or gave it back). The short
payment goes on with it, told in its next version, and so does the case: with its people, its notes and where it stood.
"""

from dispute_service.disputes import use_cases as disputes
from dispute_service.disputes.domain.case import Opening
from dispute_service.disputes.domain.reason import well_formed_or_other
from dispute_service.items.use_cases import item_of_state
from dispute_service.short_payments import repository
from dispute_service.short_payments.tables import ShortPaymentRow, UndonePaymentRow
from shared.events.cashapp import PaymentShortPaid
from shared.money import Money
from shared.unit_of_work import UnitOfWork


async def take_short_payment(uow: UnitOfWork, event: PaymentShortPaid) -> None:
    """Open the case of a short payment, or go on with it where it goes on with another application; each version once."""
    await repository.lock_receipt(uow.session, event.receipt_id)
    row = await repository.find_for_update(uow.session, event.short_payment_id)
    if row is None:
        await _open(uow, event)
    elif row.version < event.version:
        await _go_on(uow, row, event)


async def _open(uow: UnitOfWork, event: PaymentShortPaid) -> None:
    item = item_of_state(event.item, event.item_version)
    opening = Opening(
        customer_id=event.item.customer_id,
        reason_code=well_formed_or_other(event.reason_code),
        description=f"Item {event.item.number} was paid short by {event.shortfall} {event.item.currency}.",
        source="short_payment",
        opened_on=event.paid_on,
        claim_reference=event.short_payment_id,
    )
    dispute_id = await disputes.open_for_short_payment(uow, opening, item, Money(event.shortfall, event.item.currency))
    short_payment = ShortPaymentRow(
        short_payment_id=event.short_payment_id,
        receipt_id=event.receipt_id,
        application_id=event.application_id,
        dispute_id=dispute_id,
        version=event.version,
    )
    await repository.add(uow.session, short_payment)
    undone = await _undone_reason(uow, event)
    if undone is not None:
        await _end(uow, short_payment, reason=undone)


async def _go_on(uow: UnitOfWork, row: ShortPaymentRow, event: PaymentShortPaid) -> None:
    """Let a short payment stand at its newest application; where its case had ended with the one before, it goes on."""
    row.version, row.receipt_id, row.application_id = event.version, event.receipt_id, event.application_id
    undone = await _undone_reason(uow, event)
    if undone is not None:
        await _end(uow, row, reason=undone)
    elif row.stage_before is not None:
        await disputes.revive_for_payment_again(uow, row.dispute_id, stage=row.stage_before, paid_on=event.paid_on)
        row.stage_before = None


async def _undone_reason(uow: UnitOfWork, event: PaymentShortPaid) -> str | None:
    """Return why the payment was undone, where that was heard of before."""
    return await repository.undone_reason(uow.session, application_id=event.application_id, receipt_id=event.receipt_id)


async def void_disputes_of(uow: UnitOfWork, *, receipt_id: str, application_id: str | None, reason: str) -> None:
    """Make void the cases of an application that was reversed, or of a receipt that was returned (no application)."""
    await repository.lock_receipt(uow.session, receipt_id)
    undone = UndonePaymentRow(payment_id=application_id or receipt_id, receipt_id=receipt_id, reason=reason)
    await repository.remember_undone(uow.session, undone)
    concerned = await repository.of_payment_for_update(
        uow.session, receipt_id=receipt_id, application_id=application_id
    )
    for row in concerned:
        await _end(uow, row, reason=reason)


async def _end(uow: UnitOfWork, row: ShortPaymentRow, *, reason: str) -> None:
    """Make the case of a short payment void, and keep where it stood in case the payment comes again."""
    stage = await disputes.void_for_undone_payment(uow, row.dispute_id, reason=reason)
    if stage is not None:
        row.stage_before = stage
