"""What a document counts for, in the credit account's currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_service.credit_accounts.domain import ZERO, Exposure
from shared.money import rounded

ORDER_CONSUMING_KINDS = frozenset({"invoice", "debit_memo"})
"""What takes an order's value over from its reservation."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item as the credit check knows it. `rate` is None while there is none to the account's currency."""

    item_id: str
    version: int
    customer_id: str
    order_id: str | None
    kind: str
    amount: Decimal
    balance: Decimal
    currency: str
    due_date: date
    rate: Decimal | None
    account_amount: Decimal
    account_balance: Decimal

    @property
    def counts(self) -> Exposure:
        """What it adds to the exposure: a down payment requested is special, all else an open item."""
        if self.kind == "down_payment_request":
            return Exposure(special=max(self.account_balance, ZERO))
        return Exposure(open_items=self.account_balance)

    @property
    def unconverted(self) -> int:
        """One where something is open that cannot be counted yet."""
        return int(self.rate is None and self.balance != 0)

    @property
    def takes_from(self) -> str | None:
        """The order whose reservation it takes over."""
        return self.order_id if self.kind in ORDER_CONSUMING_KINDS else None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt's cash that belongs to a known customer and is not applied."""

    receipt_id: str
    version: int
    customer_id: str | None
    cash: Decimal
    currency: str
    rate: Decimal | None
    account_cash: Decimal

    @property
    def counts(self) -> Exposure:
        """What it adds to the exposure: cash of an unknown payer lowers nobody's."""
        return Exposure(unapplied=self.account_cash if self.customer_id else ZERO)

    @property
    def unconverted(self) -> int:
        """One where a known customer's cash cannot be counted yet."""
        return int(self.rate is None and self.customer_id is not None and self.cash != 0)


@dataclass(frozen=True, slots=True)
class DisputeOfItem:
    """What one case disputes of one item, in the item's currency."""

    dispute_id: str
    item_id: str
    disputed: Decimal


@dataclass(frozen=True, slots=True)
class Due:
    """What is open of the items of one due date, in the account's currency; `disputed` is the part of it that is disputed."""

    balance: Decimal
    disputed: Decimal = ZERO

    def counted(self, *, disputed_counts: bool) -> Decimal:
        """Return what of it counts as past due."""
        return self.balance if disputed_counts else max(self.balance - self.disputed, ZERO)


Dues = Mapping[date, Due]
"""What is past due, by due date."""


def converted(amount: Decimal, rate: Decimal | None, currency: str) -> Decimal:
    """Return an amount in the account's `currency`; nothing while there is no rate."""
    return ZERO if rate is None else rounded(amount * rate, currency)


def minus(exposure: Exposure) -> Exposure:
    """Return what takes `exposure` away again."""
    return Exposure(
        -exposure.open_orders, -exposure.open_items, -exposure.special, -exposure.unapplied, -exposure.delivered
    )
