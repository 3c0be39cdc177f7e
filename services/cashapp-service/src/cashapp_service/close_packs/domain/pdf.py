"""Sheets as a PDF: landscape pages, each table with its heading on every page, and page numbers."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from cashapp_service.close_packs.domain import fonts
from cashapp_service.close_packs.domain.sheets import Cell, Column, Sheet, written

PAGE = landscape(A4)
MARGIN = 14 * mm
WIDTH = PAGE[0] - 2 * MARGIN
SIZE = 7.5
PADDING = 3
TEXT_LENGTH_MAX = 4_000
"""What is longer is cut short: a page holds little more."""
ROWS_A_TABLE = 300
"""Laying out a table takes longer than in proportion to its rows, so that a long sheet is several tables."""
RIGHT = frozenset({"amount", "number"})

_HEADING = ParagraphStyle("heading", fontName=fonts.TEXT_FONT, fontSize=13, leading=17, spaceAfter=3)
_NOTE = ParagraphStyle("note", fontName=fonts.TEXT_FONT, fontSize=8, leading=10.5, spaceAfter=3)
_CELL = ParagraphStyle("cell", fontName=fonts.TEXT_FONT, fontSize=SIZE, leading=SIZE + 1.8, splitLongWords=1)
_TABLE = [
    ("FONT", (0, 0), (-1, -1), fonts.TEXT_FONT, SIZE, SIZE + 1.8),
    ("BACKGROUND", (0, 0), (-1, 0), HexColor("#E8ECF1")),
    ("LINEBELOW", (0, 0), (-1, -1), 0.25, HexColor("#C4CCD6")),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
    ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
]


def pdf_of(sheets: Sequence[Sheet], *, title: str, created: datetime) -> bytes:
    """Return the PDF with all sheets, one after the other; `created` stands in the foot of each page."""
    fonts.glyphs()
    content = io.BytesIO()
    document = SimpleDocTemplate(
        content,
        pagesize=PAGE,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 4 * mm,
        title=title,
        author="OpenItem",
    )

    def foot(canvas: Any, _: Any) -> None:
        canvas.setFont(fonts.TEXT_FONT, 7)
        canvas.drawString(MARGIN, MARGIN - 2 * mm, f"{written(title)} · {written(created)}")
        canvas.drawRightString(PAGE[0] - MARGIN, MARGIN - 2 * mm, f"Page {canvas.getPageNumber()}")

    document.build(list(_story(sheets)), onFirstPage=foot, onLaterPages=foot)
    return content.getvalue()


def _story(sheets: Iterable[Sheet]) -> Iterable[Any]:
    for index, sheet in enumerate(sheets):
        if index:
            yield PageBreak()
        yield Paragraph(fonts.marked_up(sheet.title), _HEADING)
        if sheet.note:
            yield Paragraph(fonts.marked_up(written(sheet.note)), _NOTE)
        if not sheet.rows:
            yield Paragraph("None.", _NOTE)
        for start in range(0, len(sheet.rows), ROWS_A_TABLE):
            yield _table(sheet, sheet.rows[start : start + ROWS_A_TABLE])
        yield Spacer(0, 4 * mm)


def _table(sheet: Sheet, rows: Sequence[tuple[Cell, ...]]) -> Any:
    shares = sum(column.share for column in sheet.columns)
    widths = [WIDTH * column.share / shares for column in sheet.columns]
    head = [_cell(Column(column.title), column.title, wide) for column, wide in zip(sheet.columns, widths, strict=True)]
    body = [
        [_cell(column, cell, wide) for column, cell, wide in zip(sheet.columns, row, widths, strict=True)]
        for row in rows
    ]
    table = Table([head, *body], colWidths=widths, repeatRows=1, splitInRow=1)
    right = [
        ("ALIGN", (index, 0), (index, -1), "RIGHT")
        for index, column in enumerate(sheet.columns)
        if column.kind in RIGHT
    ]
    table.setStyle(TableStyle([*_TABLE, *right]))
    return table


def _cell(column: Column, cell: Cell, wide: float) -> Any:
    """Return a cell as plain text where it fits, which is quick to lay out, else as a paragraph that is wrapped."""
    text = written(cell)[:TEXT_LENGTH_MAX]
    if column.kind != "text" or (fonts.is_plain(text) and fonts.width(text, SIZE) <= wide - 2 * PADDING):
        return text
    return Paragraph(fonts.marked_up(text), _CELL)
