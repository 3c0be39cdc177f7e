"""What an application does, decided before anything is written: entries, the rests, the short payments.

The one thing to know: credit memos among the allocations are netted against the invoices of the same application and
currency first, the receipt pays what is left. So applied money is what the invoices take less what the memos give.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cashapp_service.applications.domain.allocation import ZERO, Allocation, CashMoved, Wanted
from cashapp_service.applications.domain.checks import TakenBefore, check_each, check_together, check_written_off
from cashapp_service.applications.domain.exchange import exchanged
from cashapp_service.applications.domain.postings import Posting, lines_applied
from cashapp_service.applications.domain.refusals import PostedTooEarlyError
from cashapp_service.items.domain.item import NUMBER_MAX, Item
from cashapp_service.ledger.domain import Entry
from cashapp_service.receipts.domain import Receipt, ReceiptExhaustedError
from cashapp_service.tolerance_groups.domain import Policy
from shared.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which a receipt is applied.

    `pays_for` are the customers beside its own whose items it may pay; `rates` has, by currency of an item, units for one
    of the receipt's; `residual_numbers` a free document number for each item of which the rest is carried into another;
    `before`, by currency, what its applications took so far.
    """

    policy: Policy
    pays_for: frozenset[str] = frozenset()
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    residual_numbers: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, TakenBefore] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An application that keeps every rule. The first of its entries is that of the receipt."""

    application_id: str
    posting_date: date
    allocations: tuple[Allocation, ...]
    residual_items: dict[str, Item]
    cash: CashMoved
    entries: tuple[Entry, ...]

    @property
    def entry(self) -> Entry:
        """The entry that moves the receipt's money."""
        return self.entries[0]


def plan_application(
    receipt: Receipt,
    items: Mapping[str, Item],
    wanted: Sequence[Wanted],
    *,
    on_account: Decimal,
    posting_date: date | None,
    terms: Terms,
) -> Plan:
    """Return what applying `receipt` (of a known customer) does, or raise the refusal that says why it may not be.

    It is posted on `posting_date`, else on the first day possible: the latest of the receipt's value date, the items'
    issue dates, and the days on which one of them was reopened.
    """
    wanted = check_each(receipt, items, wanted, pays_for=terms.pays_for, policy=terms.policy)
    check_together(receipt, items, wanted, on_account=on_account, rates=terms.rates)
    check_written_off(receipt, items, wanted, before=terms.before, policy=terms.policy)
    day = posting_date or first_day(receipt, [items[one.item_id] for one in wanted])
    _check_day(receipt, [items[one.item_id] for one in wanted], day)
    allocations, residual_items = _allocated(receipt, wanted, items, day, terms)
    cash = _cash(receipt, allocations, on_account)
    posting = Posting(application_id=new_id("app"), posting_date=day, cash=cash)
    return Plan(
        application_id=posting.application_id,
        posting_date=day,
        allocations=allocations,
        residual_items=residual_items,
        cash=cash,
        entries=posting.entries(receipt, lines_applied(receipt, allocations, opened=residual_items)),
    )


def first_day(receipt: Receipt, items: Sequence[Item]) -> date:
    """Return the first day on which the receipt may pay these items: the money and all of them are there."""
    return max([receipt.postable_from, *(item.postable_from for item in items)])


def _check_day(receipt: Receipt, items: Sequence[Item], day: date) -> None:
    earliest = first_day(receipt, items)
    if day < earliest:
        raise PostedTooEarlyError(earliest)


def _cash(receipt: Receipt, allocations: Sequence[Allocation], on_account: Decimal) -> CashMoved:
    """Return where the money comes from: unapplied money first, then what is on account."""
    paid = sum((one.receipt_amount for one in allocations), ZERO)
    from_unapplied = min(paid, receipt.unapplied)
    if paid > receipt.unapplied + receipt.on_account:
        fits, field = _first_without_money(receipt, allocations)
        raise ReceiptExhaustedError(receipt, paid + on_account, fits=fits, field=field)
    if on_account > receipt.unapplied - from_unapplied:
        fits = receipt.unapplied - from_unapplied
        raise ReceiptExhaustedError(receipt, paid + on_account, fits=fits, field="on_account")
    return CashMoved(from_unapplied, paid - from_unapplied, on_account)


def _first_without_money(receipt: Receipt, allocations: Sequence[Allocation]) -> tuple[Decimal, str]:
    """Return what is left for the first allocation that is not covered when they are paid in their order, and its field."""
    left = receipt.unapplied + receipt.on_account
    for position, one in enumerate(allocations):
        if one.receipt_amount > left:
            return left, f"allocations.{position}.amount"
        left -= one.receipt_amount
    raise AssertionError("the receipt covers every allocation")


def _allocated(
    receipt: Receipt, wanted: Sequence[Wanted], items: Mapping[str, Item], day: date, terms: Terms
) -> tuple[tuple[Allocation, ...], dict[str, Item]]:
    """Return the allocations with the memos' credit spread over the invoices in their order, and the residual items."""
    credit_left: dict[str, Decimal] = defaultdict(Decimal)
    for one in wanted:
        credit_left[items[one.item_id].currency] -= min(one.amount, ZERO)
    allocations, residual_items = [], {}
    for position, one in enumerate(wanted):
        item = items[one.item_id]
        credit = one.amount if item.is_credit else min(credit_left[item.currency], one.amount)
        credit_left[item.currency] -= max(credit, ZERO)
        residual_item_id = None
        if one.shortfall == "residual":
            residual_item_id = one.reopens
            if residual_item_id is None:
                number, rest = terms.residual_numbers[item.item_id], one.short_of(item.balance - one.cleared)
                residual = _residual_item(item, rest, day, number=number, reason_code=one.reason_code)
                residual_item_id = residual.item_id
                residual_items[residual_item_id] = residual
        field = f"allocations.{position}"
        allocations.append(_allocation(receipt, item, one, credit, residual_item_id, terms, field=field))
    return tuple(allocations), residual_items


def _allocation(
    receipt: Receipt,
    item: Item,
    wanted: Wanted,
    credit: Decimal,
    residual_item_id: str | None,
    terms: Terms,
    *,
    field: str,
) -> Allocation:
    payment = wanted.amount - credit
    short = wanted.short_of(item.balance - wanted.cleared)
    short_payment_id, version = _told_as(wanted) if wanted.shortfall == "dispute" else (None, None)
    money = exchanged(receipt, item, wanted, payment, rates=terms.rates, policy=terms.policy, field=field)
    return Allocation(
        item_id=item.item_id,
        number=item.number,
        customer_id=item.customer_id,
        currency=item.currency,
        payment=payment,
        credit=credit,
        discount=wanted.discount,
        discount_earned=item.discount_earned(
            receipt.value_date, cleared=wanted.amount + wanted.discount, grace_days=terms.policy.discount_days
        ),
        tolerance=wanted.tolerance_write_off,
        receipt_amount=money.receipt_amount,
        exchange_rate=money.rate,
        exchange_difference=money.difference,
        residual=short if residual_item_id else ZERO,
        residual_item_id=residual_item_id,
        shortfall=wanted.shortfall,
        shortfall_amount=short,
        reason_code=wanted.reason_code,
        short_payment_id=short_payment_id,
        short_payment_version=version,
    )


def _told_as(wanted: Wanted) -> tuple[str, int]:
    """Return the id and version with which a disputed shortfall is told: one that goes on keeps its id, and so its case."""
    before = wanted.goes_on
    if before is None or before.short_payment_id is None:
        return new_id("shp"), 1
    return before.short_payment_id, before.version + 1


def residual_number(item: Item) -> str:
    """Return the number for the rest of an item; a long one loses its beginning, so that a count fits behind it."""
    return f"{item.number[8 - NUMBER_MAX :]}-R"


def _residual_item(item: Item, rest: Decimal, day: date, *, number: str, reason_code: str | None) -> Item:
    """Return the item that stands for the rest. It keeps the due date, and is no new sale on the order."""
    return Item(
        item_id=new_id("itm"),
        company_code=item.company_code,
        number=number,
        kind="debit_memo",
        customer_id=item.customer_id,
        issue_date=day,
        due_date=max(item.due_date, day),
        postable_from=day,
        amount=rest,
        currency=item.currency,
        po_number=item.po_number,
        reference=f"{item.number} {reason_code}",
        refers_to=item.number,
        reason_code=reason_code,
    )
