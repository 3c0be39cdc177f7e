"""Facts in the form in which they are stored: what was not there to be seen is left out."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from credit_service.credit_accounts.domain import Cover, Limit
from credit_service.credit_decisions.domain.facts import NO_COVER, NOTHING_AGREED, CheckFacts
from credit_service.limit_pools.domain import Pool
from credit_service.receivables.domain import Due


def as_document(facts: CheckFacts) -> dict[str, Any]:
    """Return facts in the form in which they are stored; what was not there to be seen is left out."""
    stored: dict[str, Any] = {
        "as_of": facts.as_of.isoformat(),
        "currency": facts.currency,
        "document": str(facts.document),
        "document_value": str(facts.document_value),
        "requested_delivery_date": _written(facts.requested_delivery_date),
        **_limit_document(facts.limit),
        "blocked": facts.blocked,
        "open_orders": str(facts.open_orders),
        "delivered": str(facts.delivered),
        "open_items": str(facts.open_items),
        "special": str(facts.special),
        "unapplied": str(facts.unapplied),
        "own_reserved": str(facts.own_reserved),
        "oldest_due_date": _written(facts.oldest_due_date),
        "unconverted": facts.unconverted,
        "excused": list(facts.excused),
        "overdue": _text(facts.overdue),
        "reserved_by_delivery": None
        if facts.reserved_by_delivery is None
        else {day.isoformat(): str(amount) for day, amount in facts.reserved_by_delivery.items()},
        "amount": _text(facts.amount),
        "order_currency": facts.order_currency,
        "rate": str(facts.rate),
        "taken_over": str(facts.taken_over),
        "payment_terms": facts.payment_terms,
        "agreed_terms": facts.agreed_terms,
        "limit_decided": facts.limit_decided,
    }
    if facts.dues is not None:
        stored["dues"] = {day.isoformat(): [str(due.balance), str(due.disputed)] for day, due in facts.dues.items()}
    if facts.excusable:
        stored |= {"excusable": list(facts.excusable), "excusable_up_to": _text(facts.excusable_up_to)}
    if facts.order_type is not None:
        stored["order_type"] = facts.order_type
    if facts.prepaid:
        stored["prepaid"] = True
    if facts.dunning_level:
        stored["dunning_level"] = facts.dunning_level
    if facts.next_review_on is not None:
        stored["next_review_on"] = facts.next_review_on.isoformat()
    if facts.broken_promises:
        stored["broken_promises"] = [day.isoformat() for day in facts.broken_promises]
    if facts.returned_payments:
        stored["returned_payments"] = [day.isoformat() for day in facts.returned_payments]
    if facts.cover != NO_COVER:
        stored["cover"] = _cover_document(facts.cover)
    if facts.manual_hold is not None:
        stored["manual_hold"] = facts.manual_hold
    if facts.pool is not None:
        stored["pool"] = _pool_document(facts.pool)
    return stored


def _limit_document(limit: Limit) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "limit_state": limit.state,
        "credit_limit": _text(limit.amount),
        "limit_valid_until": _written(limit.valid_until),
    }
    if limit.temporary is not None:
        stored |= {"temporary_limit": str(limit.temporary), "temporary_until": _written(limit.temporary_until)}
    return stored


def _cover_document(cover: Cover) -> dict[str, Any]:
    return {"insured": str(cover.insured), "paid": str(cover.paid), "valid_until": _written(cover.valid_until)}


def _pool_document(pool: Pool) -> dict[str, Any]:
    return {
        "pool_id": pool.pool_id,
        "currency": pool.currency,
        "rate": _text(pool.rate),
        **_limit_document(pool.limit),
        "cover": _cover_document(pool.cover),
        "exposure": str(pool.exposure),
        "unconverted": pool.unconverted,
    }


def from_document(stored: Mapping[str, Any]) -> CheckFacts:
    """Return stored facts; what a decision of an earlier time did not know is as if it were not there."""
    by_delivery, dues, pool = stored["reserved_by_delivery"], stored.get("dues"), stored.get("pool")
    return CheckFacts(
        as_of=date.fromisoformat(stored["as_of"]),
        currency=stored["currency"],
        document=Decimal(stored["document"]),
        document_value=Decimal(stored["document_value"]),
        requested_delivery_date=_read(stored["requested_delivery_date"]),
        limit=_read_limit(stored),
        blocked=stored["blocked"],
        open_orders=Decimal(stored["open_orders"]),
        delivered=Decimal(stored.get("delivered", "0")),
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
        dues=None
        if dues is None
        else {date.fromisoformat(day): Due(Decimal(due[0]), Decimal(due[1])) for day, due in dues.items()},
        amount=_number(stored.get("amount")),
        order_currency=stored.get("order_currency"),
        rate=Decimal(stored.get("rate", "1")),
        taken_over=Decimal(stored.get("taken_over", "0")),
        excusable=tuple(stored.get("excusable", ())),
        excusable_up_to=_number(stored.get("excusable_up_to")),
        order_type=stored.get("order_type"),
        prepaid=stored.get("prepaid", False),
        payment_terms=stored.get("payment_terms"),
        agreed_terms=stored.get("agreed_terms", NOTHING_AGREED),
        dunning_level=stored.get("dunning_level", 0),
        next_review_on=_read(stored.get("next_review_on")),
        broken_promises=_days(stored.get("broken_promises", ())),
        returned_payments=_days(stored.get("returned_payments", ())),
        cover=_read_cover(stored.get("cover")),
        limit_decided=stored.get("limit_decided", True),
        manual_hold=stored.get("manual_hold"),
        pool=_read_pool(pool) if pool else None,
    )


def _read_limit(stored: Mapping[str, Any]) -> Limit:
    return Limit(
        stored["limit_state"],
        _number(stored["credit_limit"]),
        _read(stored["limit_valid_until"]),
        _number(stored.get("temporary_limit")),
        _read(stored.get("temporary_until")),
    )


def _read_cover(stored: Mapping[str, Any] | None) -> Cover:
    if stored is None:
        return NO_COVER
    return Cover(Decimal(stored["insured"]), Decimal(stored["paid"]), _read(stored["valid_until"]))


def _read_pool(stored: Mapping[str, Any]) -> Pool:
    return Pool(
        stored["pool_id"],
        stored["currency"],
        _number(stored["rate"]),
        _read_limit(stored),
        _read_cover(stored["cover"]),
        Decimal(stored["exposure"]),
        stored["unconverted"],
    )


def _days(stored: Iterable[str]) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, stored))


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _read(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _number(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)
