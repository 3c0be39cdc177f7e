"""What a refund takes from where, and the entries that post it and take it back.

The one thing to know: nothing is set aside while a refund waits. Its money may still be applied, as an invoice it was meant
for comes first; what is left is looked at again, under lock, when the refund is approved. Two waiting refunds never count on
the same money.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, Line
from cashapp_service.receipts.domain import Receipt, cash_lines
from cashapp_service.refunds.domain.refusals import (
    NothingToRefundError,
    RefundExceedsError,
    RefundNotCoveredError,
    RefundSourceError,
)
from shared.ids import new_id
from shared.money import Money

RefundStatus = Literal["pending", "approved", "paid", "rejected", "cancelled", "reversed"]
POSTED: frozenset[RefundStatus] = frozenset({"approved", "paid"})
"""The money has left the receipts and credit memos."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRefund:
    """A refund as it is asked for; without `amount`, all that is free of what is named."""

    customer_id: str
    currency: str
    amount: Decimal | None
    reason_code: str
    receipt_ids: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    bank_account: str | None = None
    paid_from: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a refund takes of one receipt, or of one credit memo."""

    amount: Decimal
    receipt_id: str | None = None
    item_id: str | None = None
    from_unapplied: Decimal = ZERO
    from_on_account: Decimal = ZERO
    recharged_item_id: str | None = None

    @property
    def source_id(self) -> str:
        """The receipt or credit memo."""
        source = self.receipt_id or self.item_id
        assert source is not None
        return source


Sources = Mapping[str, Receipt | Item]
"""Receipts and items by id."""


def _free(source: Receipt | Item) -> Decimal:
    return source.unapplied + source.on_account if isinstance(source, Receipt) else max(-source.balance, ZERO)


def company_of(wanted: WantedRefund, sources: Sources) -> str:
    """Return the company code that refunds; raise `RefundSourceError` where the sources do not belong together."""
    ids = [*wanted.receipt_ids, *wanted.item_ids]
    if len(set(ids)) < len(ids):
        raise RefundSourceError("A receipt or item stands twice: send each once.", field="receipt_ids")
    companies = set()
    for field, named in (("receipt_ids", wanted.receipt_ids), ("item_ids", wanted.item_ids)):
        for position, source_id in enumerate(named):
            companies.add(_checked(wanted, sources.get(source_id), source_id, f"{field}.{position}").company_code)
    if len(companies) != 1:
        raise RefundSourceError("All must be of one company code: ask for a refund in each.", field="receipt_ids")
    return companies.pop()


def _checked(wanted: WantedRefund, source: Receipt | Item | None, source_id: str, field: str) -> Receipt | Item:
    if source is None:
        raise RefundSourceError(f"There is no {source_id}: see GET /v1/refunds/candidates.", field=field)
    if isinstance(source, Item) and not source.is_credit:
        raise RefundSourceError(f"{source.number} is a {source.kind}: only credit memos are refunded.", field=field)
    if source.customer_id is None:
        raise RefundSourceError(f"Nobody knows who paid {source_id}: identify the receipt first.", field=field)
    for name in ("customer_id", "currency"):
        if getattr(source, name) != getattr(wanted, name):
            words = name.removesuffix("_id")
            detail = f"{source_id} has the {words} {getattr(source, name)}, not {getattr(wanted, name)}: leave it out."
            raise RefundSourceError(detail, field=field)
    return source


def plan_parts(wanted: WantedRefund, sources: Sources, pending: Mapping[str, Decimal]) -> list[Part]:
    """Return what is taken of each source, in their order, receipts first; `pending` is what other refunds wait for.

    Raises `NothingToRefundError` and `RefundExceedsError`.
    """
    free = {}
    for name, ids in (("receipt_ids", wanted.receipt_ids), ("item_ids", wanted.item_ids)):
        for position, source_id in enumerate(ids):
            waits = pending.get(source_id, ZERO)
            free[source_id] = _free(sources[source_id]) - waits
            if free[source_id] <= 0:
                raise NothingToRefundError(source_id, waits, wanted.currency, field=f"{name}.{position}")
    total = sum(free.values(), ZERO)
    left = total if wanted.amount is None else wanted.amount
    if left > total:
        raise RefundExceedsError(Money(total, wanted.currency))
    parts = []
    for source_id, most in free.items():
        amount = min(left, most)
        left -= amount
        if amount and isinstance(sources[source_id], Receipt):
            parts.append(Part(amount=amount, receipt_id=source_id))
        elif amount:
            parts.append(Part(amount=amount, item_id=source_id))
    return parts


def settled(part: Part, source: Receipt | Item) -> Part:
    """Return a part with where its money is taken from: unapplied money first. Raises `RefundNotCoveredError`."""
    if _free(source) < part.amount:
        raise RefundNotCoveredError(part.source_id, _free(source), Money(part.amount, source.currency))
    if isinstance(source, Item):
        return part
    unapplied = min(part.amount, source.unapplied)
    return replace(part, from_unapplied=unapplied, from_on_account=part.amount - unapplied)


def first_day(sources: Iterable[Receipt | Item]) -> date:
    """Return the first day on which all the money was there."""
    return max(source.postable_from for source in sources)


def entries_of(
    refund_id: str, parts: Sequence[Part], sources: Sources, *, on: date, ledger_account: str | None, back: bool = False
) -> list[Entry]:
    """Return the entries that post a refund, one per part, or that take it back.

    The money leaves from `ledger_account`, else from the account on which the receipt came in.
    """
    return [_entry(refund_id, part, sources[part.source_id], on, ledger_account, back) for part in parts]


def _entry(
    refund_id: str, part: Part, source: Receipt | Item, on: date, ledger_account: str | None, back: bool
) -> Entry:
    sign = -1 if back else 1
    if isinstance(source, Receipt):
        taken = cash_lines(source, unapplied=-sign * part.from_unapplied, on_account=-sign * part.from_on_account)
        bank = ledger_account or source.ledger_account
    else:
        taken = (
            Line(
                account=Account.RECEIVABLES,
                amount=sign * part.amount,
                kind="reversal" if back else "payment",
                customer_id=source.customer_id,
                item_id=source.item_id,
            ),
        )
        bank = ledger_account or Account.CASH
    paid = Line(
        account=bank,
        amount=-sign * part.amount,
        kind="cash",
        customer_id=source.customer_id,
        receipt_id=part.receipt_id,
    )
    return Entry(
        kind="refund",
        posting_date=on,
        value_date=on,
        company_code=source.company_code,
        currency=source.currency,
        receipt_id=part.receipt_id,
        document_id=refund_id,
        lines=(*taken, paid),
    )


def recharge_item(part: Part, receipt: Receipt, number: str, on: date) -> Item:
    """Return the debit memo by which a customer owes what was refunded of a payment that the bank then took back."""
    assert receipt.customer_id is not None
    return Item(
        item_id=new_id("itm"),
        company_code=receipt.company_code,
        number=number,
        kind="debit_memo",
        customer_id=receipt.customer_id,
        issue_date=on,
        due_date=on,
        postable_from=on,
        amount=part.amount,
        currency=receipt.currency,
        reference=receipt.receipt_id,
    )


def recharge_entry(refund_id: str, part: Part, receipt: Receipt, item: Item) -> Entry:
    """Return the entry that gives the refunded part back to the receipt and charges the customer for it."""
    charged = Line(
        account=Account.RECEIVABLES,
        amount=part.amount,
        kind="issue",
        customer_id=item.customer_id,
        item_id=item.item_id,
    )
    return Entry(
        kind="refund",
        posting_date=item.issue_date,
        value_date=item.issue_date,
        company_code=receipt.company_code,
        currency=receipt.currency,
        receipt_id=receipt.receipt_id,
        document_id=refund_id,
        lines=(charged, *cash_lines(receipt, unapplied=part.from_unapplied, on_account=part.from_on_account)),
    )
