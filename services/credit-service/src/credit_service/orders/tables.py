"""One row per order, one line per change of it, and what the orders of a customer reserve by delivery date."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Numeric, text
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, INSTANT


class OrderRow(Row, table=True):
    """An order as the credit check knows it, changed only under the lock of its customer's account."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(
            "status in ('approved', 'held', 'released', 'rejected', 'cancelled', 'invoiced')", name="status"
        ),
        CheckConstraint(
            "amount > 0 and open_amount between 0 and amount and reserved >= 0 and delivered_amount >= 0",
            name="amounts",
        ),
        CheckConstraint(
            "reserved = 0 or status in ('approved', 'released') or (status = 'held' and held_reserves)",
            name="who_reserves",
        ),
        CheckConstraint("(status = 'held') = (hold_id is not null)", name="held_by_a_hold"),
        CheckConstraint(
            "case when status in ('invoiced', 'cancelled', 'rejected') then open_amount = 0 "
            "else open_amount > 0 or delivered_amount > 0 end",
            name="open_or_ended",
        ),
        Index("ix_orders_reserving", "customer_id", "requested_delivery_date", postgresql_where=text("reserved > 0")),
        Index("ix_orders_release_ends", "release_until", postgresql_where=text("release_until is not null")),
    )

    order_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(max_length=64)
    version: int
    status: str = Field(max_length=16)
    amount: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    rate: Decimal = Field(sa_type=Numeric(20, 10), description="Units of the account's currency for one of the order's")
    open_amount: Decimal = Field(sa_type=AMOUNT)
    reserved: Decimal = Field(sa_type=AMOUNT, description="In the account's currency")
    requested_delivery_date: date | None
    checkpoint: str = Field(max_length=16)
    held_reserves: bool
    decision_id: str = Field(max_length=64)
    hold_id: str | None = Field(max_length=64)
    release_rules: list[str] | None = Field(sa_type=DOCUMENT, description="What a person let pass")
    release_up_to: Decimal | None = Field(sa_type=AMOUNT)
    release_until: date | None
    order_type: str | None = Field(max_length=50)
    payment_terms: str | None = Field(max_length=100, description="Of the order, where the ERP named them")
    prepaid: bool
    delivered_amount: Decimal = Field(sa_type=AMOUNT, description="Delivered and not invoiced")
    held_at: list[str] = Field(sa_type=DOCUMENT, description="Checkpoints whose rules it is subject to while held")
    manual_hold: str | None = Field(description="Why a person holds it, until a person ends that")


class OrderChangeRow(Row, table=True):
    """One line of an order's history."""

    __tablename__ = "order_changes"
    __table_args__ = (Index("ix_order_changes_order", "order_id", "position"),)

    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    order_id: str = Field(max_length=64)
    status: str = Field(max_length=16)
    amount: Decimal = Field(sa_type=AMOUNT)
    open_amount: Decimal = Field(sa_type=AMOUNT)
    decision_id: str | None = Field(max_length=64)
    actor: str = Field(max_length=200)
    note: str
    changed_at: datetime = Field(sa_type=INSTANT)


class ReservedDayRow(Row, table=True):
    """What the orders of a customer for one delivery date reserve together: a check must not add up thousands of orders."""

    __tablename__ = "reserved_days"
    # A row may be written with every batch of checks: room on its page keeps its index as it is.
    __table_args__ = ({"postgresql_with": {"fillfactor": 70}},)

    customer_id: str = Field(primary_key=True, max_length=64)
    delivery_date: date = Field(primary_key=True)
    reserved: Decimal = Field(sa_type=AMOUNT, description="In the account's currency")
