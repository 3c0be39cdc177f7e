"""Taking an application back, line by line, in every currency."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from cashapp_service.applications.domain.allocation import ZERO, Allocation, CashMoved
from cashapp_service.applications.domain.postings import Posting, is_untouched, lines_reversed
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Entry
from cashapp_service.receipts.domain import Receipt


def without_what_stays(one: Allocation, residual_items: Mapping[str, Item]) -> Allocation:
    """Return an allocation that is taken back without a residual item that stays, since something was paid of it."""
    if is_untouched(one, residual_items.get(one.residual_item_id or "")):
        return one
    return replace(one, residual=ZERO, residual_item_id=None)


def reversal_entries(
    receipt: Receipt,
    allocations: Sequence[Allocation],
    residual_items: Mapping[str, Item],
    *,
    application_id: str,
    cash: CashMoved,
    posting_date: date,
) -> tuple[Entry, ...]:
    """Return the entries that undo an application, that of the receipt first.

    A residual item that was paid meanwhile stays as it is, and so does what was carried into it.
    """
    posting = Posting(application_id=application_id, posting_date=posting_date, cash=cash, back=True)
    return posting.entries(receipt, lines_reversed(receipt, allocations, residual_items))
