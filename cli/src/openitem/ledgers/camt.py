"""Writes bank credits as camt.053.001.08 statements (ISO 20022, Bank-to-Customer Statement), one a quarter and account."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from xml.etree import ElementTree

from openitem.ledgers.ledger import BankCredit

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def _add(parent: ElementTree.Element, path: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    for tag in path.split("/"):
        parent = ElementTree.SubElement(parent, tag)
    parent.text = text
    parent.attrib.update(attributes)
    return parent


def _balance(statement: ElementTree.Element, code: str, amount: Decimal, currency: str, on: date) -> None:
    balance = _add(statement, "Bal")
    _add(balance, "Tp/CdOrPrtry/Cd", code)
    _add(balance, "Amt", str(abs(amount)), Ccy=currency)
    _add(balance, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")
    _add(balance, "Dt/Dt", on.isoformat())


def _entry(statement: ElementTree.Element, credit: BankCredit) -> None:
    entry = _add(statement, "Ntry")
    _add(entry, "Amt", str(credit.amount), Ccy=credit.currency)
    _add(entry, "CdtDbtInd", "CRDT")
    _add(entry, "Sts/Cd", "BOOK")
    _add(entry, "BookgDt/Dt", credit.value_date.isoformat())
    _add(entry, "ValDt/Dt", credit.value_date.isoformat())
    _add(entry, "AcctSvcrRef", credit.reference)
    domain = _add(entry, "BkTxCd/Domn")
    _add(domain, "Cd", "PMNT")
    family = _add(domain, "Fmly")
    _add(family, "Cd", "RCDT")
    _add(family, "SubFmlyCd", "ESCT")
    details = _add(entry, "NtryDtls/TxDtls")
    _add(details, "Refs/AcctSvcrRef", credit.reference)
    _add(details, "Amt", str(credit.amount), Ccy=credit.currency)
    parties = _add(details, "RltdPties")
    _add(parties, "Dbtr/Pty/Nm", credit.payer_name)
    if credit.payer_account:
        _add(parties, "DbtrAcct/Id/IBAN", credit.payer_account)
    _add(details, "RmtInf/Ustrd", credit.purpose)


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A bank statement as its file, whose account it is of, and the day of its last entry."""

    account: str
    content: bytes
    last_day: date


def _quarter(credit: BankCredit) -> tuple[int, int, str]:
    return credit.value_date.year, (credit.value_date.month + 2) // 3, credit.account


def write_statements(received: Iterable[BankCredit]) -> Iterator[StatementFile]:
    """Yield one file per quarter and account, in order of time; each opens with the balance at which the one before closed."""
    balances: dict[str, Decimal] = {}
    ordered = sorted(received, key=lambda credit: (_quarter(credit), credit.value_date, credit.reference))
    for (year, quarter, account), group in groupby(ordered, key=_quarter):
        entries = list(group)
        opening = balances.get(account, Decimal(0))
        closing = opening + sum(entry.amount for entry in entries)
        balances[account] = closing
        content = _statement(account, f"{year}-{quarter}", opening, closing, entries)
        yield StatementFile(account, content, entries[-1].value_date)


def _statement(account: str, number: str, opening: Decimal, closing: Decimal, entries: list[BankCredit]) -> bytes:
    first, last = entries[0], entries[-1]
    document = ElementTree.Element("Document", xmlns=NAMESPACE)
    report = _add(document, "BkToCstmrStmt")
    header = _add(report, "GrpHdr")
    _add(header, "MsgId", f"{account}-{number}")
    _add(header, "CreDtTm", f"{last.value_date.isoformat()}T18:00:00")
    statement = _add(report, "Stmt")
    _add(statement, "Id", f"{account}-{number}")
    _add(statement, "ElctrncSeqNb", number.replace("-", ""))
    _add(statement, "CreDtTm", f"{last.value_date.isoformat()}T18:00:00")
    holder = _add(statement, "Acct")
    _add(holder, "Id/IBAN", account)
    _add(holder, "Ccy", first.currency)
    _balance(statement, "OPBD", opening, first.currency, first.value_date)
    _balance(statement, "CLBD", closing, first.currency, last.value_date)
    for credit in entries:
        _entry(statement, credit)
    content: bytes = ElementTree.tostring(document, encoding="utf-8", xml_declaration=True)
    return content
