"""Reading real ledgers and writing their money as bank statements."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cashapp_service.bank_statements.domain import read as read_statements
from openitem.ledgers.camt import write_statements
from openitem.ledgers.ibm_late_payment import LedgerFileError, read
from openitem.ledgers.ledger import BankCredit

HEADER = "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate\n"


def credit(reference: str, day: date, amount: str) -> BankCredit:
    return BankCredit("DE75512108001245126199", reference, day, Decimal(amount), "EUR", "Ann & Söhne", None, "RE 1 <2>")


def test_statements_follow_one_another_and_prove_their_totals() -> None:
    files = list(write_statements([credit("b", date(2026, 4, 1), "20.00"), credit("a", date(2026, 3, 31), "10.50")]))

    first, second = (read_statements(file.content).statements[0] for file in files)

    assert (first.opening_balance, first.closing_balance) == (Decimal("0"), Decimal("10.50"))
    assert (second.opening_balance, second.closing_balance) == (Decimal("10.50"), Decimal("30.50"))
    assert first.proved
    assert second.proved
    assert (first.entries[0].payer_name, first.entries[0].purpose) == ("Ann & Söhne", "RE 1 <2>")


def test_leading_zeros_of_an_invoice_number_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "set.csv"
    file.write_text(HEADER + "391,0379-NEVHP,4/6/2013,0000611365,1/2/2013,2/1/2013,55.94,Yes,1/15/2013\n")

    ledger = read(file)

    assert ledger.invoices[0].number == "0000611365"
    assert ledger.credits[0].value_date == date(2013, 1, 15)
    assert [dispute.invoice_number for dispute in ledger.disputes] == ["0000611365"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("391,C,4/6/2013,1,2/30/2013,2/1/2013,55.94,No,1/15/2013\n", "line 2"),
        ("391,C,4/6/2013,1,1/2/2013,2/1/2013,lots,No,1/15/2013\n", "line 2"),
        ("391,C,4/6/2013\n", "line 2"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "set.csv"
    file.write_text(HEADER + line)

    with pytest.raises(LedgerFileError, match=words):
        read(file)


def test_a_file_that_is_not_the_set_says_which_column_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "set.csv"
    file.write_text("a,b\n1,2\n")

    with pytest.raises(LedgerFileError, match="countryCode"):
        read(file)
