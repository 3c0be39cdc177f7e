"""The columns of an export: one row for each line of an entry.

The one thing to know: they are a contract. One may be added at the end; none is renamed, moved or given another meaning.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

ExportFormat = Literal["csv", "parquet"]
Kind = Literal["whole", "amount", "day", "instant", "text"]
Values = Sequence[Any]
"""One row, in the order of the columns."""

COLUMNS: Mapping[str, Kind] = {
    "sequence": "whole",
    "position": "whole",
    "entry_id": "text",
    "posting_id": "text",
    "entry_kind": "text",
    "line_kind": "text",
    "posting_date": "day",
    "period": "text",
    "value_date": "day",
    "posted_at": "instant",
    "company_code": "text",
    "account": "text",
    "account_number": "text",
    "account_name": "text",
    "currency": "text",
    "debit": "amount",
    "credit": "amount",
    "customer_id": "text",
    "item_id": "text",
    "receipt_id": "text",
    "application_id": "text",
    "dispute_id": "text",
    "document_id": "text",
    "posted_by": "text",
}


class FileWriter(Protocol):
    """Writes one file piece by piece."""

    media_type: str
    rows_at_once: int

    def rows(self, rows: Sequence[Values]) -> bytes:
        """Return what the next rows add to the file."""

    def end(self) -> bytes:
        """Return what ends the file."""
