"""The credit memo that a decided dispute asks for, and how it is spread over the disputed items."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cashapp_service.items.domain.item import Item
from cashapp_service.ledger.domain import Account, Entry, ItemPosting, Line
from shared.events.dispute import DisputeState

CREDITING_OUTCOMES = frozenset({"valid", "partially_valid"})
CREDITING_RESOLUTIONS = frozenset({"credit_memo", "settlement"})
OPEN_STATUSES = frozenset({"new", "in_process", "waiting_customer", "waiting_internal", "escalated", "resolved"})


@dataclass(frozen=True, slots=True)
class CreditedCase:
    """A case whose decisions were posted, as seen from one of its items: the most it disputed of it, and whether of it alone."""

    dispute_id: str
    memo_item_ids: Sequence[str]
    disputed_most: Decimal
    alone: bool


def asks_for_credit(dispute: DisputeState) -> bool:
    """Whether the decision is to be posted as a credit memo; collecting, rebilling and writing off post nothing here."""
    decided = dispute.outcome in CREDITING_OUTCOMES and dispute.resolution in CREDITING_RESOLUTIONS
    return decided and bool(dispute.resolved_amount) and dispute.resolved_on is not None


def disputed_amounts(dispute: DisputeState) -> dict[str, Decimal]:
    """Return how much of each item the case disputes, by item; nothing once it is closed or void."""
    if dispute.status not in OPEN_STATUSES:
        return {}
    return {one.item_id: one.disputed_amount for one in dispute.items if one.disputed_amount}


def spread(dispute: DisputeState, amount: Decimal, items: Mapping[str, Item]) -> dict[str, Decimal]:
    """Return how much of a credit of `amount` goes to each item of the case, never more than is open of it.

    First what is disputed of each; what is left then goes to whatever else is open of them. `items` are those that may
    take it: of one company code and the case's currency.
    """
    taken: dict[str, Decimal] = {}
    left = amount
    open_of = {one.item_id: items[one.item_id].balance for one in dispute.items if one.item_id in items}
    limits = [{one.item_id: one.disputed_amount for one in dispute.items}, open_of]
    for limit in limits:
        for item_id, balance in open_of.items():
            share = min(left, limit[item_id], balance - taken.get(item_id, Decimal(0)))
            if share > 0:
                taken[item_id] = taken.get(item_id, Decimal(0)) + share
                left -= share
    return taken


def credit_entry(memo: Item, shares: Mapping[str, Decimal], items: Mapping[str, Item], dispute_id: str) -> Entry:
    """Return the entry that applies a credit memo to items: posted when the memo and all of them are there."""
    lines = [
        Line(
            account=Account.RECEIVABLES,
            amount=-share,
            kind="credit",
            customer_id=items[item_id].customer_id,
            item_id=item_id,
        )
        for item_id, share in shares.items()
    ]
    given = Line(
        account=Account.RECEIVABLES,
        amount=sum(shares.values(), Decimal(0)),
        kind="credit",
        customer_id=memo.customer_id,
        item_id=memo.item_id,
    )
    return Entry(
        kind="credit",
        posting_date=max([memo.postable_from, *(items[item_id].postable_from for item_id in shares)]),
        company_code=memo.company_code,
        currency=memo.currency,
        dispute_id=dispute_id,
        lines=(*lines, given),
    )


def credited_by(case: CreditedCase, item_id: str, postings: Iterable[ItemPosting]) -> Decimal:
    """Return what a case credited for an item, from the postings of the item and the case's memos.

    That is what its memos took of the item, and what they could take of nothing because it had been paid before: all of that
    where the case is over this item alone, else at most what it disputed of it.
    """
    taken = unplaced = Decimal(0)
    for one in postings:
        if one.item_id in case.memo_item_ids and (one.kind == "issue" or one.dispute_id == case.dispute_id):
            unplaced -= one.amount
        elif one.item_id == item_id and one.dispute_id == case.dispute_id:
            taken -= one.amount
    return taken + (unplaced if case.alone else min(unplaced, max(case.disputed_most - taken, Decimal(0))))
