"""What is known of a customer's documents, for those who judge its credit."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts.domain import ZERO
from credit_service.fulfilment.domain import Part
from credit_service.receivables import repository
from credit_service.receivables.domain import DisputeOfItem, Dues, Item, Receipt
from shared.events.dispute import DisputeEvent
from shared.unit_of_work import UnitOfWork

OrderKey = tuple[str, str]
"""(customer, order): an invoice takes from the reservation of an order of the same customer."""


async def invoiced(session: AsyncSession, orders: Iterable[OrderKey]) -> dict[OrderKey, list[Part]]:
    """Return what is invoiced of each order, by currency; orders without an invoice are left out."""
    return await repository.invoiced(session, orders)


async def overdue(session: AsyncSession, customer_ids: Iterable[str], as_of: date) -> dict[str, Decimal]:
    """Return what is past due on `as_of` of each customer, in its account's currency; customers without it are left out."""
    return await repository.overdue(session, customer_ids, as_of)


async def dues(session: AsyncSession, customer_ids: Iterable[str], as_of: date) -> dict[str, Dues]:
    """Return what is past due on `as_of` of each customer, by due date; customers without it are left out."""
    return await repository.dues(session, customer_ids, as_of)


async def due_between(
    session: AsyncSession, spans: Mapping[str, tuple[date, date]]
) -> dict[str, tuple[int, Decimal, date]]:
    """Return number, sum in the account's currency and oldest due date of each customer's open items due in its span of days."""
    return await repository.due_between(session, spans) if spans else {}


async def disputed(session: AsyncSession, customer_id: str, currency: str) -> Decimal:
    """Return what the customer disputes in the account's currency."""
    return (await repository.disputed(session, customer_id)).get(currency, ZERO)


async def cleared_among(session: AsyncSession, item_ids: Collection[str]) -> set[str]:
    """Return those of the items of which nothing is open; an item that is not known is none of them."""
    return await repository.cleared_among(session, item_ids) if item_ids else set()


async def has_documents(session: AsyncSession, customer_id: str) -> bool:
    """Tell whether any item or receipt of the customer is known."""
    return await repository.has_documents(session, customer_id)


async def lock_documents(uow: UnitOfWork, document_ids: Iterable[str]) -> None:
    """Keep the next states of items and receipts from being applied elsewhere meanwhile; to be called before any account."""
    await repository.lock_documents(uow.session, document_ids)


async def forget(uow: UnitOfWork, document_id: str) -> None:
    """Drop an item or receipt that its owner does not know."""
    await repository.delete_document(uow.session, document_id)


async def known_items(uow: UnitOfWork, item_ids: Collection[str]) -> dict[str, Item]:
    """Return items as they are known, and keep their next states from being applied elsewhere meanwhile."""
    await repository.lock_documents(uow.session, item_ids)
    return await repository.find_items(uow.session, item_ids)


async def known_receipts(uow: UnitOfWork, receipt_ids: Collection[str]) -> dict[str, Receipt]:
    """Return receipts as they are known, and keep their next states from being applied elsewhere meanwhile."""
    await repository.lock_documents(uow.session, receipt_ids)
    return await repository.find_receipts(uow.session, receipt_ids)


async def save(uow: UnitOfWork, documents: Iterable[Item | Receipt]) -> None:
    """Store the newest states of items and receipts."""
    items: list[Item] = []
    receipts: list[Receipt] = []
    for document in documents:
        if isinstance(document, Item):
            items.append(document)
        else:
            receipts.append(document)
    if items:
        await repository.save_items(uow.session, items)
    if receipts:
        await repository.save_receipts(uow.session, receipts)


async def documents_of(uow: UnitOfWork, customer_id: str) -> list[Item | Receipt]:
    """Return every item and receipt of a customer."""
    items = await repository.items_of(uow.session, customer_id)
    return [*items, *await repository.receipts_of(uow.session, customer_id)]


async def waiting_for_a_rate(uow: UnitOfWork) -> tuple[list[str], list[str]]:
    """Return the items and receipts that are not converted yet."""
    return await repository.waiting_for_a_rate(uow.session)


async def oldest_due_dates(uow: UnitOfWork, customer_ids: Iterable[str]) -> dict[str, date]:
    """Return the due date of the oldest open item of each customer that has one."""
    return await repository.oldest_due_dates(uow.session, customer_ids)


async def take_disputes(uow: UnitOfWork, events: Iterable[DisputeEvent]) -> set[str]:
    """Store what cases dispute unless newer states are known; return the customers of those that were stored."""
    states = [
        {
            "dispute_id": event.dispute.dispute_id,
            "version": event.version,
            "customer_id": event.dispute.customer_id,
            "disputed": event.dispute.disputed_amount,
            "currency": event.dispute.currency,
        }
        for event in events
    ]
    items = {event.dispute.dispute_id: _disputed_items(event) for event in events}
    stored = await repository.save_disputes_if_newer(uow.session, states)
    parts = [part for dispute_id in stored for part in items[dispute_id]]
    await repository.replace_disputed_items(uow.session, stored, parts)
    return set(stored.values())


def _disputed_items(event: DisputeEvent) -> list[DisputeOfItem]:
    dispute_id = event.dispute.dispute_id
    return [
        DisputeOfItem(dispute_id, item.item_id, item.disputed_amount)
        for item in event.dispute.items
        if item.disputed_amount > 0
    ]
