"""One row per item: the newest state that has been heard of."""

from decimal import Decimal

from sqlmodel import Field

from dispute_service.items.domain import Item
from dispute_service.rows import Row
from shared.database import AMOUNT
from shared.money import Money


class ItemRow(Row, table=True):
    """The image of one of cashapp-service's items."""

    __tablename__ = "items"

    item_id: str = Field(primary_key=True, max_length=64)
    version: int = Field(description="version of the state below; an older one never replaces it")
    number: str
    customer_id: str = Field(max_length=64)
    balance: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)


def item_of(row: ItemRow) -> Item:
    """Return the item that a row shows."""
    return Item(row.item_id, row.number, row.customer_id, Money(row.balance, row.currency), row.version)
