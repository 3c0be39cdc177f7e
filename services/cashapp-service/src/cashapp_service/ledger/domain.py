"""Journal entries and their lines.

The one thing to know: everything else follows from the entries. The lines on `receivables` by item are the sub-ledger of
items, the lines on the three cash liability accounts by receipt say where a receipt's money is, and each line on
`receivables` is the posting that an item event carries.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple

from shared.errors import InvalidError, UnavailableError
from shared.events.cashapp import PostingKind
from shared.ids import new_id
from shared.values import value


class StillPostingError(UnavailableError):
    """A posting that began long ago is not committed yet, so that nobody can tell what comes before it."""

    code = "still_posting"

    def __init__(self) -> None:
        super().__init__("A large posting is still being written: ask for what is new again in a few seconds.")


class BeyondJournalError(InvalidError):
    """A reader is further than the journal goes: it read another one, such as that of before a restore."""

    code = "beyond_journal"

    def __init__(self, after: int, last: int) -> None:
        super().__init__(
            f"The journal ends at sequence {last}, before {after}: this cursor is of another journal. Compare what was read"
            " with this one before going on.",
            field="after",
        )


class Account(StrEnum):
    """The accounts that postings go to; `CASH` is the default of a house bank account's own ledger account."""

    RECEIVABLES = "receivables"
    CASH = "cash"
    UNAPPLIED_CASH = "unapplied_cash"
    ON_ACCOUNT_CASH = "on_account_cash"
    UNIDENTIFIED_CASH = "unidentified_cash"
    REVENUE = "revenue"
    CREDIT_MEMOS = "credit_memos"
    CASH_DISCOUNT = "cash_discount"
    TOLERANCE = "tolerance"
    FEES = "fees"
    TAX = "tax"
    DOWN_PAYMENTS = "down_payments"
    BAD_DEBT = "bad_debt"
    ALLOWANCE = "allowance"
    RECOVERIES = "recoveries"
    EXCHANGE_CLEARING = "exchange_clearing"
    EXCHANGE_GAIN = "exchange_gain"
    EXCHANGE_LOSS = "exchange_loss"


_ZERO = Decimal(0)

EntryKind = Literal[
    "issue",
    "receipt",
    "identification",
    "application",
    "credit",
    "residual",
    "reversal",
    "return",
    "refund",
    "write_off",
    "recovery",
    "exchange",
    "discount",
]
LineKind = PostingKind | Literal["cash", "exchange"]


@value(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: `amount` is positive for a debit, negative for a credit.

    On `receivables` its kind says to which part of an item's amount it belongs. A reversed payment has the kind
    "reversal"; a discount, tolerance, credit or residual that is taken back keeps its kind with the sign turned.
    """

    account: str
    amount: Decimal
    kind: LineKind
    customer_id: str | None = None
    item_id: str | None = None
    receipt_id: str | None = None
    posting_id: str = field(default_factory=lambda: new_id("pst"))


@dataclass(frozen=True, slots=True)
class CashChange:
    """By how much one entry changes where a receipt's money is."""

    on_account: Decimal
    unapplied: Decimal
    unidentified: Decimal

    @property
    def total(self) -> Decimal:
        """The change of all that is not allocated."""
        return self.on_account + self.unapplied + self.unidentified


@value(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal entry in one company code and currency; its lines balance.

    `document_id` is the refund, write-off, recovery or small-balance run that it posts or takes back.
    """

    kind: EntryKind
    posting_date: date
    company_code: str
    currency: str
    lines: tuple[Line, ...]
    value_date: date | None = None
    receipt_id: str | None = None
    application_id: str | None = None
    dispute_id: str | None = None
    document_id: str | None = None
    entry_id: str = field(default_factory=lambda: new_id("jne"))

    def __post_init__(self) -> None:
        assert sum([line.amount for line in self.lines], _ZERO) == 0, f"entry of kind {self.kind} does not balance"

    @property
    def receivable_lines(self) -> Iterable[Line]:
        """The lines that change an item's balance."""
        return (line for line in self.lines if line.account == Account.RECEIVABLES)

    def cash_change(self, receipt_id: str) -> CashChange:
        """Return how the entry moves a receipt's money; the accounts are liabilities, so a credit adds."""

        def change(account: Account) -> Decimal:
            of_receipt = (one for one in self.lines if one.account == account and one.receipt_id == receipt_id)
            return -sum((line.amount for line in of_receipt), Decimal(0))

        return CashChange(
            on_account=change(Account.ON_ACCOUNT_CASH),
            unapplied=change(Account.UNAPPLIED_CASH),
            unidentified=change(Account.UNIDENTIFIED_CASH),
        )


@dataclass(frozen=True, slots=True)
class LawVerdict:
    """Whether one law of the books holds: how many facts were looked at, and which break it."""

    name: str
    checked: int
    violations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRange:
    """The entries with a sequence behind `after` up to and including `last`, of one company code or of all."""

    after: int
    last: int
    company_code: str | None = None


class PostedLine(NamedTuple):
    """A line as it stands in the journal, with what its entry says of it."""

    sequence: int
    position: int
    entry_id: str
    posting_id: str
    entry_kind: str
    line_kind: str
    posting_date: date
    value_date: date | None
    posted_at: datetime
    company_code: str
    account: str
    currency: str
    debit: Decimal
    credit: Decimal
    customer_id: str | None
    item_id: str | None
    receipt_id: str | None
    application_id: str | None
    dispute_id: str | None
    document_id: str | None
    posted_by: str | None


@dataclass(frozen=True, slots=True)
class ItemPosting:
    """One posting of an item as it was made; `amount` is signed, as it changed the balance."""

    posting_id: str
    entry_id: str
    item_id: str
    posting_date: date
    kind: str
    amount: Decimal
    currency: str
    receipt_id: str | None
    application_id: str | None
    dispute_id: str | None


@dataclass(frozen=True, slots=True)
class Clearing:
    """What one application, or one dispute's credit, took from one item's balance."""

    item_id: str
    application_id: str | None
    receipt_id: str | None
    dispute_id: str | None
    posting_date: date
    currency: str
    by_kind: dict[str, Decimal]
    reversed_on: date | None

    @property
    def money(self) -> Decimal:
        """What was taken of the receipt."""
        return self.by_kind.get("payment", Decimal(0))


def clearings(postings: Iterable[ItemPosting]) -> list[Clearing]:
    """Return what cleared the items, from their postings in the order in which they were made.

    The first entry of an application shows what it took. A later one may take a discount back; when everything but the residual
    is taken back, it was reversed.
    """
    entries: dict[tuple[str, str], dict[str, list[ItemPosting]]] = {}
    for posting in postings:
        cause = posting.application_id or posting.dispute_id
        if cause is not None and posting.kind != "issue":
            entries.setdefault((posting.item_id, cause), {}).setdefault(posting.entry_id, []).append(posting)
    return [_clearing(list(made.values())) for made in entries.values()]


def _clearing(entries: list[list[ItemPosting]]) -> Clearing:
    first, last = entries[0][0], entries[-1][0]
    postings = [posting for made in entries for posting in made]
    reversed_ = len(entries) > 1 and not sum((one.amount for one in postings if one.kind != "residual"), _ZERO)
    by_kind: dict[str, Decimal] = {}
    for posting in entries[0] if reversed_ else postings:
        by_kind[posting.kind] = by_kind.get(posting.kind, Decimal(0)) - posting.amount
    return Clearing(
        item_id=first.item_id,
        application_id=first.application_id,
        receipt_id=first.receipt_id,
        dispute_id=first.dispute_id,
        posting_date=first.posting_date,
        currency=first.currency,
        by_kind=by_kind,
        reversed_on=last.posting_date if reversed_ else None,
    )
