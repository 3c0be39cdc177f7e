"""The one table of what credit-service listens to: event type -> handler."""

from shared.broker import Handler
from shared.broker.subscriptions import Projection
from shared.events.cashapp import (
    ItemCleared,
    ItemPosted,
    ItemUpdated,
    PaymentApplied,
    PaymentReceived,
    PaymentReturned,
    PaymentReversed,
)
from shared.events.dispute import (
    DisputeAssigned,
    DisputeClosed,
    DisputeEscalated,
    DisputeOpened,
    DisputeResolved,
    DisputeUpdated,
)
from shared.events.envelope import EventData

from credit_service.exposure.handlers import on_dispute_changed, on_item_changed, on_payment_changed

SUBSCRIPTIONS: dict[type[EventData], Handler] = {
    ItemPosted: Projection(on_item_changed),
    ItemUpdated: Projection(on_item_changed),
    ItemCleared: Projection(on_item_changed),
    PaymentReceived: Projection(on_payment_changed),
    PaymentApplied: Projection(on_payment_changed),
    PaymentReversed: Projection(on_payment_changed),
    PaymentReturned: Projection(on_payment_changed),
    DisputeOpened: Projection(on_dispute_changed),
    DisputeAssigned: Projection(on_dispute_changed),
    DisputeUpdated: Projection(on_dispute_changed),
    DisputeEscalated: Projection(on_dispute_changed),
    DisputeResolved: Projection(on_dispute_changed),
    DisputeClosed: Projection(on_dispute_changed),
}
"""All of them change nothing when an event is applied again."""
