"""The reconciliation of one house bank account: bank balance less book balance, and the causes that add up to it.

The one thing to know: every cause carries what it adds to the difference, so that difference = causes + unexplained, to the
cent. A cause without an amount says that something is missing whose amount nobody can know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from cashapp_service.reconciliations.domain.bank_side import (
    BankBalance,
    Gap,
    StatementFacts,
    bank_balance,
    first_stated,
    gaps,
)

CauseKind = Literal[
    "receipt_in_transit",
    "return_in_transit",
    "refund_in_transit",
    "posting_in_transit",
    "bank_credit_not_booked",
    "bank_debit_not_booked",
    "opening_balance",
    "statement_gap",
    "statement_unproved",
    "statement_missing",
    "no_bank_account",
]
State = Literal["reconciled", "explained", "open", "unused"]

IN_TRANSIT: frozenset[CauseKind] = frozenset(
    {
        "receipt_in_transit",
        "return_in_transit",
        "refund_in_transit",
        "posting_in_transit",
        "bank_credit_not_booked",
    }
)
ABSENT: frozenset[CauseKind] = frozenset({"statement_missing", "no_bank_account"})
STATEMENTS_AMISS: frozenset[CauseKind] = frozenset({"statement_gap", "statement_unproved", "statement_missing"})

BOOK_SIDE: dict[str, CauseKind] = {
    "receipt": "receipt_in_transit",
    "return": "return_in_transit",
    "refund": "refund_in_transit",
}
"""By kind of journal entry; every other posting to cash is a `posting_in_transit`."""

DETAIL: dict[CauseKind, str] = {
    "receipt_in_transit": "Booked, and on no statement by the end of the period.",
    "return_in_transit": "A return was booked, and no statement shows the debit by the end of the period.",
    "refund_in_transit": "A refund was booked, and no statement shows the payment by the end of the period.",
    "posting_in_transit": "Booked, and on no statement by the end of the period.",
    "bank_credit_not_booked": "On a statement by the end of the period; its receipt is booked on a later day.",
    "bank_debit_not_booked": "A debit of the bank: it stays an entry of the statement and is not booked in this ledger.",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One fact behind a cause. `days` is its age at the end of the period."""

    id: str
    on: date
    value_date: date | None
    amount: Decimal
    receipt_id: str | None
    statement_id: str | None
    text: str | None
    days: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why bank and books differ. `amount` is what it adds to the difference, None where that cannot be known.

    `count` and `amount` are of all facts, also of those that are not listed.
    """

    kind: CauseKind
    amount: Decimal | None
    count: int
    detail: str
    listed: tuple[Listed, ...] = ()
    in_period: bool = True
    """Whether any of it arose in the period itself."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One house bank account, or what the ledger books to cash and no house bank account is known for (`account` None)."""

    company_code: str
    account: str | None
    name: str | None
    currency: str
    ledger_account: str
    bank: BankBalance | None
    book_balance: Decimal
    causes: tuple[Cause, ...]

    @property
    def difference(self) -> Decimal | None:
        """Bank balance less book balance."""
        return None if self.bank is None else self.bank.amount - self.book_balance

    @property
    def in_transit(self) -> Decimal:
        """The part of the difference that time clears."""
        return sum((one.amount for one in self.causes if one.kind in IN_TRANSIT and one.amount is not None), Decimal(0))

    @property
    def unexplained(self) -> Decimal | None:
        """The part of the difference that no cause accounts for."""
        if self.difference is None:
            return None
        return self.difference - sum((one.amount for one in self.causes if one.amount is not None), Decimal(0))

    @property
    def statements_amiss(self) -> tuple[Cause, ...]:
        """What is wrong with the period's statements themselves."""
        return tuple(one for one in self.causes if one.kind in STATEMENTS_AMISS and one.in_period)

    @property
    def state(self) -> State:
        """`reconciled` without a difference, `explained` when every cent of it has its cause and the statements are whole."""
        if self.bank is None and not self.book_balance and all(one.kind in ABSENT for one in self.causes):
            return "unused"
        if self.bank is None or self.unexplained or self.statements_amiss:
            return "open"
        return "explained" if self.causes else "reconciled"


def bank_causes(statements: Sequence[StatementFacts], *, first_day: date, last_day: date) -> list[Cause]:
    """Return what the statements themselves add to the difference at the end of a period."""
    causes = []
    first = first_stated(statements, last_day)
    if first is not None and first.stored.opening_balance:
        causes.append(_opening(first))
    found = gaps(statements, last_day)
    if found:
        causes.append(_gaps(found, first_day))
    unproved = [one for one in statements if not one.proved and _begins(one) <= last_day]
    if unproved:
        causes.append(_unproved(unproved, first_day))
    known = bank_balance(statements, last_day)
    if known is None or not known.complete:
        causes.append(_missing(known, last_day))
    return causes


def _begins(one: StatementFacts) -> date:
    return one.stored.opening_date or one.stored.closing_date or date.max


def _opening(first: StatementFacts) -> Cause:
    stored = first.stored
    assert stored.opening_balance is not None
    assert stored.opening_date is not None
    detail = (
        f"The balance with which the first statement ({stored.number}) opened on {stored.opening_date} is not booked."
    )
    return Cause("opening_balance", stored.opening_balance, 1, detail, in_period=False)


def _gaps(found: Sequence[Gap], first_day: date) -> Cause:
    listed = tuple(
        Listed(
            id=gap.after.statement_id,
            on=gap.after.opening_date or first_day,
            value_date=None,
            amount=gap.jump,
            receipt_id=None,
            statement_id=gap.after.statement_id,
            text=f"Statement {gap.before.number} closed with {gap.before.closing_balance} on {gap.before.closing_date},"
            f" statement {gap.after.number} opens with {gap.after.opening_balance} on {gap.after.opening_date}.",
            days=0,
        )
        for gap in found
    )
    return Cause(
        "statement_gap",
        sum((one.amount for one in listed), Decimal(0)),
        len(listed),
        "A statement is missing between two others: import it.",
        listed,
        in_period=any(one.on >= first_day for one in listed),
    )


def _unproved(found: Sequence[StatementFacts], first_day: date) -> Cause:
    """Return the cause; its amount is what the entries that could be read leave open of the stated balances."""
    listed = tuple(
        Listed(
            id=one.stored.statement_id,
            on=_begins(one),
            value_date=None,
            amount=_left_open(one),
            receipt_id=None,
            statement_id=one.stored.statement_id,
            text=f"Statement {one.stored.number}",
            days=0,
        )
        for one in found
    )
    return Cause(
        "statement_unproved",
        sum((one.amount for one in listed), Decimal(0)),
        len(listed),
        "Opening balance and entries of a statement are not proved to be its closing balance: ask the bank for it again.",
        listed,
        in_period=any(one.on >= first_day for one in listed),
    )


def _left_open(one: StatementFacts) -> Decimal:
    opening, closing = one.stored.opening_balance, one.stored.closing_balance
    return Decimal(0) if opening is None or closing is None else closing - opening - one.entries_sum


def _missing(known: BankBalance | None, last_day: date) -> Cause:
    since = f"since {known.on}" if known else "yet"
    detail = f"No statement says what the balance was on {last_day}: none has been imported {since}."
    return Cause("statement_missing", None, 1, detail)
