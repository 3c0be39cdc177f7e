"""What dispute-service publishes: dispute cases."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from shared.days import Day
from shared.events.envelope import EventData, State
from shared.money import CurrencyCode, NonNegativeAmount

DisputeStatus = Literal[
    "new", "in_process", "waiting_customer", "waiting_internal", "escalated", "resolved", "closed", "void"
]
Outcome = Literal["valid", "partially_valid", "invalid"]
Resolution = Literal["credit_memo", "rebill", "write_off", "collect", "settlement"]


class DisputedItem(State):
    """One item of a case: original = still disputed + credited + paid + denied, later also written off and transferred."""

    item_id: str
    number: str
    original_amount: NonNegativeAmount
    disputed_amount: NonNegativeAmount
    credited_amount: NonNegativeAmount
    paid_amount: NonNegativeAmount
    denied_amount: NonNegativeAmount = Field(
        default=Decimal(0), description="Claimed and not granted: the customer owes it, and nobody disputes it any more"
    )


class DisputeState(State):
    """A dispute case."""

    dispute_id: str
    number: str
    customer_id: str
    status: DisputeStatus
    reason_code: str
    source: str
    currency: CurrencyCode
    disputed_amount: NonNegativeAmount
    items: list[DisputedItem]
    opened_on: Day
    due_on: Day
    coordinator: str | None = None
    processor: str | None = None
    outcome: Outcome | None = None
    resolution: Resolution | None = None
    resolved_amount: NonNegativeAmount | None = None
    resolved_on: Day | None = None
    root_cause: str | None = None


class DisputeEvent(EventData):
    """A case after a change."""

    dispute: DisputeState

    @property
    def aggregate_id(self) -> str:
        """The case."""
        return self.dispute.dispute_id

    @property
    def about_customer(self) -> str | None:
        """The customer who disputes."""
        return self.dispute.customer_id


class DisputeOpened(DisputeEvent):
    """A case was opened, or reopened."""

    type = "dispute.opened"


class DisputeAssigned(DisputeEvent):
    """A case got a coordinator or processor."""

    type = "dispute.assigned"


class DisputeUpdated(DisputeEvent):
    """The disputed amounts changed, because an item was paid or reopened, or the case waits for somebody."""

    type = "dispute.updated"


class DisputeEscalated(DisputeEvent):
    """A case was escalated."""

    type = "dispute.escalated"


class DisputeResolved(DisputeEvent):
    """A case was decided; cashapp-service posts what the resolution asks for.

    Each item's `disputed_amount` is its part of the `resolved_amount`.
    """

    type = "dispute.resolved"


class DisputeClosed(DisputeEvent):
    """What the resolution asked for has happened, nothing is disputed any more, or the case was void."""

    type = "dispute.closed"
