"""Events about items, of this very service: an invoice that was posted may have been paid before.

The one thing to know: nothing is kept by event. What waits for an order is applied to what is open of it, so that an event
that comes twice finds nothing left to do.
"""

from collections.abc import Sequence

from cashapp_service.incoming_payments import use_cases
from shared.events.cashapp import ItemPosted
from shared.unit_of_work import UnitOfWork

RECORDED_BY = "cashapp-service"


async def on_items_posted(uow: UnitOfWork, events: Sequence[ItemPosted]) -> None:
    """Apply the money that was held for the orders of new items."""
    order_ids = {event.item.order_id for event in events if event.item.order_id}
    if order_ids:
        await use_cases.apply_prepayments(uow, order_ids, by=RECORDED_BY)
