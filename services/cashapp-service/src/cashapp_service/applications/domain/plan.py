"""What an application does, decided before anything is written: entries, the rests, the short payments.

The one thing to know: credit memos among the allocations are netted against the invoices of the same application first,
the receipt pays what is left. So applied money is what the invoices take less what the memos give.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from cashapp_service.applications.domain.refusals import (
    DiscountNotEarnedError,
    ForeignItemError,
    NothingAppliedError,
    NothingShortError,
    PostedTooEarlyError,
    ReasonMissingError,
    UnknownItemError,
    WrongSignError,
    check_decimals,
)
from cashapp_service.applications.domain.tolerance import Tolerance, ToleranceExceededError
from cashapp_service.items.domain.item import BalanceExceededError, Item
from cashapp_service.ledger.domain import Account, Entry, Line, LineKind
from cashapp_service.receipts.domain import Receipt, ReceiptExhaustedError, cash_lines
from shared.events.cashapp import Allocation as ToldAllocation
from shared.ids import new_id
from shared.money import Money

Shortfall = Literal["partial", "residual", "dispute"]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the company allows without asking."""

    per_item: Tolerance
    per_receipt: Tolerance
    discount_grace_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One allocation as it is asked for. `amount` is negative on a credit memo that is netted."""

    item_id: str
    amount: Decimal
    discount: Decimal = ZERO
    tolerance_write_off: Decimal = ZERO
    shortfall: Shortfall | None = None
    reason_code: str | None = None

    @property
    def cleared(self) -> Decimal:
        """What it takes from the item's balance."""
        return self.amount + self.discount + self.tolerance_write_off


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What an application took for one item: `payment` of the receipt, `credit` of memos (negative on the memo itself)."""

    item_id: str
    number: str
    customer_id: str
    payment: Decimal
    credit: Decimal
    discount: Decimal
    tolerance: Decimal
    residual: Decimal = ZERO
    residual_item_id: str | None = None
    shortfall: Shortfall | None = None
    shortfall_amount: Decimal = ZERO
    reason_code: str | None = None

    @property
    def told(self) -> ToldAllocation:
        """What events say of it."""
        return ToldAllocation(
            item_id=self.item_id,
            number=self.number,
            amount=self.payment,
            discount=self.discount,
            tolerance_write_off=self.tolerance,
        )


@dataclass(frozen=True, slots=True)
class CashMoved:
    """Where the money of an application comes from, and what of it is put on account."""

    from_unapplied: Decimal
    from_on_account: Decimal
    to_on_account: Decimal

    def lines(self, receipt: Receipt, *, back: bool = False) -> tuple[Line, ...]:
        """Return the lines that move it, or that move it back."""
        sign = -1 if back else 1
        return cash_lines(
            receipt,
            unapplied=-sign * (self.from_unapplied + self.to_on_account),
            on_account=sign * (self.to_on_account - self.from_on_account),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An application that keeps every rule."""

    application_id: str
    posting_date: date
    allocations: tuple[Allocation, ...]
    residual_items: dict[str, Item]
    cash: CashMoved
    entry: Entry


def plan_application(
    receipt: Receipt,
    items: Mapping[str, Item],
    wanted: Sequence[Wanted],
    *,
    on_account: Decimal,
    posting_date: date | None,
    policy: Policy,
    residual_numbers: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """Return what applying `receipt` (of a known customer) does, or raise the refusal that says why it may not be.

    It is posted on `posting_date`, else on the first day possible: the latest of the receipt's value date, the items'
    issue dates, and the days on which one of them was reopened. `residual_numbers` has a free document number for each
    item of which the rest is carried into a residual item.
    """
    for position, one in enumerate(wanted):
        _check(receipt, items.get(one.item_id), one, position, policy)
    check_decimals(on_account, receipt.currency, field="on_account")
    _check_together(receipt, wanted, on_account, policy)
    day = _posting_date(receipt, [items[one.item_id] for one in wanted], posting_date)
    allocations, residual_items = _allocated(wanted, items, day, residual_numbers)
    cash = _cash(receipt, sum((one.payment for one in allocations), ZERO), on_account)
    application_id = new_id("app")
    lines = [line for one in allocations for line in _lines(one)]
    entry = Entry(
        kind="application",
        posting_date=day,
        value_date=receipt.value_date,
        company_code=receipt.company_code,
        currency=receipt.currency,
        receipt_id=receipt.receipt_id,
        application_id=application_id,
        lines=(*lines, *cash.lines(receipt)),
    )
    return Plan(
        application_id=application_id,
        posting_date=day,
        allocations=allocations,
        residual_items=residual_items,
        cash=cash,
        entry=entry,
    )


def _posting_date(receipt: Receipt, items: Sequence[Item], wanted: date | None) -> date:
    earliest = max([receipt.postable_from, *(item.postable_from for item in items)])
    if wanted is not None and wanted < earliest:
        raise PostedTooEarlyError(earliest)
    return wanted or earliest


def _cash(receipt: Receipt, paid: Decimal, on_account: Decimal) -> CashMoved:
    """Return where the money comes from: unapplied money first, then what is on account."""
    from_unapplied = min(paid, receipt.unapplied)
    if paid > receipt.unapplied + receipt.on_account or on_account > receipt.unapplied - from_unapplied:
        raise ReceiptExhaustedError(receipt, paid + on_account)
    return CashMoved(from_unapplied, paid - from_unapplied, on_account)


def _check(receipt: Receipt, item: Item | None, wanted: Wanted, position: int, policy: Policy) -> None:
    """Check one allocation by itself; `position` names it in the refusal."""
    field = f"allocations.{position}"
    if item is None:
        raise UnknownItemError(wanted.item_id, field=f"{field}.item_id")
    for name in ("currency", "company_code", "customer_id"):
        if getattr(item, name) != getattr(receipt, name):
            raise ForeignItemError(item, receipt, name, field=f"{field}.item_id")
    for name in ("amount", "discount", "tolerance_write_off"):
        check_decimals(getattr(wanted, name), receipt.currency, field=f"{field}.{name}")
    right_sign = wanted.cleared == wanted.amount < 0 if item.is_credit else wanted.amount >= 0 < wanted.cleared
    if not right_sign:
        raise WrongSignError(item, field=f"{field}.amount")
    if abs(wanted.cleared) > abs(item.balance):
        raise BalanceExceededError(item, wanted.cleared)
    rest = item.balance - wanted.cleared
    if wanted.shortfall in ("residual", "dispute"):
        if not rest or item.is_credit:
            raise NothingShortError(item, field=f"{field}.shortfall")
        if wanted.reason_code is None:
            raise ReasonMissingError(field=f"{field}.reason_code")
    earned = item.earned_discount(
        receipt.value_date, cleared=wanted.amount + wanted.discount, grace_days=policy.discount_grace_days
    )
    if wanted.discount > earned:
        raise DiscountNotEarnedError(item, Money(earned, item.currency), field=f"{field}.discount")
    _check_tolerance(item, wanted, rest, policy, field=f"{field}.tolerance_write_off")


def _check_tolerance(item: Item, wanted: Wanted, rest: Decimal, policy: Policy, *, field: str) -> None:
    limit = policy.per_item.limit(Money(item.amount, item.currency))
    if wanted.tolerance_write_off > limit.amount:
        raise ToleranceExceededError(limit, of_what=f"of item {item.number}", field=field)
    if wanted.tolerance_write_off and rest:
        raise ToleranceExceededError(
            Money.zero(item.currency), of_what=f"of item {item.number}, which stays open,", field=field
        )


def _check_together(receipt: Receipt, wanted: Sequence[Wanted], on_account: Decimal, policy: Policy) -> None:
    if not wanted and not on_account:
        raise NothingAppliedError("Send at least one allocation, or an amount on_account.")
    if len({one.item_id for one in wanted}) < len(wanted):
        raise NothingAppliedError("An item stands twice among the allocations: send each once.")
    if sum((one.amount for one in wanted), ZERO) < 0:
        raise NothingAppliedError("The credit memos come to more than the invoices: take less of them.")
    written_off = sum((one.tolerance_write_off for one in wanted), ZERO)
    limit = policy.per_receipt.limit(Money(receipt.amount, receipt.currency))
    if written_off > limit.amount:
        raise ToleranceExceededError(limit, of_what="of this receipt", field="allocations")


def _allocated(
    wanted: Sequence[Wanted], items: Mapping[str, Item], day: date, numbers: Mapping[str, str]
) -> tuple[tuple[Allocation, ...], dict[str, Item]]:
    """Return the allocations with the memos' credit spread over the invoices in their order, and the residual items."""
    credit_left = -sum((one.amount for one in wanted if one.amount < 0), ZERO)
    allocations, residual_items = [], {}
    for one in wanted:
        item = items[one.item_id]
        credit = one.amount if item.is_credit else min(credit_left, one.amount)
        credit_left -= max(credit, ZERO)
        rest = item.balance - one.cleared
        residual = None
        if one.shortfall == "residual":
            residual = _residual_item(item, rest, day, number=numbers[item.item_id], reason_code=one.reason_code)
        if residual:
            residual_items[residual.item_id] = residual
        allocations.append(
            Allocation(
                item_id=item.item_id,
                number=item.number,
                customer_id=item.customer_id,
                payment=one.amount - credit,
                credit=credit,
                discount=one.discount,
                tolerance=one.tolerance_write_off,
                residual=rest if residual else ZERO,
                residual_item_id=residual.item_id if residual else None,
                shortfall=one.shortfall,
                shortfall_amount=rest if one.shortfall else ZERO,
                reason_code=one.reason_code,
            )
        )
    return tuple(allocations), residual_items


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
    )


def _lines(one: Allocation) -> Iterable[Line]:
    parts: tuple[tuple[Decimal, LineKind, Account | None], ...] = (
        (one.payment, "payment", None),
        (one.credit, "credit", None),
        (one.discount, "discount", Account.CASH_DISCOUNT),
        (one.tolerance, "tolerance", Account.TOLERANCE),
        (one.residual, "residual", None),
    )
    for amount, kind, contra in parts:
        if amount:
            yield _receivable(one, one.item_id, -amount, kind)
        if amount and contra:
            yield Line(account=contra, amount=amount, kind=kind, customer_id=one.customer_id)
    if one.residual_item_id:
        yield _receivable(one, one.residual_item_id, one.residual, "issue")


def _receivable(one: Allocation, item_id: str, amount: Decimal, kind: LineKind) -> Line:
    return Line(account=Account.RECEIVABLES, amount=amount, kind=kind, customer_id=one.customer_id, item_id=item_id)
