"""The one table of what credit-service listens to: event type -> handler."""

from credit_service.dunning import handlers as dunning
from credit_service.exposure import handlers as exposure
from credit_service.payment_behaviour import handlers as payment_behaviour
from credit_service.promises.handlers import on_promises_changed
from credit_service.returned_payments import handlers as returned_payments
from shared.broker import BatchProjection, Handler, together
from shared.events.cashapp import (
    ItemCleared,
    ItemPosted,
    ItemUpdated,
    PaymentApplied,
    PaymentReceived,
    PaymentRefunded,
    PaymentReturned,
    PaymentReversed,
)
from shared.events.collections import (
    DunningSent,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    PromiseReopened,
    PromiseWithdrawn,
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

# Exposure comes first: it locks the documents, and the others read what it has counted.
_ITEMS = together(exposure.on_items_changed, payment_behaviour.on_items_changed, dunning.on_items_changed)
_PAYMENTS = together(exposure.on_payments_changed, returned_payments.on_payments_changed)
_DISPUTES = BatchProjection(exposure.on_disputes_changed)
_PROMISES = BatchProjection(on_promises_changed)
SUBSCRIPTIONS: dict[type[EventData], Handler] = {
    ItemPosted: _ITEMS,
    ItemUpdated: _ITEMS,
    ItemCleared: _ITEMS,
    PaymentReceived: _PAYMENTS,
    PaymentApplied: _PAYMENTS,
    PaymentReversed: _PAYMENTS,
    PaymentRefunded: _PAYMENTS,
    PaymentReturned: _PAYMENTS,
    DisputeOpened: _DISPUTES,
    DisputeAssigned: _DISPUTES,
    DisputeUpdated: _DISPUTES,
    DisputeEscalated: _DISPUTES,
    DisputeResolved: _DISPUTES,
    DisputeClosed: _DISPUTES,
    PromiseMade: _PROMISES,
    PromiseKept: _PROMISES,
    PromiseBroken: _PROMISES,
    PromiseReopened: _PROMISES,
    PromiseWithdrawn: _PROMISES,
    DunningSent: BatchProjection(dunning.on_dunning_sent),
}
"""All of them change nothing when an event is applied again."""
