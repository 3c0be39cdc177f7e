"""What the rules see. Stored with each decision, so that it can be replayed: same facts, same decision."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from credit_service.credit_accounts.domain import ZERO, Cover, Limit
from credit_service.limit_pools.domain import Pool, own_limit
from credit_service.receivables.domain import Due
from shared.money import Money
from shared.values import value

NOTHING_AGREED = ""
NO_COVER = Cover()


@value(frozen=True, slots=True)
class CheckFacts:
    """One order against one account, all amounts in the account's currency unless they say otherwise.

    `document` is what would be reserved (of the order what is neither delivered nor invoiced), `document_value` the whole
    order. The parts of the exposure include `own_reserved`, what the order has reserved before. `dues` (what is past due, by
    due date) and `reserved_by_delivery` (without this order) are read only where a rule of the policy asks for them;
    `overdue` stands in decisions of the time before `dues`.

    `amount`, `taken_over` and `excusable_up_to` are in the order's `order_currency`; `rate` is from there to the
    account's.
    A release in time excuses the rules `excusable` up to that amount; `excused` are those that it excuses here.
    """

    as_of: date
    currency: str
    document: Decimal
    document_value: Decimal
    requested_delivery_date: date | None
    limit: Limit
    blocked: bool
    open_orders: Decimal
    open_items: Decimal
    special: Decimal
    unapplied: Decimal
    own_reserved: Decimal
    oldest_due_date: date | None
    unconverted: int
    excused: tuple[str, ...] = ()
    overdue: Decimal | None = None
    reserved_by_delivery: Mapping[date, Decimal] | None = None
    delivered: Decimal = ZERO
    dues: Mapping[date, Due] | None = None
    amount: Decimal | None = None
    order_currency: str | None = None
    rate: Decimal = Decimal(1)
    taken_over: Decimal = ZERO
    excusable: tuple[str, ...] = ()
    excusable_up_to: Decimal | None = None
    order_type: str | None = None
    prepaid: bool = False
    payment_terms: str | None = None
    agreed_terms: str = NOTHING_AGREED
    dunning_level: int = 0
    next_review_on: date | None = None
    broken_promises: tuple[date, ...] = ()
    returned_payments: tuple[date, ...] = ()
    cover: Cover = NO_COVER
    limit_decided: bool = True
    pool: Pool | None = None
    manual_hold: str | None = None

    @property
    def exposure(self) -> Decimal:
        """What counts already, with what this order has reserved."""
        return self.open_orders + self.delivered + self.open_items + self.special - self.unapplied

    @property
    def exposure_with_document(self) -> Decimal:
        """What would count."""
        return self.exposure - self.own_reserved + self.document

    @property
    def own_limit(self) -> Limit:
        """The account's own limit, which one that was never given any does not have inside a pool."""
        return own_limit(self.limit, decided=self.limit_decided, pool=self.pool)

    def beyond(self, horizon_days: int) -> Decimal:
        """Return what of `exposure_with_document` is for delivery after the horizon."""
        horizon = self.as_of + timedelta(days=horizon_days)
        reserved = sum((amount for day, amount in (self.reserved_by_delivery or {}).items() if day > horizon), ZERO)
        delivery = self.requested_delivery_date
        return reserved + (self.document if delivery is not None and delivery > horizon else ZERO)

    def past_due(self, *, disputed_counts: bool) -> Decimal:
        """Return what is past due, without what is disputed where that does not count."""
        if self.dues is None:
            return self.overdue or ZERO
        return sum((due.counted(disputed_counts=disputed_counts) for due in self.dues.values()), ZERO)

    def oldest_due(self, *, disputed_counts: bool) -> date | None:
        """Return the due date of the oldest item that counts."""
        if disputed_counts or self.dues is None:
            return self.oldest_due_date
        return min((day for day, due in self.dues.items() if due.counted(disputed_counts=False) > 0), default=None)

    def show(self, amount: Decimal) -> str:
        """Return an amount with the decimals of the account's currency."""
        return str(Money(amount, self.currency).amount)
