"""What is asked for and what is taken, item by item, and where the money comes from.

The one thing to know: all amounts of an allocation are in its item's currency, but for `receipt_amount`, which is what it
takes of the receipt. The two differ only where the item is in another currency than the receipt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Line
from cashapp_service.receipts.domain import Receipt, cash_lines
from shared.events.cashapp import Allocation as ToldAllocation
from shared.values import changed

Shortfall = Literal["partial", "residual", "dispute"]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortPayment:
    """What a customer held back of an item with a reason, in the item's currency: disputed, or carried into a residual item.

    It outlives the application that told of it: where that is taken back and the item is paid again, it goes on, with the same
    case (`short_payment_id`, told in its next `version`) or the same residual item. Without an id no case is known of it.
    """

    kind: Literal["residual", "dispute"]
    amount: Decimal
    reason_code: str
    residual_item_id: str | None = None
    short_payment_id: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One allocation as it is asked for. `amount` is negative on a credit memo that is netted.

    `discount_taken` is what the customer deducted, whether the terms grant it or not. `receipt_amount` is what the receipt
    gives for an item in another currency; without it the rate tells. `goes_on` is the short payment of an application that was
    taken back: of the rest no more than it is short, the other part stays open.
    """

    item_id: str
    amount: Decimal
    discount: Decimal = ZERO
    tolerance_write_off: Decimal = ZERO
    shortfall: Shortfall | None = None
    reason_code: str | None = None
    discount_taken: Decimal | None = None
    receipt_amount: Decimal | None = None
    goes_on: ShortPayment | None = None

    @property
    def cleared(self) -> Decimal:
        """What it takes from the item's balance."""
        return self.amount + self.discount + self.tolerance_write_off

    def short_of(self, rest: Decimal) -> Decimal:
        """Return how much of the rest that stays open of the item is the shortfall."""
        if self.shortfall is None:
            return ZERO
        return rest if self.goes_on is None else min(rest, self.goes_on.amount)

    @property
    def reopens(self) -> str | None:
        """The residual item that is opened again, where there is one."""
        return self.goes_on.residual_item_id if self.goes_on else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What an application took for one item: `payment` in money, `credit` of memos (negative on the memo itself).

    `exchange_difference` is what the money was worth above the payment, at `exchange_rate` (units of `currency` for one of
    the receipt's): a gain where it is positive. The rate is None where item and receipt are in one currency.
    `discount_earned` is what the part has earned of the item's cash discount, not rounded, whether it was granted or not. Of
    `discount` so much was taken back since as `discount_taken_back`: another part had earned it that was taken back. A disputed
    shortfall is told as the version `short_payment_version` of the short payment `short_payment_id`.
    """

    item_id: str
    number: str
    customer_id: str
    currency: str
    payment: Decimal
    credit: Decimal
    discount: Decimal
    discount_earned: Decimal
    tolerance: Decimal
    receipt_amount: Decimal
    exchange_rate: Decimal | None = None
    exchange_difference: Decimal = ZERO
    residual: Decimal = ZERO
    residual_item_id: str | None = None
    shortfall: Shortfall | None = None
    shortfall_amount: Decimal = ZERO
    reason_code: str | None = None
    discount_taken_back: Decimal = ZERO
    short_payment_id: str | None = None
    short_payment_version: int | None = None

    @property
    def short_payment(self) -> ShortPayment | None:
        """What the customer held back with a reason; a rest that just stays open is none."""
        if self.reason_code is None or not self.shortfall_amount:
            return None
        if self.shortfall == "residual" and self.residual_item_id is not None:
            return ShortPayment(
                kind="residual",
                amount=self.residual,
                reason_code=self.reason_code,
                residual_item_id=self.residual_item_id,
            )
        if self.shortfall == "dispute":
            return ShortPayment(
                kind="dispute",
                amount=self.shortfall_amount,
                reason_code=self.reason_code,
                short_payment_id=self.short_payment_id,
                version=self.short_payment_version or 0,
            )
        return None

    @property
    def standing(self) -> "Allocation":
        """The allocation with the discount that it still grants."""
        return replace(self, discount=self.discount - self.discount_taken_back, discount_taken_back=ZERO)

    @property
    def told(self) -> ToldAllocation:
        """What events say of it."""
        return ToldAllocation(
            item_id=self.item_id,
            number=self.number,
            amount=self.payment,
            discount=self.discount,
            tolerance_write_off=self.tolerance,
            customer_id=self.customer_id,
            currency=self.currency,
            receipt_amount=self.receipt_amount,
        )


def carried(items: Mapping[str, Item], allocations: Iterable[Allocation], *, back: bool = False) -> dict[str, Item]:
    """Return items that carry on what allocations, made or taken back, have earned of the discount above what they granted."""
    found = dict(items)
    for one in allocations:
        left = one.discount_earned - one.discount
        if left:
            item = found[one.item_id]
            found[one.item_id] = changed(item, discount_carried=item.discount_carried + (-left if back else left))
    return found


@dataclass(frozen=True, slots=True)
class CashMoved:
    """Where the money of an application comes from, and what of it is put on account."""

    from_unapplied: Decimal
    from_on_account: Decimal
    to_on_account: Decimal

    def lines(self, receipt: Receipt, *, back: bool = False) -> tuple[Line, ...]:
        """Return the lines that move it, or that move it back."""
        sign = -1 if back else 1
        return cash_lines(
            receipt,
            unapplied=-sign * (self.from_unapplied + self.to_on_account),
            on_account=sign * (self.to_on_account - self.from_on_account),
        )
