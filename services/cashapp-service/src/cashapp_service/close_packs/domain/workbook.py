"""Sheets as an XLSX workbook.

The one thing to know: text is written as text, whatever it looks like, so that a payer's name that begins with "=" is no formula.
"""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from cashapp_service.close_packs.domain.sheets import Cell, Column, Sheet, written

TEXT_LENGTH_MAX = 32_000
"""Excel takes 32,767 characters a cell."""
EXACT_DIGITS = 15
"""Digits that a number in Excel keeps; an amount with more is written as text."""
WIDTH_CHARACTERS = 16


def workbook_of(sheets: tuple[Sheet, ...], *, title: str, created: datetime) -> bytes:
    """Return the workbook with one sheet each; `created` goes into its properties."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
        heading = book.add_format({"bold": True, "bg_color": "#E8ECF1", "text_wrap": True, "valign": "top"})
        formats = _Formats(book)
        for sheet in sheets:
            page = book.add_worksheet(sheet.title)
            _write(page, sheet, heading, formats)
    return content.getvalue()


class _Formats:
    """The workbook's formats of amounts, one per number of decimals."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._amounts: dict[int, Any] = {}
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})

    def amount(self, decimals: int) -> Any:
        if decimals not in self._amounts:
            number = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._amounts[decimals] = self._book.add_format({"num_format": number})
        return self._amounts[decimals]


def _write(page: Any, sheet: Sheet, heading: Any, formats: _Formats) -> None:
    top = 0
    if sheet.note:
        page.write_string(0, 0, written(sheet.note))
        top = 1
    for index, column in enumerate(sheet.columns):
        page.write_string(top, index, column.title, heading)
        page.set_column(index, index, max(8, WIDTH_CHARACTERS * column.share))
    for number, row in enumerate(sheet.rows, start=top + 1):
        for index, (column, cell) in enumerate(zip(sheet.columns, row, strict=True)):
            _write_cell(page, number, index, column, cell, formats)
    page.freeze_panes(top + 1, 0)
    if sheet.rows:
        page.autofilter(top, 0, top + len(sheet.rows), len(sheet.columns) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)


def _write_cell(page: Any, number: int, index: int, column: Column, cell: Cell, formats: _Formats) -> None:
    if isinstance(cell, Decimal) and column.kind == "amount" and len(cell.as_tuple().digits) <= EXACT_DIGITS:
        exponent = cell.as_tuple().exponent
        assert isinstance(exponent, int)
        page.write_number(number, index, cell, formats.amount(max(0, -exponent)))
    elif isinstance(cell, int):
        page.write_number(number, index, cell)
    elif isinstance(cell, date) and not isinstance(cell, datetime):
        page.write_datetime(number, index, cell, formats.day)
    elif cell is not None:
        page.write_string(number, index, written(cell)[:TEXT_LENGTH_MAX])
