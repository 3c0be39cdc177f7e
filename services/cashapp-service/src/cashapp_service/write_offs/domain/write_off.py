"""What a write-off takes of which items, and the entry that posts it or takes it back.

The one thing to know: a disputed item may be written off, as a dispute may be decided that way; what is disputed of it is
shown to who approves. Nothing is set aside while a write-off waits: a payment that comes in between has precedence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, Line
from cashapp_service.write_offs.domain.refusals import (
    NotWritableOffError,
    WriteOffExceedsError,
    WriteOffNotCoveredError,
)

WriteOffStatus = Literal["pending", "approved", "rejected", "cancelled", "reversed"]
WriteOffAccount = Literal["bad_debt", "allowance"]
WriteOffReason = Literal[
    "insolvency", "uncollectible", "time_barred", "uneconomic", "deceased", "fraud", "dispute_decided", "other"
]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class WantedItem:
    """An item to write off, in whole (no amount) or in part."""

    item_id: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedWriteOff:
    """A write-off as it is asked for; `request_id` is the request of collections-service that it carries out."""

    items: tuple[WantedItem, ...]
    reason_code: WriteOffReason
    evidence: tuple[str, ...]
    account: WriteOffAccount
    request_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What is written off of one item, and how much of that was recovered since."""

    item_id: str
    number: str
    amount: Decimal
    disputed_amount: Decimal = ZERO
    recovered: Decimal = ZERO


def first_item(wanted: WantedWriteOff, items: Mapping[str, Item]) -> Item:
    """Return the item that says customer, company code and currency; raise `NotWritableOffError` unless all agree."""
    named = [one.item_id for one in wanted.items]
    if len(set(named)) < len(named):
        raise NotWritableOffError("An item stands twice: send each once.", field="items")
    first = items.get(named[0])
    for position, item_id in enumerate(named):
        _check(items.get(item_id), first, item_id, field=f"items.{position}.item_id")
    assert first is not None
    return first


def _check(item: Item | None, first: Item | None, item_id: str, *, field: str) -> None:
    if item is None or first is None:
        raise NotWritableOffError(f"There is no item {item_id}: find it with GET /v1/items.", field=field)
    if item.is_credit or item.kind == "down_payment_request":
        detail = f"{item.number} is a {item.kind}: only invoices and debit memos are written off."
        raise NotWritableOffError(detail, field=field)
    for name in ("customer_id", "company_code", "currency"):
        if getattr(item, name) != getattr(first, name):
            words = name.removesuffix("_id").replace("_", " ")
            raise NotWritableOffError(
                f"{item.number} has another {words} than {first.number}: leave it out.", field=field
            )


def plan_shares(
    wanted: WantedWriteOff,
    items: Mapping[str, Item],
    *,
    pending: Mapping[str, Decimal],
    disputed: Mapping[str, Decimal],
) -> list[Share]:
    """Return what is written off of each item; `pending` is what other write-offs wait for.

    Raises `WriteOffExceedsError`.
    """
    shares = []
    for position, one in enumerate(wanted.items):
        item, waits = items[one.item_id], pending.get(one.item_id, ZERO)
        free = item.balance - waits
        amount = free if one.amount is None else one.amount
        if amount <= 0 or amount > free:
            field = f"items.{position}.{'item_id' if one.amount is None else 'amount'}"
            raise WriteOffExceedsError(item.number, max(free, ZERO), waits, item.currency, field=field)
        shares.append(
            Share(
                item_id=item.item_id,
                number=item.number,
                amount=amount,
                disputed_amount=min(amount, disputed.get(item.item_id, ZERO)),
            )
        )
    return shares


def ensure_covered(shares: Sequence[Share], items: Mapping[str, Item]) -> None:
    """Raise `WriteOffNotCoveredError` where less of an item is open than is to be written off."""
    for share in shares:
        item = items[share.item_id]
        if item.balance < share.amount:
            raise WriteOffNotCoveredError(item.number, item.balance, share.amount, item.currency)


def write_off_entry(
    write_off_id: str,
    shares: Sequence[Share],
    items: Mapping[str, Item],
    *,
    account: WriteOffAccount,
    on: date,
    back: bool = False,
) -> Entry:
    """Return the entry that writes items off against `account`, or that takes it back."""
    sign = -1 if back else 1
    first = items[shares[0].item_id]
    lines = [
        Line(
            account=Account.RECEIVABLES,
            amount=-sign * share.amount,
            kind="write_off",
            customer_id=first.customer_id,
            item_id=share.item_id,
        )
        for share in shares
    ]
    loss = Line(
        account=Account(account),
        amount=sign * sum((share.amount for share in shares), ZERO),
        kind="write_off",
        customer_id=first.customer_id,
    )
    return Entry(
        kind="write_off",
        posting_date=on,
        company_code=first.company_code,
        currency=first.currency,
        document_id=write_off_id,
        lines=(*lines, loss),
    )
