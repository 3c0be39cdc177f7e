"""One row per delivery of an order, with what of it is not invoiced."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, text
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import AMOUNT, INSTANT


class DeliveryRow(Row, table=True):
    """Goods that left for an order, changed only under the lock of the customer's account."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("status in ('delivered', 'cancelled')", name="status"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at is not null)", name="cancelled"),
        CheckConstraint(
            "amount > 0 and rate > 0 and account_open >= 0 "
            "and open_amount between 0 and case when status = 'cancelled' then 0 else amount end",
            name="amounts",
        ),
        Index(
            "ix_deliveries_not_invoiced",
            "customer_id",
            "order_id",
            "delivery_id",
            postgresql_where=text("open_amount > 0"),
        ),
    )

    order_id: str = Field(primary_key=True, max_length=64)
    delivery_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(max_length=64)
    status: str = Field(max_length=16)
    amount: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    rate: Decimal = Field(sa_type=Numeric(20, 10), description="Units of the account's currency for one of its own")
    delivered_on: date
    account_amount: Decimal = Field(sa_type=AMOUNT, description="In the account's currency")
    open_amount: Decimal = Field(sa_type=AMOUNT, description="Not invoiced")
    account_open: Decimal = Field(sa_type=AMOUNT, description="Not invoiced, in the account's currency")
    recorded_by: str = Field(max_length=200)
    recorded_at: datetime = Field(sa_type=INSTANT)
    cancelled_by: str | None = Field(max_length=200)
    cancelled_at: datetime | None = Field(sa_type=INSTANT)
    note: str = Field(description="Why it was cancelled")
