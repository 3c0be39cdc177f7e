"""What is done about a short payment: its case is opened, and made void when the payment is undone, in whatever order."""

from dispute_service.disputes import use_cases as disputes
from dispute_service.disputes.domain.case import Opening
from dispute_service.disputes.domain.reason import well_formed_or_other
from dispute_service.items.use_cases import item_of_state
from dispute_service.short_payments import repository
from dispute_service.short_payments.tables import ShortPaymentRow, UndonePaymentRow
from shared.events.cashapp import PaymentShortPaid
from shared.money import Money
from shared.unit_of_work import UnitOfWork


async def open_dispute_of(uow: UnitOfWork, event: PaymentShortPaid) -> None:
    """Open the case of a short payment, once; where the payment was undone before that was heard of, it ends void."""
    await repository.lock_receipt(uow.session, event.receipt_id)
    if await repository.is_known(uow.session, event.short_payment_id):
        return
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
    )
    await repository.add(uow.session, short_payment)
    undone = await repository.undone_reason(
        uow.session, application_id=event.application_id, receipt_id=event.receipt_id
    )
    if undone is not None:
        await disputes.void_for_undone_payment(uow, dispute_id, reason=undone)


async def void_disputes_of(uow: UnitOfWork, *, receipt_id: str, application_id: str | None, reason: str) -> None:
    """Make void the cases of an application that was reversed, or of a receipt that was returned (no application)."""
    await repository.lock_receipt(uow.session, receipt_id)
    undone = UndonePaymentRow(payment_id=application_id or receipt_id, receipt_id=receipt_id, reason=reason)
    await repository.remember_undone(uow.session, undone)
    for dispute_id in await repository.disputes_of(uow.session, receipt_id=receipt_id, application_id=application_id):
        await disputes.void_for_undone_payment(uow, dispute_id, reason=reason)
