"""CSV as RFC 4180 has it: comma, CRLF, UTF-8, one heading. Nothing is empty text: an empty field is a missing value.

The one thing to know: a spreadsheet takes a field that begins with `=`, `+`, `-`, `@`, a tab or a line break for a formula, so
text that does gets an apostrophe before it (OWASP, CSV Injection). No number of ours is negative.
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from cashapp_service.ledger_exports.domain.columns import COLUMNS, Values

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class CsvWriter:
    """Writes CSV."""

    media_type = "text/csv; charset=utf-8; header=present"
    rows_at_once = 5_000

    def __init__(self) -> None:
        self._head_written = False

    def rows(self, rows: Sequence[Values]) -> bytes:
        """Return the next rows, behind the heading where they are the first."""
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        if not self._head_written:
            writer.writerow(COLUMNS)
            self._head_written = True
        writer.writerows([_field(value) for value in row] for row in rows)
        return buffer.getvalue().encode()

    def end(self) -> bytes:
        """Return the heading of a file without rows; else nothing is left to write."""
        return self.rows([]) if not self._head_written else b""


def _field(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return "'" + value if value.startswith(_FORMULA) else value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)
