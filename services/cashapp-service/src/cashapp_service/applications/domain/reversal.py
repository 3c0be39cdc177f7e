"""Taking an application back, line by line."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from cashapp_service.applications.domain.plan import Allocation, CashMoved
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, Line, LineKind
from cashapp_service.receipts.domain import Receipt


def reversal_entry(
    receipt: Receipt,
    allocations: Sequence[Allocation],
    residual_items: Mapping[str, Item],
    *,
    application_id: str,
    cash: CashMoved,
    posting_date: date,
) -> Entry:
    """Return the entry that undoes an application.

    A residual item that was paid meanwhile stays as it is, and so does what was carried into it.
    """
    lines = [line for one in allocations for line in _lines(one, residual_items)]
    return Entry(
        kind="reversal",
        posting_date=posting_date,
        value_date=receipt.value_date,
        company_code=receipt.company_code,
        currency=receipt.currency,
        receipt_id=receipt.receipt_id,
        application_id=application_id,
        lines=(*lines, *cash.lines(receipt, back=True)),
    )


def _lines(one: Allocation, residual_items: Mapping[str, Item]) -> Iterable[Line]:
    residual = residual_items.get(one.residual_item_id or "")
    untouched = residual is not None and residual.balance == residual.amount
    parts: tuple[tuple[Decimal, LineKind, Account | None], ...] = (
        (one.payment, "reversal", None),
        (one.credit, "credit", None),
        (one.discount, "discount", Account.CASH_DISCOUNT),
        (one.tolerance, "tolerance", Account.TOLERANCE),
        (one.residual if untouched else Decimal(0), "residual", None),
    )
    for amount, kind, contra in parts:
        if amount:
            yield _line(Account.RECEIVABLES, amount, kind, one, one.item_id)
        if amount and contra:
            yield _line(contra, -amount, kind, one, None)
    if untouched:
        yield _line(Account.RECEIVABLES, -one.residual, "residual", one, one.residual_item_id)


def _line(account: Account, amount: Decimal, kind: LineKind, one: Allocation, item_id: str | None) -> Line:
    return Line(account=account, amount=amount, kind=kind, customer_id=one.customer_id, item_id=item_id)
