"""The projection: the highest level that each item was dunned at."""

from datetime import date

from sqlmodel import Field

from credit_service.rows import Row


class DunnedItemRow(Row, table=True):
    """An item that was dunned; it stays when the item is paid, because a returned payment opens it again."""

    __tablename__ = "dunned_items"

    item_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(max_length=64, index=True)
    level: int
    dunned_on: date = Field(description="When it was dunned last")
