"""Reads camt.053 (ISO 20022 BankToCustomerStatement), every version from 001.01 on, with a namespace or without.

The one thing to know: elements are found by their local names. What differs between the versions (a party that
moved into <Pty>, a status that moved into <Cd>) is looked for in both places.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cashapp_service.bank_statements.domain.amounts import read_amount
from cashapp_service.bank_statements.domain.camt053_transaction import Transaction, read_transactions
from cashapp_service.bank_statements.domain.statement import (
    Balance,
    BankStatement,
    ControlTotalError,
    LineError,
    StatementEntry,
    UnreadableError,
    prove,
)
from cashapp_service.bank_statements.domain.xml_tree import Element, UnsafeXmlError, parse_xml
from shared.days import FIRST_DAY, LAST_DAY

_OPENING = ("OPBD", "PRCD")
_CLOSING = ("CLBD",)
_INTERIM = "ITBD"
_NOT_BOOKED = frozenset({"PDNG", "FUTR", "INFO"})
_CREDIT, _DEBIT = "CRDT", "DBIT"


def read_camt053(data: bytes) -> tuple[list[BankStatement], list[LineError]]:
    """Return the statements that are whole, and an error for every entry or statement that is not."""
    try:
        root = parse_xml(data)
    except UnsafeXmlError as refusal:
        return [], [LineError(refusal.line, refusal.detail)]
    statements: list[BankStatement] = []
    errors: list[LineError] = []
    for statement in root.descendants("Stmt"):
        try:
            statements.append(_statement(statement, errors))
        except UnreadableError as refusal:
            errors.append(refusal.error)
    if not statements and not errors:
        errors.append(LineError(root.line, "The document holds no statement (<Stmt>)."))
    return statements, errors


@dataclass(frozen=True, slots=True)
class _Entry:
    """A booked entry whose amount could be read. `position` counts the movements of the statement from 1."""

    position: int
    element: Element
    amount: Decimal
    transactions: list[Transaction]


def _statement(statement: Element, errors: list[LineError]) -> BankStatement:
    opening, closing = _balances(statement)
    currency = _currency(statement, opening, closing)
    booked, rejected = _entries(statement, currency, errors)
    try:
        _check_summary(statement)
        proved = prove(opening, closing, (entry.amount for entry in booked))
    except ControlTotalError as failed:
        raise UnreadableError(statement.line, failed.detail) from None
    entries: list[StatementEntry] = []
    for entry in booked:
        try:
            entries.extend(_movements(entry, currency))
        except UnreadableError as refusal:
            errors.append(refusal.error)
            rejected += 1
    return BankStatement(
        account=_account(statement),
        number=statement.text("ElctrncSeqNb") or statement.text("LglSeqNb") or statement.text("Id") or "",
        currency=currency,
        opening_balance=opening.amount if opening else None,
        opening_date=opening.on if opening else None,
        closing_balance=closing.amount if closing else None,
        closing_date=closing.on if closing else None,
        entries=tuple(entries),
        proved=proved and not rejected,
    )


def _balances(statement: Element) -> tuple[Balance | None, Balance | None]:
    """Return opening and closing booked balance; on a page between, the interim ones stand in for them."""
    by_code: dict[str, list[Element]] = {}
    for balance in statement.children("Bal"):
        code = balance.text("Tp/CdOrPrtry/Cd") or balance.text("Tp/Cd") or ""
        by_code.setdefault(code, []).append(balance)
    interim = by_code.get(_INTERIM, [])
    opening = next((by_code[code][0] for code in _OPENING if code in by_code), None)
    closing = next((by_code[code][0] for code in _CLOSING if code in by_code), None)
    if opening is None and len(interim) > (closing is None):
        opening = interim[0]
    if closing is None and interim and interim[-1] is not opening:
        closing = interim[-1]
    return (
        _balance(opening, "opening balance") if opening is not None else None,
        _balance(closing, "closing balance") if closing is not None else None,
    )


def _balance(balance: Element, name: str) -> Balance:
    try:
        currency = balance.attribute("Amt", "Ccy")
        return Balance(_signed(balance, currency), currency, _day(balance, "Dt"))
    except ValueError as error:
        raise UnreadableError(balance.line, f"The {name}: {error}. Nothing of this statement was taken.") from None


def _currency(statement: Element, opening: Balance | None, closing: Balance | None) -> str:
    """Return the account's currency: of its balances, else as stated, else of its first entry."""
    if balance := opening or closing:
        return balance.currency
    first = next(iter(statement.children("Ntry")), None)
    currency = statement.text("Acct/Ccy") or (first.attribute("Amt", "Ccy") if first is not None else "")
    if not currency:
        raise UnreadableError(statement.line, "The statement has neither a balance nor a currency of its account.")
    return currency


def _account(statement: Element) -> str:
    for path in ("IBAN", "Othr/Id", "BBAN", "UPIC", "PrtryAcct/Id"):
        if account := statement.text(f"Acct/Id/{path}"):
            return account.replace(" ", "")
    raise UnreadableError(statement.line, "The statement names no account (<Acct><Id>). Nothing of it was taken.")


def _entries(statement: Element, currency: str, errors: list[LineError]) -> tuple[list[_Entry], int]:
    """Return the booked entries with the transactions each consists of, and how many could not be read."""
    booked: list[_Entry] = []
    rejected, position = 0, 1
    for element in statement.children("Ntry"):
        if (element.text("Sts/Cd") or element.text("Sts") or "BOOK") in _NOT_BOOKED:
            continue
        try:
            amount = _entry_amount(element, currency)
            transactions = read_transactions(element, amount, currency)
            booked.append(_Entry(position, element, amount, transactions))
            position += len(transactions)
        except ValueError as error:
            errors.append(LineError(element.line, f"The entry was left out: {error}."))
            rejected += 1
            position += 1
    return booked, rejected


def _entry_amount(element: Element, currency: str) -> Decimal:
    stated = element.attribute("Amt", "Ccy")
    if stated != currency:
        raise ValueError(f"its amount is in {stated or 'no currency'}, the account is in {currency}")
    return _signed(element, currency)


def _movements(entry: _Entry, currency: str) -> Iterable[StatementEntry]:
    """Yield the statement entries of one booked entry: one, or one for each transaction of a batch."""
    element = entry.element
    try:
        booking_date = _day(element, "BookgDt") if element.has("BookgDt") else _day(element, "ValDt")
        value_date = _day(element, "ValDt") if element.has("ValDt") else booking_date
    except ValueError as error:
        raise UnreadableError(element.line, f"The entry was left out: {error}.") from None
    bank_reference = element.text("AcctSvcrRef") or element.text("NtryRef")
    return [
        StatementEntry(
            position=entry.position + offset,
            booking_date=booking_date,
            value_date=value_date,
            amount=transaction.amount,
            currency=currency,
            bank_reference=transaction.bank_reference or bank_reference,
            customer_reference=transaction.customer_reference,
            payer_name=transaction.payer_name,
            payer_account=transaction.payer_account,
            purpose=transaction.purpose,
            transaction_code=_transaction_code(element),
            reversal=_is_reversal(element),
        )
        for offset, transaction in enumerate(entry.transactions)
    ]


def _is_reversal(element: Element) -> bool:
    return element.text("RvslInd") in ("true", "1")


def _transaction_code(element: Element) -> str | None:
    """Return "PMNT/RCDT/ESCT" (domain, family, sub-family), else the bank's own code."""
    paths = ("BkTxCd/Domn/Cd", "BkTxCd/Domn/Fmly/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd")
    domain = "/".join(part for part in map(element.text, paths) if part)
    return domain or element.text("BkTxCd/Prtry/Cd")


def _signed(element: Element, currency: str) -> Decimal:
    indicator = element.text("CdtDbtInd") or ""
    if indicator not in (_CREDIT, _DEBIT):
        raise ValueError(f"credit or debit (<CdtDbtInd>) reads {indicator[:40]!r}, wanted is CRDT or DBIT")
    amount = read_amount(element.text("Amt") or "", currency)
    return amount if indicator == _CREDIT else -amount


def _day(element: Element, path: str) -> date:
    """Return the business day of <Dt> or <DtTm>: the day as written, whatever time or zone follows."""
    text = element.text(f"{path}/Dt") or element.text(f"{path}/DtTm") or element.text(path)
    if not text:
        raise ValueError(f"it states no day (<{path}>)")
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"the day {text[:40]!r} (<{path}>) does not exist") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"the day {day} (<{path}>) is not one on which anything is booked")
    return day


def _check_summary(statement: Element) -> None:
    """Compare the statement's own summary (<TxsSummry>) with its entries; raise `ControlTotalError`."""
    summary = statement.child("TxsSummry")
    if summary is None:
        return
    entries = list(statement.children("Ntry"))
    credited = [entry for entry in entries if entry.text("CdtDbtInd") == _CREDIT]
    debited = [entry for entry in entries if entry.text("CdtDbtInd") == _DEBIT]
    for tag, counted in (("TtlNtries", entries), ("TtlCdtNtries", credited), ("TtlDbtNtries", debited)):
        stated = summary.text(f"{tag}/NbOfNtries")
        if stated and stated.isascii() and stated.isdigit() and stated.lstrip("0") != str(len(counted) or ""):
            raise ControlTotalError(total=f"number of entries (<{tag}>)", stated=stated, found=len(counted))
        _check_sum(tag, summary.text(f"{tag}/Sum"), counted)


def _check_sum(tag: str, stated: str | None, entries: list[Element]) -> None:
    """Compare one sum of the summary, which adds amounts whatever their sign and currency."""
    if not stated:
        return
    try:
        wanted = Decimal(stated)
        found = sum((Decimal(entry.text("Amt") or "") for entry in entries), Decimal(0))
    except ArithmeticError:
        return
    if wanted != found:
        raise ControlTotalError(total=f"sum of entries (<{tag}>)", stated=stated, found=found)
