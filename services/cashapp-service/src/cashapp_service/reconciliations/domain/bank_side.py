"""What a bank's statements say of an account at the end of a day, and where they say nothing.

The one thing to know: the balance is that of a statement, never a sum of our own. A statement that reaches beyond the day is
opened at it: its opening balance and its own entries up to the day.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from operator import itemgetter

from cashapp_service.bank_statements.domain.known_entries import StoredStatement, follows

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """A statement as far as a reconciliation needs it.

    `entries_until` is the sum of its entries booked by the day of the reconciliation, `entries_sum` of all; `overlaps` says
    that some of its entries came with an earlier statement.
    """

    stored: StoredStatement
    proved: bool
    overlaps: bool
    entries_until: Decimal
    entries_sum: Decimal


@dataclass(frozen=True, slots=True)
class BankBalance:
    """What a statement says: `amount` at the end of `on`. `complete` is whether that is all up to the day asked for."""

    amount: Decimal
    on: date
    statement_id: str
    number: str
    complete: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A statement that opens with another balance than the one before it closed with: one between them is missing."""

    before: StoredStatement
    after: StoredStatement

    @property
    def jump(self) -> Decimal:
        """By how much the balance changed between them."""
        assert self.after.opening_balance is not None
        assert self.before.closing_balance is not None
        return self.after.opening_balance - self.before.closing_balance


def bank_balance(statements: Sequence[StatementFacts], as_of: date) -> BankBalance | None:
    """Return the balance at the end of a day, None where no statement says one."""
    closed = _last_closed(statements, as_of)
    if closed is not None and closed.stored.closing_date == as_of:
        return _closing(closed, complete=True)
    beyond = [
        one
        for one in statements
        if one.proved and _opens(one) <= as_of < _closes(one) and (closed is None or _opens(one) >= _closes(closed))
    ]
    if beyond:
        opened = max(beyond, key=lambda one: (_opens(one), one.stored.statement_id))
        assert opened.stored.opening_balance is not None
        amount = opened.stored.opening_balance + opened.entries_until
        return BankBalance(amount, as_of, opened.stored.statement_id, opened.stored.number, complete=True)
    if closed is None:
        return None
    followed = any(_opens(one) > as_of and follows(closed.stored, one.stored) for one in statements)
    return _closing(closed, complete=followed or _closes(closed) >= last_working_day(as_of))


def _closing(one: StatementFacts, *, complete: bool) -> BankBalance:
    assert one.stored.closing_balance is not None
    return BankBalance(
        one.stored.closing_balance, _closes(one), one.stored.statement_id, one.stored.number, complete=complete
    )


def last_working_day(as_of: date) -> date:
    """Return the last day up to `as_of` that is no Saturday or Sunday: banks state nothing on those."""
    return as_of - timedelta(days=max(0, as_of.weekday() - SATURDAY + 1))


def _last_closed(statements: Sequence[StatementFacts], as_of: date) -> StatementFacts | None:
    """Return the last statement that closes by `as_of`; of several of one day, the one on which no other follows."""
    closed = [one for one in statements if one.stored.closing_balance is not None and _closes(one) <= as_of]
    if not closed:
        return None
    on = max(_closes(one) for one in closed)
    last = [one for one in closed if _closes(one) == on]
    ends = [one for one in last if not any(one is not other and follows(one.stored, other.stored) for other in last)]
    return max(ends or last, key=lambda one: one.stored.statement_id)


def first_stated(statements: Sequence[StatementFacts], as_of: date) -> StatementFacts | None:
    """Return the statement with which an account's history begins, of those that open by `as_of`."""
    stated = [one for one in statements if one.stored.opening_balance is not None and _opens(one) <= as_of]
    if not stated:
        return None
    on = min(_opens(one) for one in stated)
    first = [one for one in stated if _opens(one) == on]
    begins = [
        one for one in first if not any(one is not other and follows(other.stored, one.stored) for other in first)
    ]
    return min(begins or first, key=lambda one: one.stored.statement_id)


def gaps(statements: Sequence[StatementFacts], as_of: date) -> list[Gap]:
    """Return where a statement is missing before one that opens by `as_of`, the earliest first.

    Looked at as all statements stand now: a statement that came late closes the gap that it left.
    """
    first = first_stated(statements, as_of)
    closings = sorted(
        (
            (_closes(one), one.stored.statement_id, one.stored)
            for one in statements
            if one.stored.closing_balance is not None
        ),
        key=itemgetter(0, 1),
    )
    by_balance: dict[Decimal, list[tuple[date, str]]] = defaultdict(list)
    for on, statement_id, stored in closings:
        by_balance[stored.closing_balance or Decimal(0)].append((on, statement_id))
    found = []
    for one in statements:
        balance, opens = one.stored.opening_balance, _opens(one)
        if one is first or one.overlaps or balance is None or opens > as_of:
            continue
        if any(on <= opens and id_ != one.stored.statement_id for on, id_ in by_balance.get(balance, ())):
            continue
        index = bisect_right(closings, opens, key=itemgetter(0))
        before = [stored for _, id_, stored in closings[max(0, index - 2) : index] if id_ != one.stored.statement_id]
        if before:
            found.append(Gap(before[-1], one.stored))
    return sorted(found, key=lambda gap: (gap.after.opening_date or date.min, gap.after.statement_id))


def _opens(one: StatementFacts) -> date:
    return one.stored.opening_date or date.max


def _closes(one: StatementFacts) -> date:
    return one.stored.closing_date or date.max
