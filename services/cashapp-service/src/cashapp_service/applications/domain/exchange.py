"""Money in one currency that pays an item in another: what it is worth, and what is gained or lost.

The one thing to know: a rate is in units of the item's currency for one unit of the receipt's. Money that is worth more
than what it pays is a gain, money that is worth less a loss; both are in the item's currency and belong to neither side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from cashapp_service.applications.domain.allocation import Wanted
from cashapp_service.applications.domain.refusals import (
    ExchangeDifferenceError,
    RateMissingError,
    ReceiptAmountError,
    check_decimals,
)
from cashapp_service.items.domain.item import Item
from cashapp_service.receipts.domain import Receipt
from cashapp_service.tolerance_groups.domain import Policy
from shared.money import Money, rounded


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What a payment takes of the receipt, the rate it was valued at, and the gain (positive) or loss (negative)."""

    receipt_amount: Decimal
    rate: Decimal | None
    difference: Decimal


def exchanged(
    receipt: Receipt,
    item: Item,
    wanted: Wanted,
    payment: Decimal,
    *,
    rates: Mapping[str, Decimal],
    policy: Policy,
    field: str,
) -> Exchanged:
    """Return what `payment`, in the item's currency, takes of the receipt.

    Raises `RateMissingError`, `ReceiptAmountError` where money and payment are not both there or the item needs no exchange,
    and `ExchangeDifferenceError` where the stated money misses the payment by so much that the rate must be wrong.
    """
    if item.currency == receipt.currency:
        if wanted.receipt_amount not in (None, payment):
            raise ReceiptAmountError(item, f"it is {payment} {item.currency}", field=f"{field}.receipt_amount")
        return Exchanged(payment, None, Decimal(0))
    rate = rates.get(item.currency)
    if rate is None:
        raise RateMissingError(item, receipt)
    money = wanted.receipt_amount
    if money is None:
        money = rounded(payment / rate, receipt.currency)
    check_decimals(money, receipt.currency, field=f"{field}.receipt_amount")
    if bool(money) != bool(payment):
        raise ReceiptAmountError(item, f"{payment} {item.currency} is paid", field=f"{field}.receipt_amount")
    difference = rounded(money * rate, item.currency) - payment
    limit = policy.exchange_limit(Money(payment, item.currency))
    if wanted.receipt_amount is not None and abs(difference) > limit.amount:
        raise ExchangeDifferenceError(item, Money(difference, item.currency), rate, field=f"{field}.receipt_amount")
    return Exchanged(money, rate, difference)
