"""The one table of what collections-service listens to: event type -> handler."""

from shared.broker import Handler, Projection
from shared.events.cashapp import (
    ItemCleared,
    ItemPosted,
    ItemUpdated,
    PaymentApplied,
    PaymentReceived,
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

from collections_service.promises.handlers import on_item_changed, on_payment_changed
from collections_service.receivables.handlers import (
    on_credit_limit_changed,
    on_customer_changed,
    on_dispute_changed,
    on_order_decided,
)

_HANDLERS: dict[Handler, tuple[type[EventData], ...]] = {
    on_customer_changed: (CustomerCreated, CustomerUpdated),
    on_credit_limit_changed: (CreditLimitChanged,),
    on_order_decided: (OrderApproved, OrderHeld, OrderReleased, OrderRejected, OrderCancelled),
    on_item_changed: (ItemPosted, ItemUpdated, ItemCleared),
    on_payment_changed: (PaymentReceived, PaymentApplied, PaymentReversed, PaymentReturned),
    on_dispute_changed: (
        DisputeOpened,
        DisputeAssigned,
        DisputeUpdated,
        DisputeEscalated,
        DisputeResolved,
        DisputeClosed,
    ),
}
SUBSCRIPTIONS: dict[type[EventData], Handler] = {
    event: Projection(handler) for handler, events in _HANDLERS.items() for event in events
}
"""All of them change nothing when an event is applied again."""
