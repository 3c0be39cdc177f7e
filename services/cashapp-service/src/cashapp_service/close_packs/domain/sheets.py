"""Sheets: what a workbook shows as a sheet and a PDF as a table.

The one thing to know: both are written from the same sheets, so that no figure can stand in one and not in the other.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Cell = str | int | Decimal | date | datetime | None

AGING = (("not_due", None, 0), ("1-30", 1, 30), ("31-60", 31, 60), ("61-90", 61, 90), ("91+", 91, None))
"""Buckets by days past due at the end of the period, both ends included."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `share` is its width relative to the others'."""

    title: str
    share: float = 1.0
    kind: Literal["text", "amount", "number", "day"] = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a title; `note` stands below the title."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str | None = None

    def __post_init__(self) -> None:
        assert all(len(row) == len(self.columns) for row in self.rows), f"a row of {self.title} is not as wide as it"


def written(cell: Cell) -> str:
    """Return a cell as text in one line: amounts with all their decimals, days as YYYY-MM-DD, instants in UTC."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M} UTC"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return f"{cell:,f}"
    return f"{cell:,}" if isinstance(cell, int) else _CONTROL.sub(" ", cell)
