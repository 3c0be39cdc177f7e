"""What a dispute needs to know of an open item."""

from dataclasses import dataclass

from shared.errors import InvalidError
from shared.money import Money


class UnknownItemError(InvalidError):
    """The body names an item that cashapp-service does not have."""

    code = "unknown_item"

    def __init__(self, item_id: str, *, field: str) -> None:
        super().__init__(f"There is no item {item_id}: send the id of a posted item.", field=field)


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it was last heard of. A credit memo's balance is negative."""

    item_id: str
    number: str
    customer_id: str
    balance: Money
    version: int
