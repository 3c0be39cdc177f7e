"""Reads MT940 (SWIFT Standards MT, category 9, customer statement message) as banks really write it.

The one thing to know: we read the tags ourselves. The mt-940 library was measured on the sample files of eleven
banks: it gives up a whole file for one foreign :61: line, turns a day that does not exist into another one, takes
a stray :25: for the account, proves no balance, and never says on which line it stopped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cashapp_service.bank_statements.domain.amounts import read_amount
from cashapp_service.bank_statements.domain.mt940_details import Details, read_details
from cashapp_service.bank_statements.domain.mt940_line import StatementLine, read_day, read_statement_line
from cashapp_service.bank_statements.domain.statement import (
    Balance,
    BankStatement,
    ControlTotalError,
    LineError,
    StatementEntry,
    UnreadableError,
    prove,
)

# Only these open a field. Text that wraps so that a line begins with ":12:" stays text.
_TAG = re.compile(r":(20|21|25P?|28C?|13D?|34F|60[FM]|61|86|62[FM]|64|65|90[CD]|NS):", re.ASCII)
_END_OF_MESSAGE = re.compile(r"\s*-(?:\}.*|XXX)?\s*")
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9.,]+)\s*", re.ASCII)
# All but tab and the line ends: banks wrap messages in them, and PostgreSQL stores no zero character.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# References of :61: that say "there is none" or "see :86:".
_NO_REFERENCE = re.compile(r"(?:NONREF|NOREF|NOTPROVIDED|[EKMP]REF\+?|MARF|)", re.IGNORECASE)


@dataclass(slots=True)
class Field:
    """One tagged field: its tag, the number of its first line in the file, and its lines without the tag."""

    tag: str
    line: int
    texts: list[str]


@dataclass(slots=True)
class _Message:
    """The fields of one statement, as they are gathered."""

    line: int
    fields: dict[str, Field] = field(default_factory=dict)
    movements: list[tuple[Field, list[Field]]] = field(default_factory=list)

    def first(self, *tags: str) -> Field | None:
        return next((self.fields[tag] for tag in tags if tag in self.fields), None)


def read_mt940(data: bytes) -> tuple[list[BankStatement], list[LineError]]:
    """Return the statements that are whole, and an error for every line or statement that is not."""
    statements: list[BankStatement] = []
    errors: list[LineError] = []
    for message in _messages(_fields(_lines(data))):
        try:
            statements.append(_statement(message, errors))
        except UnreadableError as refusal:
            errors.append(refusal.error)
    if not statements and not errors:
        errors.append(LineError(1, "The file holds no statement (:20: to :62F:)."))
    return statements, errors


def _lines(data: bytes) -> list[str]:
    text = _decoded(data)
    if "@@:" in text:
        text = text.replace("@@", "\n")
    # Not str.splitlines(): it would also split at characters that occur inside texts, and miscount the lines.
    return [_CONTROL.sub("", line) for line in re.split(r"\r\n|\n|\r", text)]


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _fields(lines: list[str]) -> Iterator[Field]:
    """Yield the tagged fields with the lines that continue them; what is between messages belongs to none."""
    current: Field | None = None
    held = ""  # a lone ":" that broke away from its tag
    for number, raw in enumerate(lines, start=1):
        text, held = held + raw, ""
        if raw == ":":
            held = raw
        elif tag := _TAG.match(text):
            if current:
                yield current
            current = Field(tag[1], number, [text[tag.end() :]])
        elif _END_OF_MESSAGE.fullmatch(text):
            if current:
                yield current
            current = None
        elif current:
            current.texts.append(text)
    if current:
        yield current


def _messages(fields: Iterator[Field]) -> Iterator[_Message]:
    """Yield one message per :20:. An :86: belongs to the :61: right before it, else to nothing we keep."""
    message: _Message | None = None
    details: list[Field] | None = None
    for item in fields:
        if item.tag == "20":
            if message:
                yield message
            message = _Message(item.line)
        if message is None:
            continue
        if item.tag == "86":
            if details is not None:
                details.append(item)
            continue
        details = None
        if item.tag == "61":
            details = []
            message.movements.append((item, details))
        else:
            message.fields.setdefault(item.tag, item)
    if message:
        yield message


def _statement(message: _Message, errors: list[LineError]) -> BankStatement:
    opening = _balance(message, "60F", "60M", name="opening balance (:60F:)")
    closing = _balance(message, "62F", "62M", name="closing balance (:62F:)")
    lines, rejected = [], 0
    for position, (item, details) in enumerate(message.movements, start=1):
        try:
            lines.append((position, read_statement_line(item.line, item.texts, opening.currency), details))
        except UnreadableError as refusal:
            errors.append(refusal.error)
            rejected += 1
    try:
        proved = prove(opening, closing, (line.amount for _, line, _ in lines))
    except ControlTotalError as failed:
        stated = message.first("62F", "62M")
        raise UnreadableError(stated.line if stated else message.line, failed.detail) from None
    entries = []
    for position, line, details in lines:
        try:
            entries.append(_entry(position, line, details, opening.currency))
        except UnreadableError as refusal:
            errors.append(refusal.error)
            rejected += 1
    number = message.first("28C", "28")
    return BankStatement(
        account=_account(message, opening.currency),
        number=number.texts[0].strip() if number else "",
        currency=opening.currency,
        opening_balance=opening.amount,
        opening_date=opening.on,
        closing_balance=closing.amount,
        closing_date=closing.on,
        entries=tuple(entries),
        proved=proved and not rejected,
    )


def _balance(message: _Message, *tags: str, name: str) -> Balance:
    found = message.first(*tags)
    if found is None:
        raise UnreadableError(
            message.line,
            f"The statement that starts here has no {name}, so it may be cut short and nothing of it was"
            " taken: ask the bank for the whole file.",
        )
    written = _BALANCE.fullmatch(found.texts[0])
    if written is None:
        raise UnreadableError(
            found.line,
            f"The {name} reads {found.texts[0][:40]!r}, wanted is C or D, the day, the currency and the"
            " amount. Nothing of this statement was taken.",
        )
    mark, day, currency, digits = written.groups()
    try:
        amount = read_amount(digits, currency)
        on = read_day(day)
    except ValueError as error:
        raise UnreadableError(found.line, f"The {name}: {error}. Nothing of this statement was taken.") from None
    return Balance(amount if mark == "C" else -amount, currency, on)


def _account(message: _Message, currency: str) -> str:
    found = message.first("25", "25P")
    text = re.sub(r"\s+", " ", found.texts[0]).strip().removeprefix("/") if found else ""
    # "NL54INGB0001234500EUR": Dutch banks write the account's currency behind its number.
    account = re.sub(rf"(?<=[0-9])\s?{currency}$", "", text)
    if not account:
        raise UnreadableError(message.line, "The statement that starts here names no account (:25:).")
    return account


def _entry(position: int, line: StatementLine, details: list[Field], currency: str) -> StatementEntry:
    value_date, booking_date = line.dates()
    found = read_details([item.texts for item in details], line.supplement)
    return StatementEntry(
        position=position,
        booking_date=booking_date,
        value_date=value_date,
        amount=line.amount,
        currency=currency,
        bank_reference=line.bank_reference,
        customer_reference=_customer_reference(line, found),
        payer_name=found.name,
        payer_account=found.account,
        purpose=found.purpose,
        transaction_code=line.transaction_code,
        reversal=line.reversal,
    )


def _customer_reference(line: StatementLine, found: Details) -> str | None:
    """Return the reference of :61: (where some banks write the account), or the one of :86: it points to."""
    for reference in (line.customer_reference, found.end_to_end_id, found.own_reference):
        if reference and reference != found.account and not _NO_REFERENCE.fullmatch(reference):
            return reference
    return None
