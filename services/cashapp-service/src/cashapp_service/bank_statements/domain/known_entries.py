"""Which entries of a statement are known from an earlier one, and how a statement follows the one before.

The one thing to know: what tells two equal-looking entries apart is where they stand. An entry's bank reference names
it; without one, it is the balance before it that shows whether it is the same movement of the account. Where neither
proves that two entries are one, they are two: an entry too many is seen by a person, one too few is lost money.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from cashapp_service.bank_statements.domain.statement import BankStatement, StatementEntry

_NO_REFERENCE = re.compile(r"(?:NONREF|NOREF|NOT ?PROVIDED|NONE|0*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """A statement taken before, as far as it matters here."""

    statement_id: str
    number: str
    opening_balance: Decimal | None
    opening_date: date | None
    closing_balance: Decimal | None
    closing_date: date | None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry taken before; `balance_before` is None where its statement was not proved."""

    entry_id: str
    statement_id: str
    content: StatementEntry
    balance_before: Decimal | None
    receipt_id: str | None


def fingerprint(statement: BankStatement) -> str:
    """Return the SHA-256 of all that a statement says: two with the same are one."""
    parts = [statement.account, statement.number, statement.currency]
    parts += [
        repr(getattr(statement, f"{end}_{part}")) for end in ("opening", "closing") for part in ("balance", "date")
    ]
    parts += [repr(entry) for entry in statement.entries]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def balances_before(statement: BankStatement) -> list[Decimal | None]:
    """Return the account's balance before each entry, None throughout where the statement is not proved."""
    if not statement.proved or statement.opening_balance is None:
        return [None] * len(statement.entries)
    balance, found = statement.opening_balance, list[Decimal | None]()
    for entry in statement.entries:
        found.append(balance)
        balance += entry.amount
    return found


def known_entries(
    statement: BankStatement, statements: Iterable[StoredStatement], entries: Iterable[StoredEntry]
) -> dict[int, StoredEntry]:
    """Return, by position, the stored entry that an entry of `statement` is; each stored entry is found once.

    `statements` and `entries` are those of the same account that were taken before.
    """
    taken = list(statements)
    by_id = {one.statement_id: one for one in taken}
    apart = _chained(statement, taken)
    free: dict[tuple[date, Decimal], list[StoredEntry]] = defaultdict(list)
    for stored in entries:
        free[stored.content.booking_date, stored.content.amount].append(stored)
    known: dict[int, StoredEntry] = {}
    for entry, before in zip(statement.entries, balances_before(statement), strict=True):
        candidates = free.get((entry.booking_date, entry.amount), [])
        same = [
            one
            for one in candidates
            if _is_same(
                entry,
                one,
                same_place=before is not None and before == one.balance_before,
                apart=one.statement_id in apart,
                same_statement=_is_same_statement(statement, by_id[one.statement_id]),
                another_number=_has_another_number(statement, by_id[one.statement_id]),
            )
        ]
        if same:
            found = next((one for one in same if one.balance_before == before), same[0])
            candidates.remove(found)
            known[entry.position] = found
    return known


def _is_same(
    entry: StatementEntry,
    stored: StoredEntry,
    *,
    same_place: bool,
    apart: bool,
    same_statement: bool,
    another_number: bool,
) -> bool:
    """Whether an entry of the same day and amount is the stored one.

    `apart` says that one of their statements follows the other, `another_number` that the bank gave the same days two
    statement numbers: then the balance alone, which may have come back to what it was, proves nothing.
    """
    reference, known_reference = _reference(entry), _reference(stored.content)
    if reference and known_reference:
        return reference == known_reference and (same_place or not apart)
    if _content(entry) != _content(stored.content):
        return False
    named = not is_no_reference(entry.customer_reference)
    return same_statement or (same_place and not apart and (named or not another_number))


def is_no_reference(reference: str | None) -> bool:
    """Whether a bank's or a payer's reference says that there is none, such as NONREF."""
    return _NO_REFERENCE.fullmatch((reference or "").strip()) is not None


def _reference(entry: StatementEntry) -> str | None:
    return None if is_no_reference(entry.bank_reference) else (entry.bank_reference or "").strip()


def _content(entry: StatementEntry) -> tuple[object, ...]:
    return (
        entry.value_date,
        entry.customer_reference,
        entry.payer_name,
        entry.payer_account,
        entry.purpose,
        entry.transaction_code,
        entry.reversal,
    )


def _is_same_statement(statement: BankStatement, stored: StoredStatement) -> bool:
    names = ("number", "opening_date", "opening_balance")
    return bool(statement.number) and all(getattr(statement, name) == getattr(stored, name) for name in names)


def _has_another_number(statement: BankStatement, stored: StoredStatement) -> bool:
    if not statement.number or not stored.number or statement.number == stored.number:
        return False
    days = ("opening_date", "closing_date")
    return all(getattr(statement, name) == getattr(stored, name) for name in days)


def follows(first: BankStatement | StoredStatement, second: BankStatement | StoredStatement) -> bool:
    """Whether `second` opens with the balance with which `first` closed, on that day or later."""
    if first.closing_date is None or second.opening_date is None or first.closing_balance is None:
        return False
    return first.closing_date <= second.opening_date and first.closing_balance == second.opening_balance


def _chained(statement: BankStatement, taken: Sequence[StoredStatement]) -> set[str]:
    """Return which of the statements around its days lead to `statement`, or on from it, one following the other."""
    opens, closes = statement.opening_date, statement.closing_date
    earlier = [one for one in taken if opens and one.closing_date and one.closing_date >= opens]
    later = [one for one in taken if closes and one.opening_date and one.opening_date <= closes]
    before = _reached(statement, earlier, lambda one, other: follows(other, one))
    return before | _reached(statement, later, follows)


def _reached(
    start: BankStatement,
    taken: Sequence[StoredStatement],
    leads: Callable[[BankStatement | StoredStatement, StoredStatement], bool],
) -> set[str]:
    found: set[str] = set()
    ends: list[BankStatement | StoredStatement] = [start]
    while ends:
        end = ends.pop()
        steps = [one for one in taken if one.statement_id not in found and leads(end, one)]
        found |= {one.statement_id for one in steps}
        ends += steps
    return found


@dataclass(frozen=True, slots=True)
class Continuity:
    """How a statement follows what was taken before of its account, in a sentence where something is amiss."""

    kind: Literal["first", "continues", "gap", "overlap", "unproved", "known"]
    detail: str | None = None


def continuity(statement: BankStatement, statements: Sequence[StoredStatement], *, known: int) -> Continuity:
    """Return how a statement follows those taken before; `known` counts its entries that came with one of them."""
    if known:
        return Continuity("overlap", f"{known} of its entries came with an earlier statement and were not taken again.")
    if statement.opening_balance is None or statement.opening_date is None:
        return Continuity(
            "unproved", "It states no opening balance: whether something is missing before it is unknown."
        )
    opening_date = statement.opening_date
    before = [one for one in statements if one.closing_date is not None and one.closing_date <= opening_date]
    if any(follows(one, statement) for one in before):
        return Continuity("continues")
    if not before:
        return Continuity("first")
    last = max(before, key=lambda one: one.closing_date or date.min)
    return Continuity(
        "gap",
        f"It opens with {statement.opening_balance} on {opening_date}, but statement {last.number or 'before it'}"
        f" closed with {last.closing_balance} on {last.closing_date}: a statement between them is missing.",
    )
