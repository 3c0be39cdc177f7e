"""The journal entries of an application, and those that take it back.

The one thing to know: the first entry is in the receipt's currency and moves its money. Each other currency has an entry of
its own; what goes from one to the other stands on `exchange_clearing` in both, so that each balances by itself.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cashapp_service.applications.domain.allocation import ZERO, Allocation, CashMoved
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, Line, LineKind
from cashapp_service.receipts.domain import Receipt

ByCurrency = dict[str, list[Line]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What all entries of one application, or of its reversal, share."""

    application_id: str
    posting_date: date
    cash: CashMoved
    back: bool = False

    def entries(self, receipt: Receipt, lines: ByCurrency) -> tuple[Entry, ...]:
        """Return the entries that these lines make with the receipt's money, that of the receipt first."""
        own = (*lines.pop(receipt.currency, ()), *self.cash.lines(receipt, back=self.back))
        first = self._entry(receipt, receipt.currency, own)
        return first, *(self._entry(receipt, currency, tuple(others)) for currency, others in sorted(lines.items()))

    def _entry(self, receipt: Receipt, currency: str, lines: tuple[Line, ...]) -> Entry:
        own_kind = "reversal" if self.back else "application"
        return Entry(
            kind=own_kind if currency == receipt.currency else "exchange",  # type: ignore[arg-type]  # three of its kinds
            posting_date=self.posting_date,
            value_date=receipt.value_date,
            company_code=receipt.company_code,
            currency=currency,
            receipt_id=receipt.receipt_id,
            application_id=self.application_id,
            lines=lines,
        )


def lines_applied(receipt: Receipt, allocations: Sequence[Allocation], *, opened: Container[str]) -> ByCurrency:
    """Return the lines that apply allocations, by currency; residual items that are not `opened` now are open again."""
    lines: ByCurrency = defaultdict(list)
    for one in allocations:
        lines[one.currency] += _item_lines(one, -1, "payment", one.residual)
        if one.residual_item_id:
            kind: LineKind = "issue" if one.residual_item_id in opened else "residual"
            lines[one.currency].append(_receivable(one, one.residual_item_id, one.residual, kind))
    _add_exchange(lines, receipt, allocations, 1)
    return lines


def lines_reversed(
    receipt: Receipt, allocations: Sequence[Allocation], residual_items: Mapping[str, Item]
) -> ByCurrency:
    """Return the lines that take allocations back, by currency.

    A residual item that was paid meanwhile stays as it is, and so does what was carried into it.
    """
    lines: ByCurrency = defaultdict(list)
    for one in allocations:
        residual = residual_items.get(one.residual_item_id or "")
        taken_back = is_untouched(one, residual)
        lines[one.currency] += _item_lines(one, 1, "reversal", one.residual if taken_back else ZERO)
        if taken_back and one.residual_item_id:
            lines[one.currency].append(_receivable(one, one.residual_item_id, -one.residual, "residual"))
    _add_exchange(lines, receipt, allocations, -1)
    return lines


def is_untouched(one: Allocation, residual: Item | None) -> bool:
    """Whether nothing was paid of what an allocation carried into a residual item, as that stands."""
    return residual is not None and residual.balance == one.residual


def _item_lines(one: Allocation, sign: int, money: LineKind, residual: Decimal) -> Iterable[Line]:
    parts: tuple[tuple[Decimal, LineKind, Account | None], ...] = (
        (one.payment, money, None),
        (one.credit, "credit", None),
        (one.discount, "discount", Account.CASH_DISCOUNT),
        (one.tolerance, "tolerance", Account.TOLERANCE),
        (residual, "residual", None),
    )
    for amount, kind, contra in parts:
        if amount:
            yield _receivable(one, one.item_id, sign * amount, kind)
        if amount and contra:
            yield Line(account=contra, amount=-sign * amount, kind=kind, customer_id=one.customer_id)


def _receivable(one: Allocation, item_id: str, amount: Decimal, kind: LineKind) -> Line:
    return Line(account=Account.RECEIVABLES, amount=amount, kind=kind, customer_id=one.customer_id, item_id=item_id)


def _add_exchange(lines: ByCurrency, receipt: Receipt, allocations: Sequence[Allocation], sign: int) -> None:
    """Add what leaves the receipt's currency, what arrives in the item's, and the gain or loss between the two.

    One line per customer and account: who paid in another currency for many items is told once what it brought.
    """
    sums: dict[tuple[str, Account, str], Decimal] = defaultdict(Decimal)
    for one in allocations:
        if one.exchange_rate is None:
            continue
        worth = one.payment + one.exchange_difference
        result = Account.EXCHANGE_GAIN if one.exchange_difference > 0 else Account.EXCHANGE_LOSS
        sums[receipt.currency, Account.EXCHANGE_CLEARING, one.customer_id] -= one.receipt_amount
        sums[one.currency, Account.EXCHANGE_CLEARING, one.customer_id] += worth
        sums[one.currency, result, one.customer_id] -= one.exchange_difference
    for (currency, account, customer_id), amount in sums.items():
        if amount:
            lines[currency].append(
                Line(account=account, amount=sign * amount, kind="exchange", customer_id=customer_id)
            )
