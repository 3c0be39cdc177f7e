"""Reads companies' ratios, and whether they failed, from a CSV file in the columns of the Polish companies bankruptcy data.

Source of the columns: Tomczak, S. (2016), Polish Companies Bankruptcy, UCI Machine Learning Repository, dataset 365. Its "gross
profit" is the profit before tax. Where a field is empty the ratio is missing.
"""

import csv
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import StringIO
from pathlib import Path

from credit_service.financial_statements.domain.ratios import RATIOS

LABEL = "bankrupt"
GZIP = b"\x1f\x8b"
COLUMNS: dict[str, str] = {
    "X1": "net_profit_to_assets",
    "X2": "liabilities_to_assets",
    "X3": "working_capital_to_assets",
    "X4": "current_ratio",
    "X6": "retained_earnings_to_assets",
    "X7": "ebit_to_assets",
    "X8": "equity_to_liabilities",
    "X9": "sales_to_assets",
    "X10": "equity_to_assets",
    "X12": "pre_tax_profit_to_current_liabilities",
    "X13": "cash_profit_margin",
    "X16": "cash_profit_to_liabilities",
    "X18": "pre_tax_profit_to_assets",
    "X19": "pre_tax_margin",
    "X20": "inventory_days",
    "X21": "sales_growth",
    "X22": "operating_profit_to_assets",
    "X23": "net_margin",
    "X25": "earned_equity_to_assets",
    "X26": "net_cash_profit_to_liabilities",
    "X27": "interest_cover",
    "X28": "working_capital_to_fixed_assets",
    "X30": "net_debt_to_sales",
    "X35": "profit_on_sales_to_assets",
    "X38": "constant_capital_to_assets",
    "X39": "sales_margin",
    "X40": "cash_ratio",
    "X42": "operating_margin",
    "X44": "receivable_days",
    "X45": "net_profit_to_inventories",
    "X46": "quick_ratio",
    "X50": "current_assets_to_liabilities",
    "X51": "current_liabilities_to_assets",
    "X53": "equity_to_fixed_assets",
    "X54": "constant_capital_to_fixed_assets",
    "X56": "gross_margin",
    "X58": "costs_to_sales",
    "X59": "long_term_liabilities_to_equity",
    "X62": "current_liabilities_days",
    "X64": "sales_to_fixed_assets",
}
"""Which of our ratios a column holds. Left out: amounts (X29, X55), three years (X24), twins of others (X14, X36 …)."""
assert set(COLUMNS.values()) == RATIOS.keys()

LABELS = {"0": False, "0.0": False, "1": True, "1.0": True}


class CompaniesFileError(Exception):
    """The file cannot be read as companies' ratios."""


@dataclass(frozen=True, slots=True)
class Company:
    """A company's ratios by our names, and whether it failed within the year; None where the file does not say.

    `place` is a number from 0 to 1 by the SHA-256 of its ratios, by which companies are parted: equal rows stay together, and no
    order of the file matters.
    """

    ratios: dict[str, Decimal | None]
    failed: bool | None
    place: float


def read(path: Path) -> list[Company]:
    """Return the companies of a CSV file, packed with gzip or not; raise `CompaniesFileError`, `OSError`."""
    content = path.read_bytes()
    try:
        text = (gzip.decompress(content) if content.startswith(GZIP) else content).decode("utf-8-sig")
        return list(_companies(StringIO(text, newline="")))
    except (gzip.BadGzipFile, zlib.error, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise CompaniesFileError(f"{path}: {error}") from None


def _companies(lines: StringIO) -> Iterator[Company]:
    reader = csv.DictReader(lines)
    absent = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if absent:
        raise CompaniesFileError(f"The first line names no {', '.join(absent)}: it has to name the columns X1 to X64.")
    for row in reader:
        if None in row or None in row.values():
            raise CompaniesFileError(f"Line {reader.line_num}: the line has not as many fields as the first.")
        texts = [row[column].strip() for column in COLUMNS]
        try:
            ratios = {name: _number(text) for name, text in zip(COLUMNS.values(), texts, strict=True)}
        except InvalidOperation:
            raise CompaniesFileError(f"Line {reader.line_num}: a ratio is no number.") from None
        label = (row.get(LABEL) or "").strip()
        if label and label not in LABELS:
            raise CompaniesFileError(f"Line {reader.line_num}: {LABEL} is 0 or 1, not {label[:20]!r}.")
        digest = hashlib.sha256("|".join(texts).encode()).digest()
        yield Company(ratios, LABELS.get(label), int.from_bytes(digest[:8], "big") / 2**64)


def _number(text: str) -> Decimal | None:
    """Return a ratio; None for an empty field, `?` and what is not finite."""
    if text in ("", "?"):
        return None
    number = Decimal(text)
    return number if number.is_finite() else None
