"""The one table of what credit-service listens to: event type -> handler."""

from credit_service.exposure.handlers import on_disputes_changed, on_items_changed, on_payments_changed
from shared.broker import BatchProjection, Handler
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

_ITEMS = BatchProjection(on_items_changed)
_PAYMENTS = BatchProjection(on_payments_changed)
_DISPUTES = BatchProjection(on_disputes_changed)
SUBSCRIPTIONS: dict[type[EventData], Handler] = {
    ItemPosted: _ITEMS,
    ItemUpdated: _ITEMS,
    ItemCleared: _ITEMS,
    PaymentReceived: _PAYMENTS,
    PaymentApplied: _PAYMENTS,
    PaymentReversed: _PAYMENTS,
    PaymentReturned: _PAYMENTS,
    DisputeOpened: _DISPUTES,
    DisputeAssigned: _DISPUTES,
    DisputeUpdated: _DISPUTES,
    DisputeEscalated: _DISPUTES,
    DisputeResolved: _DISPUTES,
    DisputeClosed: _DISPUTES,
}
"""All of them change nothing when an event is applied again."""
