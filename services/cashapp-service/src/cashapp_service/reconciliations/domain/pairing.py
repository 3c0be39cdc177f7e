"""Which debit of a bank's statement is a return or refund that the ledger knows.

The one thing to know: a debit of a statement is never booked by itself. A return that was posted and the debit by which the bank
took the money are the same event told twice; paired, they are no cause of any difference.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

DAYS_APART_MAX = 10
"""A return is posted on the value date that the bank names, and its debit is booked some days around it."""


@dataclass(frozen=True, slots=True)
class Debit:
    """A debit of a statement."""

    entry_id: str
    account: str
    amount: Decimal
    booking_date: date
    value_date: date
    bank_reference: str | None = None


@dataclass(frozen=True, slots=True)
class NegativePosting:
    """Money that the ledger says has left a house bank account."""

    posting_id: str
    account: str
    amount: Decimal
    posting_date: date
    bank_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A debit and the posting that it is."""

    entry_id: str
    posting_id: str


def pair(debits: Iterable[Debit], postings: Iterable[NegativePosting]) -> list[Pair]:
    """Return the pairs of one account and amount, each debit and posting once: by bank reference, then by nearness of days."""
    free: dict[tuple[str, Decimal], list[Debit]] = defaultdict(list)
    for debit in sorted(debits, key=lambda one: one.entry_id):
        free[debit.account, debit.amount].append(debit)
    waiting = sorted(postings, key=lambda one: (one.posting_date, one.posting_id))
    pairs = []
    for by_reference in (True, False):
        left = []
        for posting in waiting:
            found = _nearest(posting, free.get((posting.account, posting.amount), []), by_reference=by_reference)
            if found is None:
                left.append(posting)
                continue
            free[posting.account, posting.amount].remove(found)
            pairs.append(Pair(found.entry_id, posting.posting_id))
        waiting = left
    return pairs


def _nearest(posting: NegativePosting, debits: Iterable[Debit], *, by_reference: bool) -> Debit | None:
    near = [
        (days, debit.entry_id, debit)
        for debit in debits
        if (days := _days_apart(posting, debit)) <= DAYS_APART_MAX
        and (not by_reference or (debit.bank_reference and debit.bank_reference == posting.bank_reference))
    ]
    return min(near)[2] if near else None


def _days_apart(posting: NegativePosting, debit: Debit) -> int:
    return min(abs((day - posting.posting_date).days) for day in (debit.booking_date, debit.value_date))
