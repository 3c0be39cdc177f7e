"""What matching answers: for each customer that may have paid, which items and why, and how sure we are.

The one thing to know: only a proposal at or above `AUTOMATIC_CONFIDENCE_MIN` may be applied without a person.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shared.money import Money

AUTOMATIC_CONFIDENCE_MIN = Decimal("0.95")


class Shortfall(StrEnum):
    """What becomes of the part of an item that is not paid."""

    PARTIAL = "partial"
    DISPUTE = "dispute"


class Method(StrEnum):
    """How the items were found and the money spread over them."""

    REMITTANCE = "remittance"
    NAMED_EXACT = "named_exact"
    NAMED_DISCOUNT = "named_discount"
    NAMED_TOLERANCE = "named_tolerance"
    NAMED_CREDIT = "named_credit"
    NAMED_SHORT_PAYMENT = "named_short_payment"
    NAMED_PARTIAL = "named_partial"
    NAMED_OVERPAYMENT = "named_overpayment"
    NAMED_EXCHANGE = "named_exchange"
    AMOUNT_EXACT = "amount_exact"
    AMOUNT_DISCOUNT = "amount_discount"
    AMOUNT_ALL_OPEN = "amount_all_open"
    AMOUNT_OLDEST = "amount_oldest"
    AMOUNT_PAIR = "amount_pair"
    ON_ACCOUNT = "on_account"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding, in a sentence, and whether it speaks for the proposal or against it."""

    detail: str
    supports: bool = True


@dataclass(frozen=True, slots=True)
class Allocation:
    """What of the receipt goes to one item. Negative on a credit memo that is netted.

    `amount`, `discount` and `tolerance` (what is written off) together never exceed the item's balance; `shortfall` says what
    becomes of the rest. For an item in another currency `receipt_amount` is what the receipt gives for it.
    """

    item_id: str
    amount: Money
    discount: Money
    shortfall: Shortfall | None = None
    reason_code: str | None = None
    tolerance: Money | None = None
    receipt_amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to take the receipt: its allocations and what stays on account come to the receipt exactly.

    `rates` are those at which it pays items in other currencies: units of the currency for one of the receipt's.
    """

    customer_id: str
    allocations: tuple[Allocation, ...]
    on_account: Money
    confidence: Decimal
    method: Method
    explanation: tuple[Evidence, ...]
    rates: tuple[tuple[str, Decimal], ...] = ()

    @property
    def settled(self) -> bool:
        """Return whether it stays the surest, whatever else is open of whoever may have paid."""
        return self.automatic and self.method in (Method.REMITTANCE, Method.NAMED_EXACT, Method.NAMED_DISCOUNT)

    @property
    def automatic(self) -> bool:
        """Return whether it is sure enough to be applied without a person."""
        return self.confidence >= AUTOMATIC_CONFIDENCE_MIN
