"""Masking card numbers in what was read from a bank's file.

The one thing to know: the file itself was masked before it was kept (`shared.card_numbers.masked_file`). Here is found what only
shows once its pieces are put together or its characters are decoded.
"""

from dataclasses import replace
from typing import Any

from cashapp_service.bank_statements.domain.statement import BankStatement, ParsedFile, StatementEntry
from shared.card_numbers import holds_card_number, masked

_TEXTS = ("purpose", "customer_reference", "payer_name")


def without_card_numbers(parsed: ParsedFile) -> tuple[ParsedFile, list[dict[str, Any]]]:
    """Return a file's content with card numbers masked, and a line of the report for each entry that had one."""
    report: list[dict[str, Any]] = []
    statements = tuple(_of_statement(one, report) for one in parsed.statements)
    return replace(parsed, statements=statements), report


def _of_statement(statement: BankStatement, report: list[dict[str, Any]]) -> BankStatement:
    entries = tuple(_of_entry(one) for one in statement.entries)
    for before, after in zip(statement.entries, entries, strict=True):
        if after is not before:
            detail = "A card number was masked: only its last four digits were taken."
            report.append({"statement": statement.number, "position": before.position, "detail": detail})
    return replace(statement, entries=entries)


def _of_entry(entry: StatementEntry) -> StatementEntry:
    texts = {name: getattr(entry, name) or "" for name in _TEXTS}
    changed: dict[str, Any] = {name: masked(text) for name, text in texts.items() if holds_card_number(text)}
    return replace(entry, **changed) if changed else entry
