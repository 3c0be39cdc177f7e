"""The statement line of MT940 (:61:): amount, sign, days and references, in the dialects that banks write."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cashapp_service.bank_statements.domain.amounts import read_amount
from cashapp_service.bank_statements.domain.statement import UnreadableError

# Value date, entry date (some banks leave blanks), mark, funds code (the currency's third letter), amount, rest.
_LINE = re.compile(r"([0-9]{6})([0-9]{4}|[ ]{4})?(R?[CD])([A-Z])?\s*([0-9]+[.,]?[0-9]*)(.*)", re.ASCII)
_CODE = re.compile(r"[A-Z][A-Z0-9 ]{3}", re.ASCII)
_CENTURY_PIVOT = 80


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line whose amount could be read; its days are still as written, since they may not exist."""

    line: int
    amount: Decimal
    reversal: bool
    value_day: str
    entry_day: str | None
    transaction_code: str | None
    customer_reference: str | None
    bank_reference: str | None
    supplement: str

    def dates(self) -> tuple[date, date]:
        """Return value date and booking date; raise `UnreadableError` for a day that does not exist."""
        try:
            value_date = read_day(self.value_day)
            booking_date = _entry_date(self.entry_day, value_date) if self.entry_day else value_date
        except ValueError as error:
            raise UnreadableError(self.line, f"The entry was left out: {error}.") from None
        return value_date, booking_date


def read_day(text: str) -> date:
    """Return the day written YYMMDD (80 to 99: last century); raise `ValueError` if there is no such day."""
    year = int(text[:2])
    return _existing(year + (1900 if year >= _CENTURY_PIVOT else 2000), int(text[2:4]), int(text[4:6]))


def _existing(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"the day {year:04}-{month:02}-{day:02} does not exist") from None


def _entry_date(text: str, value_date: date) -> date:
    """Return the entry date, written MMDD, in the year that brings it nearest to the value date."""
    month, day = int(text[:2]), int(text[2:])
    candidates = []
    for year in (value_date.year, value_date.year - 1, value_date.year + 1):
        try:
            candidates.append(_existing(year, month, day))
        except ValueError:
            continue
    if not candidates:
        return _existing(value_date.year, month, day)
    return min(candidates, key=lambda candidate: abs(candidate - value_date))


def read_statement_line(line: int, texts: list[str], currency: str) -> StatementLine:
    """Return the parts of a :61: field; raise `UnreadableError` where there is no amount or no sign to read."""
    written = _LINE.fullmatch(texts[0])
    supplements = texts[1:]
    if written is None and supplements:
        # A bank that breaks the line before the amount.
        written = _LINE.fullmatch(texts[0].rstrip() + supplements[0])
        supplements = supplements[1:]
    if written is None:
        raise UnreadableError(
            line,
            f"The entry {texts[0][:40]!r} cannot be read: wanted is the value date (YYMMDD), C or D and the amount.",
        )
    value_day, entry_day, mark, _funds, digits, rest = written.groups()
    try:
        amount = read_amount(digits, currency)
    except ValueError as error:
        raise UnreadableError(line, f"The entry was left out: {error}.") from None
    code, reference, bank_reference, overflow = _references(rest)
    return StatementLine(
        line=line,
        # A reversed credit takes money away, a reversed debit brings it back.
        amount=amount if mark in ("C", "RD") else -amount,
        reversal=mark.startswith("R"),
        value_day=value_day,
        entry_day=entry_day.strip() or None if entry_day else None,
        transaction_code=code,
        customer_reference=reference,
        bank_reference=bank_reference,
        supplement=" ".join([overflow, *supplements]).strip(),
    )


def _references(rest: str) -> tuple[str | None, str | None, str | None, str]:
    """Return transaction code, customer's reference, bank's reference, and what a bank wrote behind them."""
    code = _CODE.match(rest)
    ours, _, theirs = rest[4 if code else 0 :].partition("//")
    # A reference is one word or a few; a wide gap begins a column of text (the payer's name, as a rule).
    reference, _, overflow = ours.strip().partition("  ")
    return code[0].strip() if code else None, reference or None, theirs.strip() or None, overflow.strip()
