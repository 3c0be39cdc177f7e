"""The newest state of each case, what it disputes of each item, and the credits that were posted for its decisions."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from cashapp_service.rows import Row
from shared.database import AMOUNT, INSTANT


class DisputeRow(Row, table=True):
    """The projection of a dispute case."""

    __tablename__ = "disputes"

    dispute_id: str = Field(primary_key=True, max_length=64)
    version: int
    number: str = Field(max_length=64)
    customer_id: str = Field(max_length=64)
    status: str = Field(max_length=20)


class DisputedItemRow(Row, table=True):
    """What one case disputes of one item."""

    __tablename__ = "disputed_items"
    __table_args__ = (CheckConstraint("amount > 0", name="positive"),)

    dispute_id: str = Field(primary_key=True, max_length=64)
    item_id: str = Field(primary_key=True, max_length=64, index=True)
    amount: Decimal = Field(sa_type=AMOUNT)


class DisputeStepRow(Row, table=True):
    """What a case disputed of an item from one of its versions on, and where the case stood; never changed."""

    __tablename__ = "dispute_steps"
    __table_args__ = (Index("ix_dispute_steps_item_id", "item_id"),)

    dispute_id: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    item_id: str = Field(primary_key=True, max_length=64)
    number: str = Field(max_length=64)
    status: str = Field(max_length=20)
    amount: Decimal = Field(sa_type=AMOUNT)
    recorded_at: datetime = Field(sa_type=INSTANT)


class DisputeCreditRow(Row, table=True):
    """That the decision of a case at one version was posted; whatever comes twice is posted once."""

    __tablename__ = "dispute_credits"

    dispute_id: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    memo_item_id: str = Field(max_length=64, foreign_key="items.item_id")
