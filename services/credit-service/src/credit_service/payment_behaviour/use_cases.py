"""What can be done with payment behaviour: keep it, and read it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.payment_behaviour import repository
from credit_service.payment_behaviour.domain import CurrencyRecord
from shared.events.cashapp import ItemEvent
from shared.unit_of_work import UnitOfWork


async def take_items(uow: UnitOfWork, events: Iterable[ItemEvent]) -> None:
    """Take over when items are due and were settled, where it is newer than what is known."""
    newest: dict[str, ItemEvent] = {}
    for event in events:
        known = newest.get(event.item.item_id)
        if known is None or known.version < event.version:
            newest[event.item.item_id] = event
    # In the order of their numbers, so that two consumers never wait for one another.
    await repository.save_if_newer(uow.session, [_state(newest[item_id]) for item_id in sorted(newest)])


def _state(event: ItemEvent) -> dict[str, Any]:
    item, posting = event.item, event.posting
    settled = item.status == "cleared"
    return {
        "item_id": item.item_id,
        "version": event.version,
        "customer_id": item.customer_id,
        "kind": item.kind,
        "issue_date": item.issue_date,
        "due_date": item.due_date,
        "amount": item.amount,
        "currency": item.currency,
        "settled_on": (posting.value_date or posting.posting_date) if settled else None,
        "settled_by": posting.kind if settled else None,
    }


async def records_of(
    session: AsyncSession, customer_ids: Sequence[str], as_of: date
) -> dict[str, list[CurrencyRecord]]:
    """Return the sums of each customer's items by currency as of a day; customers without items are left out."""
    return await repository.records(session, customer_ids, as_of)
