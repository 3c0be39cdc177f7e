"""What the rules see. Stored with each decision, so that it can be replayed: same facts, same decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from credit_service.credit_accounts.domain import ZERO, Account, Limit
from shared.money import Money


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """One order against one account, all amounts in the account's currency.

    `document` is what would be reserved (the order's value not yet invoiced), `document_value` the whole order. The parts
    of the exposure include `own_reserved`, what the order has reserved before. `overdue` and `reserved_by_delivery`
    (without this order) are read only where a rule of the policy asks for them.
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

    @property
    def exposure(self) -> Decimal:
        """What counts already, with what this order has reserved."""
        return self.open_orders + self.delivered + self.open_items + self.special - self.unapplied

    @property
    def exposure_with_document(self) -> Decimal:
        """What would count."""
        return self.exposure - self.own_reserved + self.document

    def beyond(self, horizon_days: int) -> Decimal:
        """Return what of `exposure_with_document` is for delivery after the horizon."""
        horizon = self.as_of + timedelta(days=horizon_days)
        reserved = sum((amount for day, amount in (self.reserved_by_delivery or {}).items() if day > horizon), ZERO)
        delivery = self.requested_delivery_date
        return reserved + (self.document if delivery is not None and delivery > horizon else ZERO)

    def show(self, amount: Decimal) -> str:
        """Return an amount with the decimals of the account's currency."""
        return str(Money(amount, self.currency).amount)


def facts_of(
    account: Account,
    *,
    as_of: date,
    document: Decimal,
    document_value: Decimal,
    requested_delivery_date: date | None,
    own_reserved: Decimal,
    excused: tuple[str, ...],
    overdue: Decimal | None,
    reserved_by_delivery: Mapping[date, Decimal] | None,
) -> CheckFacts:
    """Gather the facts of one order from its account."""
    exposure = account.exposure
    return CheckFacts(
        as_of,
        account.currency,
        document,
        document_value,
        requested_delivery_date,
        account.limit,
        account.blocked,
        exposure.open_orders,
        exposure.open_items,
        exposure.special,
        exposure.unapplied,
        own_reserved,
        account.oldest_due_date,
        account.unconverted,
        excused,
        overdue,
        reserved_by_delivery,
        exposure.delivered,
    )


def as_document(facts: CheckFacts) -> dict[str, Any]:
    """Return facts in the form in which they are stored."""
    return {
        "as_of": facts.as_of.isoformat(),
        "currency": facts.currency,
        "document": str(facts.document),
        "document_value": str(facts.document_value),
        "requested_delivery_date": _written(facts.requested_delivery_date),
        "limit_state": facts.limit.state,
        "credit_limit": _text(facts.limit.amount),
        "limit_valid_until": _written(facts.limit.valid_until),
        "blocked": facts.blocked,
        "open_orders": str(facts.open_orders),
        "open_items": str(facts.open_items),
        "special": str(facts.special),
        "unapplied": str(facts.unapplied),
        "delivered": str(facts.delivered),
        "own_reserved": str(facts.own_reserved),
        "oldest_due_date": _written(facts.oldest_due_date),
        "unconverted": facts.unconverted,
        "excused": list(facts.excused),
        "overdue": _text(facts.overdue),
        "reserved_by_delivery": None
        if facts.reserved_by_delivery is None
        else {day.isoformat(): str(amount) for day, amount in facts.reserved_by_delivery.items()},
    }


def from_document(stored: Mapping[str, Any]) -> CheckFacts:
    """Return stored facts."""
    by_delivery = stored["reserved_by_delivery"]
    return CheckFacts(
        as_of=date.fromisoformat(stored["as_of"]),
        currency=stored["currency"],
        document=Decimal(stored["document"]),
        document_value=Decimal(stored["document_value"]),
        requested_delivery_date=_read(stored["requested_delivery_date"]),
        limit=Limit(stored["limit_state"], _number(stored["credit_limit"]), _read(stored["limit_valid_until"])),
        blocked=stored["blocked"],
        open_orders=Decimal(stored["open_orders"]),
        open_items=Decimal(stored["open_items"]),
        special=Decimal(stored["special"]),
        unapplied=Decimal(stored["unapplied"]),
        own_reserved=Decimal(stored["own_reserved"]),
        oldest_due_date=_read(stored["oldest_due_date"]),
        unconverted=stored["unconverted"],
        excused=tuple(stored["excused"]),
        overdue=_number(stored["overdue"]),
        reserved_by_delivery=None
        if by_delivery is None
        else {date.fromisoformat(day): Decimal(amount) for day, amount in by_delivery.items()},
        delivered=Decimal(stored.get("delivered", "0")),
    )


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _read(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _number(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)
