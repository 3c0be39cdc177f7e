"""What invoices took of down-payment requests; the items that documents make are kept by `items`."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from cashapp_service.rows import Row
from shared.database import AMOUNT


class DownPaymentSettlementRow(Row, table=True):
    """What one invoice took of one down-payment request, and the entry that posted it; `item_id` is the invoice's first item."""

    __tablename__ = "down_payment_settlements"
    __table_args__ = (
        CheckConstraint("deducted >= 0 and withdrawn >= 0", name="not_negative"),
        Index("ix_down_payment_settlements_item_id", "item_id"),
    )

    request_item_id: str = Field(primary_key=True, max_length=64, foreign_key="items.item_id")
    item_id: str = Field(primary_key=True, max_length=64, foreign_key="items.item_id")
    deducted: Decimal = Field(sa_type=AMOUNT)
    withdrawn: Decimal = Field(sa_type=AMOUNT)
    entry_id: str | None = Field(max_length=64, foreign_key="journal_entries.entry_id")
