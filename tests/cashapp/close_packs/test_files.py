"""A workbook and a PDF of the same sheets show the same, whatever the text is."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from pypdf import PdfReader

from cashapp_service.close_packs.domain import Cell, Column, Sheet, pdf_of, workbook_of

AT = datetime(2026, 11, 3, 9, 15, tzinfo=UTC)


def sheet(*rows: tuple[Cell, ...]) -> Sheet:
    columns = (Column("Name", 2), Column("Amount", 1, "amount"), Column("Day", 1, "day"), Column("Count", 1, "number"))
    return Sheet("Figures", columns, rows, "A note")


def row(name: str, amount: str = "1234.50") -> tuple[Cell, ...]:
    return (name, Decimal(amount), date(2026, 10, 31), 7)


def pdf_text(*sheets: Sheet) -> str:
    reader = PdfReader(io.BytesIO(pdf_of(sheets, title="Pack", created=AT)))
    return "\n".join(page.extract_text() for page in reader.pages)


def cells(*sheets: Sheet) -> list[tuple[object, ...]]:
    content = workbook_of(sheets, title="Pack", created=AT)
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = [tuple(one.value for one in line) for line in book["Figures"].iter_rows(min_row=3)]
    book.close()
    return found


NAMES = [
    "Müller & Söhne GmbH",
    "Zażółć gęślą jaźń S.A.",
    "Ελληνική Εταιρεία Α.Ε.",
    "ООО «Ромашка»",
    "Đại Việt Cổ phần",
    "<b>not bold</b> & Co. €",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_all_alphabets_print(name: str) -> None:
    assert name in pdf_text(sheet(row(name)))
    assert cells(sheet(row(name)))[0][0] == name


@pytest.mark.parametrize("name", ["株式会社日本商事", "トヨタ自動車", "北京贸易有限公司", "삼성전자 주식회사"])
def test_names_in_east_asian_scripts_are_set_in_fonts_of_the_reader(name: str) -> None:
    reader = PdfReader(io.BytesIO(pdf_of((sheet(row(name)),), title="Pack", created=AT)))
    fonts = {font["/BaseFont"] for font in reader.pages[0]["/Resources"]["/Font"].values()}  # type: ignore[index]

    assert fonts & {"/HeiseiKakuGo-W5", "/STSong-Light", "/HYGothic-Medium"}
    assert cells(sheet(row(name)))[0][0] == name


@pytest.mark.parametrize("text", ["=1+1", "+CMD|' /C calc'!A0", "@SUM(A1)", "-2", "http://x.example", "007"])
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_of((sheet(row(text)),), title="Pack", created=AT)))
    cell = book["Figures"]["A3"]

    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    book.close()


def test_figures_are_numbers_with_the_decimals_of_their_currency() -> None:
    (eur,), (jpy,), (kwd,) = (cells(sheet(row("x", amount))) for amount in ("1234.50", "-98765", "0.125"))

    assert [Decimal(str(one[1])) for one in (eur, jpy, kwd)] == [Decimal("1234.5"), -98765, Decimal("0.125")]
    assert (eur[2], eur[3]) == (datetime(2026, 10, 31), 7)  # noqa: DTZ001 - a day, as openpyxl reads it
    assert "-98,765 2026-10-31 7" in pdf_text(sheet(row("x", "-98765"))).replace("\n", " ")


def test_an_amount_finer_than_a_number_of_a_workbook_is_written_as_text() -> None:
    assert cells(sheet(row("x", "123456789012345.67")))[0][1] == "123,456,789,012,345.67"


def test_hostile_text_neither_breaks_a_file_nor_leaves_it() -> None:
    text = "a\x01\x1b[31m\n" + "W" * 40_000

    assert "a" in pdf_text(sheet(row(text[:3000])))
    assert len(str(cells(sheet(row(text)))[0][0])) == 32_000


def test_a_long_sheet_has_its_heading_and_number_on_every_page() -> None:
    reader = PdfReader(io.BytesIO(pdf_of((sheet(*(row(f"N{n}") for n in range(700))),), title="Pack", created=AT)))

    texts = [page.extract_text() for page in reader.pages]
    assert len(texts) > 10
    assert all(f"Page {number}" in one and "Amount" in one for number, one in enumerate(texts, start=1))
    assert all(f"N{n}" in "\n".join(texts) for n in range(700))


def test_a_sheet_without_rows_says_so() -> None:
    assert "None." in pdf_text(sheet())
    assert cells(sheet()) == []
