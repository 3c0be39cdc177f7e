"""What cashapp-service consumes: event type -> handler."""

from shared.broker import Projection, Subscriptions
from shared.events.credit import CustomerCreated, CustomerUpdated
from shared.events.dispute import (
    DisputeAssigned,
    DisputeClosed,
    DisputeEscalated,
    DisputeOpened,
    DisputeResolved,
    DisputeUpdated,
)

from cashapp_service.customers.handlers import on_customer_changed
from cashapp_service.disputes.handlers import on_dispute_changed, on_dispute_resolved

SUBSCRIPTIONS: Subscriptions = {
    CustomerCreated: Projection(on_customer_changed),
    CustomerUpdated: Projection(on_customer_changed),
    DisputeOpened: Projection(on_dispute_changed),
    DisputeAssigned: Projection(on_dispute_changed),
    DisputeUpdated: Projection(on_dispute_changed),
    DisputeEscalated: Projection(on_dispute_changed),
    DisputeResolved: on_dispute_resolved,
    DisputeClosed: Projection(on_dispute_changed),
}
