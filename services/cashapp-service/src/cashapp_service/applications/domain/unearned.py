"""Cash discount that a part of an item was granted for another part which is taken back.

The one thing to know: what an item is granted comes to what its parts that stand have earned, whichever of them took it. So when
the part that had earned it goes, as if it had never been paid, the discount goes too; what is paid in time again earns it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_DOWN, Decimal

from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, Line
from shared.money import smallest_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedDiscount:
    """What an application that stands grants of an item, and what its part has earned of that, not rounded."""

    application_id: str
    receipt_id: str
    position: int
    posting_date: date
    company_code: str
    item_id: str
    customer_id: str
    currency: str
    discount: Decimal
    earned: Decimal


@dataclass(frozen=True, slots=True)
class UnearnedDiscount:
    """How much of a granted discount is taken back."""

    granted: GrantedDiscount
    amount: Decimal

    def entry(self, on: date) -> Entry:
        """Return the entry that takes it back: it belongs to the application that had been granted it."""
        one = self.granted
        return Entry(
            kind="discount",
            posting_date=on,
            company_code=one.company_code,
            currency=one.currency,
            receipt_id=one.receipt_id,
            application_id=one.application_id,
            lines=(
                Line(
                    account=Account.RECEIVABLES,
                    amount=self.amount,
                    kind="discount",
                    customer_id=one.customer_id,
                    item_id=one.item_id,
                ),
                Line(account=Account.CASH_DISCOUNT, amount=-self.amount, kind="discount", customer_id=one.customer_id),
            ),
        )


def is_unearned(item: Item) -> bool:
    """Whether more discount is granted of an item than its parts have earned; half a unit is owed to rounding half up."""
    return _unearned(item) > 0


def unearned(item: Item, granted: Iterable[GrantedDiscount]) -> list[UnearnedDiscount]:
    """Return what is to be taken back of an item's discounts (the latest first): of those that go beyond their own part."""
    left, found = _unearned(item), []
    for one in granted:
        beyond = (one.discount - one.earned).quantize(smallest_unit(item.currency), ROUND_CEILING)
        amount = min(left, beyond)
        if amount > 0:
            found.append(UnearnedDiscount(one, amount))
            left -= amount
    assert left <= 0, "what was granted without being earned was granted to somebody"
    return found


def _unearned(item: Item) -> Decimal:
    return (-item.discount_carried).quantize(smallest_unit(item.currency), ROUND_HALF_DOWN)
