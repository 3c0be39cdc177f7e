"""The one table of what dispute-service listens to: event type -> handler."""

from dispute_service.disputes.handlers import on_items_changed
from dispute_service.short_payments.handlers import on_payment_returned, on_payment_reversed, on_payment_short_paid
from shared.broker import BatchProjection, Handler, Projection
from shared.events.cashapp import (
    ItemCleared,
    ItemPosted,
    ItemUpdated,
    PaymentReturned,
    PaymentReversed,
    PaymentShortPaid,
)
from shared.events.envelope import EventData

_ITEMS = BatchProjection(on_items_changed)
SUBSCRIPTIONS: dict[type[EventData], Handler] = {
    ItemPosted: _ITEMS,
    ItemUpdated: _ITEMS,
    ItemCleared: _ITEMS,
    PaymentShortPaid: Projection(on_payment_short_paid),
    PaymentReversed: Projection(on_payment_reversed),
    PaymentReturned: Projection(on_payment_returned),
}
"""All of them change nothing when an event is applied again."""
