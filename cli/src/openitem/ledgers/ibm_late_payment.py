"""Reads IBM's sample set on late payment: customers, invoices, the day each was settled, and which were disputed.

Columns: countryCode, customerID, PaperlessDate, invoiceNumber, InvoiceDate, DueDate, InvoiceAmount, Disputed, SettledDate,
PaperlessBill, DaysToSettle, DaysLate. Days are month/day/year; the set names no currency and no bank account.
"""

import csv
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from openitem.ledgers.ledger import BankCredit, CustomerLimit, Dispute, Invoice, Ledger

CURRENCY = "USD"
ACCOUNT = "GB33BUKB20201555555555"
COUNTRIES = {"391": "IT", "406": "DE", "770": "ES", "818": "GB", "897": "US"}
"""The set numbers five countries without naming them; any country serves, as nothing depends on it."""

COLUMNS = (
    "countryCode",
    "customerID",
    "invoiceNumber",
    "InvoiceDate",
    "DueDate",
    "InvoiceAmount",
    "Disputed",
    "SettledDate",
)


class LedgerFileError(Exception):
    """The file is not the set that it should be; says which line and why."""


def _day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a business day has no zone


def read(path: Path) -> Ledger:
    """Return the ledger in the CSV file at `path`; raise `LedgerFileError` with the line where it cannot be read."""
    ledger = Ledger()
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file, restval="")
        missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise LedgerFileError(f"{path} line 1: the column {missing[0]} is missing")
        for row in rows:
            try:
                _take(ledger, row)
            except (ValueError, InvalidOperation) as error:
                raise LedgerFileError(f"{path} line {rows.line_num}: {error}") from None
    ledger.limits = [CustomerLimit(customer, Decimal("1000000.00"), CURRENCY) for customer in ledger.customers]
    return ledger


def _take(ledger: Ledger, row: dict[str, str]) -> None:
    customer, number = row["customerID"], row["invoiceNumber"]
    invoice = Invoice(
        number, customer, _day(row["InvoiceDate"]), _day(row["DueDate"]), Decimal(row["InvoiceAmount"]), CURRENCY
    )
    settled_on = _day(row["SettledDate"])
    ledger.customers.setdefault(customer, _customer(customer, row["countryCode"]))
    ledger.invoices.append(invoice)
    ledger.credits.append(_credit(invoice, settled_on))
    if row["Disputed"] == "Yes":
        opened_on = min(invoice.due_date, settled_on)
        ledger.disputes.append(Dispute(customer, number, None, "other", "Disputed according to the set", opened_on))


def _customer(customer: str, country_code: str) -> dict[str, object]:
    country = COUNTRIES.get(country_code, "US")
    return {"name": f"Customer {customer}", "country": country, "currency": CURRENCY, "payment_terms": "net 30"}


def _credit(invoice: Invoice, settled_on: date) -> BankCredit:
    return BankCredit(
        account=ACCOUNT,
        reference=f"S{invoice.number}",
        value_date=settled_on,
        amount=invoice.amount,
        currency=CURRENCY,
        payer_name=f"Customer {invoice.customer_id}",
        payer_account=None,
        purpose=f"Invoice {invoice.number}",
    )
