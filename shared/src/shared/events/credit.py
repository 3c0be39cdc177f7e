"""What credit-service publishes: customers, credit limits, recommendations, orders."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from shared.days import Day
from shared.events.envelope import EventData, State
from shared.money import Amount, CurrencyCode, NonNegativeAmount, PositiveAmount

RecommendationKind = Literal["reduce_limit", "hold_orders", "prepayment", "payment_plan", "legal", "write_off"]
OrderStatus = Literal["approved", "held", "released", "rejected", "cancelled", "invoiced"]


class Contact(State):
    """A person at the customer."""

    name: str
    role: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str | None = None


class PaymentRequirements(State):
    """What a customer needs in order to pay."""

    po_required: bool = Field(default=False, description="Whether an invoice without purchase order is not paid")
    portal: str | None = Field(default=None, description="Where invoices are to be entered")
    submission_channel: str | None = Field(default=None, description="How invoices are to be sent")


class CustomerState(State):
    """The public part of a customer's master data."""

    customer_id: str
    name: str
    legal_name: str | None = None
    aliases: list[str] = []
    country: str
    currency: CurrencyCode
    company_code: str | None = None
    payment_terms: str
    parent_id: str | None = None
    collector: str | None = None
    credit_analyst: str | None = None
    sales_rep: str | None = None
    contacts: list[Contact] = []
    payment_requirements: PaymentRequirements = PaymentRequirements()
    bank_account_fingerprints: list[str] = Field(
        default=[],
        description="SHA-256 of each bank account known for the customer, in capitals without spaces",
    )


class CustomerEvent(EventData):
    """A customer's master data after a change."""

    customer: CustomerState

    @property
    def aggregate_id(self) -> str:
        """The customer."""
        return self.customer.customer_id

    @property
    def about_customer(self) -> str | None:
        """The customer."""
        return self.customer.customer_id


class CustomerCreated(CustomerEvent):
    """A customer was put for the first time."""

    type = "customer.created"


class CustomerUpdated(CustomerEvent):
    """A customer's master data changed."""

    type = "customer.updated"

    changed: list[str] = Field(default=[], description="Names of the fields that changed, in alphabetical order")


class CreditLimitChanged(EventData):
    """The limit, its validity, the risk class or the block of a credit account changed."""

    type = "credit.limit_changed"

    customer_id: str
    limit_state: Literal["unmanaged", "zero", "amount"]
    credit_limit: NonNegativeAmount | None = Field(description="None where the limit is unmanaged")
    currency: CurrencyCode
    limit_valid_until: Day | None = None
    temporary_limit: NonNegativeAmount | None = Field(
        default=None, description="Stands above `credit_limit` up to and including `temporary_until`"
    )
    temporary_until: Day | None = None
    risk_class: str
    blocked: bool

    @property
    def aggregate_id(self) -> str:
        """The customer whose account it is."""
        return self.customer_id

    @property
    def about_customer(self) -> str | None:
        """The customer."""
        return self.customer_id


class PlannedInstalment(State):
    """One part of a payment plan."""

    due_on: Day = Field(description="Day on which it is to be paid")
    amount: PositiveAmount = Field(description="In the proposal's currency")


class Proposed(State):
    """What a recommendation proposes in numbers, amounts in its currency."""

    currency: CurrencyCode
    new_limit: NonNegativeAmount | None = Field(default=None, description="Of `reduce_limit`")
    amount: PositiveAmount | None = Field(default=None, description="Of `payment_plan` and `write_off`")
    instalments: list[PlannedInstalment] = Field(default=[], description="Of `payment_plan`, the earliest first")
    item_ids: list[str] = Field(default=[], description="Of `write_off`: the open items")


class RecommendationState(State):
    """A recommendation on a problem account after it was decided."""

    recommendation_id: str
    customer_id: str
    kind: RecommendationKind
    status: Literal["accepted", "modified", "rejected"]
    rationale: str
    carried_out: Proposed | None = Field(description="What is to be done; None where it was rejected")
    recommended_by: str
    decided_by: str


class RecommendationDecided(EventData):
    """A manager decided what was recommended on a problem account."""

    type = "recommendation.decided"

    recommendation: RecommendationState

    @property
    def aggregate_id(self) -> str:
        """The recommendation."""
        return self.recommendation.recommendation_id

    @property
    def about_customer(self) -> str | None:
        """The customer."""
        return self.recommendation.customer_id


class HoldReason(State):
    """One rule that holds an order."""

    rule: str = Field(description="Which rule of the policy, or `manual`")
    detail: str = Field(description="What is wrong, in words")
    actual: str | None = Field(default=None, description="What the rule found; null where it compares nothing")
    limit: str | None = Field(default=None, description="What the rule allows; null where it compares nothing")


class OrderState(State):
    """An order as the credit check knows it."""

    order_id: str
    customer_id: str
    status: OrderStatus
    amount: NonNegativeAmount
    currency: CurrencyCode
    open_amount: NonNegativeAmount = Field(description="Reserved: neither delivered nor invoiced")
    delivered_amount: NonNegativeAmount = Field(default=Decimal(0), description="Delivered and not yet invoiced")
    hold_id: str | None = None
    reasons: list[HoldReason] = []
    exposure_after: Amount | None = None


class OrderEvent(EventData):
    """An order after a decision of the credit check or of a person."""

    order: OrderState

    @property
    def aggregate_id(self) -> str:
        """The order."""
        return self.order.order_id

    @property
    def about_customer(self) -> str | None:
        """The customer."""
        return self.order.customer_id


class OrderApproved(OrderEvent):
    """The order may go; its value is reserved."""

    type = "order.approved"


class OrderHeld(OrderEvent):
    """The order waits, for the reasons given."""

    type = "order.held"


class OrderReleased(OrderEvent):
    """A held order may go after all."""

    type = "order.released"


class OrderRejected(OrderEvent):
    """The order will not go."""

    type = "order.rejected"


class OrderCancelled(OrderEvent):
    """The order was withdrawn; nothing is reserved for it."""

    type = "order.cancelled"
