"""The one table of what dispute-service listens to: event type -> handler."""

from shared.broker import Handler
from shared.broker.subscriptions import Projection
from shared.events.cashapp import (
    ItemCleared,
    ItemPosted,
    ItemUpdated,
    PaymentReturned,
    PaymentReversed,
    PaymentShortPaid,
)
from shared.events.envelope import EventData

from dispute_service.disputes.handlers import on_item_changed
from dispute_service.short_payments.handlers import on_payment_returned, on_payment_reversed, on_payment_short_paid

SUBSCRIPTIONS: dict[type[EventData], Handler] = {
    ItemPosted: Projection(on_item_changed),
    ItemUpdated: Projection(on_item_changed),
    ItemCleared: Projection(on_item_changed),
    PaymentShortPaid: Projection(on_payment_short_paid),
    PaymentReversed: Projection(on_payment_reversed),
    PaymentReturned: Projection(on_payment_returned),
}
"""All of them change nothing when an event is applied again."""
