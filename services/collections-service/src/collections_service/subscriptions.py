"""The one table of what collections-service listens to: event type -> handler."""

from collections_service.promises.handlers import on_items_changed, on_payments_changed
from collections_service.receivables.handlers import (
    on_credit_limit_changed,
    on_customer_changed,
    on_disputes_changed,
    on_order_decided,
)
from shared.broker import BatchProjection, Handler, Projection
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
from shared.events.credit import (
    CreditLimitChanged,
    CustomerCreated,
    CustomerUpdated,
    OrderApproved,
    OrderCancelled,
    OrderHeld,
    OrderRejected,
    OrderReleased,
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

_HANDLERS: dict[Handler, tuple[type[EventData], ...]] = {
    Projection(on_customer_changed): (CustomerCreated, CustomerUpdated),
    Projection(on_credit_limit_changed): (CreditLimitChanged,),
    Projection(on_order_decided): (OrderApproved, OrderHeld, OrderReleased, OrderRejected, OrderCancelled),
    BatchProjection(on_items_changed): (ItemPosted, ItemUpdated, ItemCleared),
    BatchProjection(on_payments_changed): (
        PaymentReceived,
        PaymentApplied,
        PaymentReversed,
        PaymentRefunded,
        PaymentReturned,
    ),
    BatchProjection(on_disputes_changed): (
        DisputeOpened,
        DisputeAssigned,
        DisputeUpdated,
        DisputeEscalated,
        DisputeResolved,
        DisputeClosed,
    ),
}
SUBSCRIPTIONS: dict[type[EventData], Handler] = {
    event: handler for handler, events in _HANDLERS.items() for event in events
}
"""All of them change nothing when an event is applied again."""
