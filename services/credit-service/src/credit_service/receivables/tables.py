"""The projection: one row per document, in the newest state that was told."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Index, Numeric, text
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import AMOUNT

RATE = Numeric(20, 10)


class OpenItemRow(Row, table=True):
    """An item; a cleared one stays, because its order's reservation is reckoned from it."""

    __tablename__ = "open_items"
    __table_args__ = (
        Index("ix_open_items_customer", "customer_id", "item_id"),
        Index("ix_open_items_due", "customer_id", "due_date", postgresql_where=text("balance > 0")),
        Index("ix_open_items_order", "customer_id", "order_id", postgresql_where=text("order_id is not null")),
        Index("ix_open_items_unconverted", "item_id", postgresql_where=text("rate is null")),
    )

    item_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str = Field(max_length=64)
    order_id: str | None = Field(max_length=64)
    kind: str = Field(max_length=32)
    amount: Decimal = Field(sa_type=AMOUNT)
    balance: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    due_date: date
    rate: Decimal | None = Field(sa_type=RATE, description="Units of the account's currency for one of the item's")
    account_amount: Decimal = Field(sa_type=AMOUNT)
    account_balance: Decimal = Field(sa_type=AMOUNT)


class ReceiptRow(Row, table=True):
    """A receipt's money on account and not applied."""

    __tablename__ = "receipts"
    __table_args__ = (Index("ix_receipts_unconverted", "receipt_id", postgresql_where=text("rate is null")),)

    receipt_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str | None = Field(max_length=64, index=True)
    cash: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    rate: Decimal | None = Field(sa_type=RATE)
    account_cash: Decimal = Field(sa_type=AMOUNT)


class DisputeRow(Row, table=True):
    """What is disputed in one case."""

    __tablename__ = "disputes"

    dispute_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str = Field(max_length=64, index=True)
    disputed: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)


class DisputedItemRow(Row, table=True):
    """What one case disputes of one item, which may not be known yet; none where it disputes nothing of it any more."""

    __tablename__ = "disputed_items"
    __table_args__ = (Index("ix_disputed_items_item_id", "item_id"),)

    dispute_id: str = Field(primary_key=True, max_length=64)
    item_id: str = Field(primary_key=True, max_length=64)
    disputed: Decimal = Field(sa_type=AMOUNT, description="In the item's currency")
