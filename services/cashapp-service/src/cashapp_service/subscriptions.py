"""What cashapp-service consumes: event type -> handler."""

from cashapp_service.customers.handlers import on_customer_changed
from cashapp_service.disputes.handlers import on_dispute_resolved, on_disputes_changed
from cashapp_service.incoming_payments.handlers import on_items_posted
from shared.broker import BatchProjection, Projection, Subscriptions
from shared.events.cashapp import ItemPosted
from shared.events.credit import CustomerCreated, CustomerUpdated
from shared.events.dispute import (
    DisputeAssigned,
    DisputeClosed,
    DisputeEscalated,
    DisputeOpened,
    DisputeResolved,
    DisputeUpdated,
)

_DISPUTES = BatchProjection(on_disputes_changed)
SUBSCRIPTIONS: Subscriptions = {
    ItemPosted: BatchProjection(on_items_posted),
    CustomerCreated: Projection(on_customer_changed),
    CustomerUpdated: Projection(on_customer_changed),
    DisputeOpened: _DISPUTES,
    DisputeAssigned: _DISPUTES,
    DisputeUpdated: _DISPUTES,
    DisputeEscalated: _DISPUTES,
    DisputeResolved: on_dispute_resolved,
    DisputeClosed: _DISPUTES,
}
