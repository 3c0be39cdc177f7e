"""What a report costs and when one is bought.

The one thing to know: a purchase is recorded before the bureau is asked, so that two callers never buy the same report and a
crash in between is seen afterwards: `ordered` → `received` | `failed` | `uncertain`. What is uncertain counts as spent.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.money import Money

PurchaseStatus = Literal["ordered", "received", "failed", "uncertain"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with a bureau: price of a report, the most to be spent in a calendar month, days a report stays fresh."""

    cost: Decimal = Decimal(0)
    currency: str = "EUR"
    monthly_cap: Decimal = Decimal(500)
    fresh_days: int = 90
    cost_by_product: dict[str, Decimal] = field(default_factory=dict)
    fresh_days_by_product: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be agreed; such as a setting with a slip in it."""
        amounts = (self.cost, self.monthly_cap, *self.cost_by_product.values())
        if min(amounts) < 0 or min((self.fresh_days, *self.fresh_days_by_product.values())) < 0:
            raise ValueError("prices, caps and days are never negative")
        for amount in amounts:
            Money(amount, self.currency)

    def cost_of(self, product: str) -> Decimal:
        """Return the price of one report, in `currency`."""
        return self.cost_by_product.get(product, self.cost)

    def is_fresh(self, product: str, *, obtained_on: date, today: date) -> bool:
        """Tell whether a report that came on a day need not be bought again; on its last fresh day it need not."""
        return (today - obtained_on).days <= self.fresh_days_by_product.get(product, self.fresh_days)


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be bought from a bureau, the usual product first, and on what terms; `available` where we have access to it."""

    products: tuple[str, ...]
    terms: Terms
    available: bool


def month_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of a day's calendar month."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


class BureauNotConfiguredError(ConflictError):
    """There are no credentials for the bureau."""

    code = "bureau_not_configured"

    def __init__(self, provider: str) -> None:
        settings = f"OPENITEM_BUREAU_{provider.upper()}_…"
        super().__init__(f"There is no access to {provider}: its settings {settings} are missing. Or send a file.")


class UnknownProductError(InvalidError):
    """The bureau has no such product."""

    code = "unknown_product"

    def __init__(self, product: str, products: tuple[str, ...]) -> None:
        super().__init__(f"There is no product {product!r}: take one of {', '.join(products)}.", field="product")


class CostCapReachedError(ConflictError):
    """Another report would cost more than may be spent in the month."""

    code = "cost_cap_reached"

    def __init__(self, provider: str, *, cost: Decimal, spent: Decimal, terms: Terms) -> None:
        super().__init__(
            f"{provider} may cost {Money(terms.monthly_cap, terms.currency)} a month; {Money(spent, terms.currency)} are spent "
            f"and this report costs {Money(cost, terms.currency)}. A credit manager may buy it with `force` and a reason."
        )


class UncertainPurchaseOpenError(ConflictError):
    """A former order may have been carried out, so another one might be billed twice."""

    code = "purchase_uncertain"

    def __init__(self, purchase_id: str) -> None:
        super().__init__(
            f"Nobody knows whether the purchase {purchase_id} was carried out: ask the bureau for this reference, then order "
            "with `force` and a reason."
        )


class ForceNeedsReasonError(InvalidError):
    """Who buys in spite of a rule says why."""

    code = "reason_required"

    def __init__(self) -> None:
        super().__init__("Say why it is bought although it need not or should not be.", field="reason")


class ReportNotFoundError(NotFoundError):
    """There is no such report of this customer."""

    code = "bureau_report_not_found"

    def __init__(self, report_id: str) -> None:
        super().__init__(f"There is no bureau report {report_id} of this customer.")


def ensure_within_cap(provider: str, terms: Terms, product: str, *, spent: Decimal, may_exceed: bool) -> None:
    """Raise `CostCapReachedError` where the month's purchases and this one would cost more than the cap."""
    cost = terms.cost_of(product)
    if spent + cost > terms.monthly_cap and not may_exceed:
        raise CostCapReachedError(provider, cost=cost, spent=spent, terms=terms)
