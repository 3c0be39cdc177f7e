"""Money that came for an order before its invoice did."""

from collections.abc import Iterable
from decimal import Decimal

from cashapp_service.applications.domain.allocation import Wanted
from cashapp_service.items.domain.item import Item
from cashapp_service.receipts.domain import Receipt


def for_order(receipt: Receipt, open_items: Iterable[Item]) -> tuple[Wanted, ...]:
    """Return what is taken of a receipt for the items of the order it prepays: the earliest due first, as far as it goes.

    Only items that are surely meant are taken: of the order and the receipt's own customer, company code and currency.
    """
    left, wanted = receipt.available, []
    for item in sorted(open_items, key=lambda one: (one.due_date, one.number)):
        paid = min(left, item.balance) if _is_meant(receipt, item) else Decimal(0)
        if paid > 0:
            wanted.append(Wanted(item_id=item.item_id, amount=paid))
            left -= paid
    return tuple(wanted)


def _is_meant(receipt: Receipt, item: Item) -> bool:
    names = ("order_id", "customer_id", "company_code", "currency")
    return all(getattr(item, name) == getattr(receipt, name) for name in names)
