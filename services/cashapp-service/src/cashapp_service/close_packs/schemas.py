"""The close pack on the wire, and how its figures are laid out: one sheet each, for workbook and PDF alike.

The one thing to know: every row of the JSON is a row of a sheet; nothing is left out on paper.
"""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.close_packs.domain import Cell, Column, Sheet
from cashapp_service.closes.schemas import AcceptedCheck, CloseCheck, ControlTotal, PeriodClose, Reopening
from cashapp_service.payment_exceptions.domain import ReturnReason
from cashapp_service.reconciliations.schemas import CashReconciliation
from shared.money import Amount, NonNegativeAmount, PositiveAmount


class PackAccount(BaseModel):
    """One account in one currency at the end of the period."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "account": "receivables",
                    "number": "1200",
                    "name": "Trade receivables",
                    "currency": "EUR",
                    "debit": "1190.00",
                    "credit": "0.00",
                    "balance": "1190.00",
                }
            ]
        }
    )

    account: str = Field(description="Account of the ledger")
    number: str = Field(description="What the company's general ledger calls it")
    name: str = Field(description="Its name there")
    currency: str = Field(description="ISO 4217 code")
    debit: NonNegativeAmount = Field(description="Sum of all debits up to the last day")
    credit: NonNegativeAmount = Field(description="Sum of all credits up to the last day")
    balance: Amount = Field(description="Debit less credit")


class PackAging(BaseModel):
    """What one customer owes in one currency at the end of the period, by days past due."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1",
                    "name": "Nordlicht Handels GmbH",
                    "currency": "EUR",
                    "not_due": "100.00",
                    "days_1_30": "250.00",
                    "days_31_60": "0.00",
                    "days_61_90": "0.00",
                    "days_91": "0.00",
                    "total": "350.00",
                    "unapplied": "60.00",
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number; `total` in the rows of totals")
    name: str = Field(description="The customer's name")
    currency: str = Field(description="ISO 4217 code; all amounts are in it")
    not_due: Amount = Field(description="Not due on the last day")
    days_1_30: Amount = Field(description="1 to 30 days past due")
    days_31_60: Amount = Field(description="31 to 60 days past due")
    days_61_90: Amount = Field(description="61 to 90 days past due")
    days_91: Amount = Field(description="91 days past due and more")
    total: Amount = Field(description="All open items; the totals are the balance of the receivables account")
    unapplied: NonNegativeAmount = Field(description="Money of the customer that is unapplied or on account")


class PackHeldCash(BaseModel):
    """Money of a receipt that no item has got at the end of the period."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "receipt_id": "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "state": "unapplied",
                    "customer_id": "C-1",
                    "payer_name": "Nordlicht Handels GmbH",
                    "value_date": "2026-10-20",
                    "days": 11,
                    "currency": "EUR",
                    "amount": "40.00",
                }
            ]
        }
    )

    receipt_id: str = Field(description="The receipt")
    state: Literal["unidentified", "unapplied", "on_account"] = Field(description="Where its money is")
    customer_id: str | None = Field(description="The ERP's customer number; null while unidentified")
    payer_name: str | None = Field(description="Who paid, as the bank writes it")
    value_date: date = Field(description="YYYY-MM-DD")
    days: int = Field(description="Days from the value date to the last day")
    currency: str = Field(description="ISO 4217 code")
    amount: Amount = Field(description="In `currency`")


class PackException(BaseModel):
    """A payment exception that was not settled when the period was closed, or is not now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "pex_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "customer_id": "C-2",
                    "reason": "nsf",
                    "value_date": "2026-10-25",
                    "deadline_on": "2026-11-04",
                    "currency": "EUR",
                    "amount": "12.00",
                }
            ]
        }
    )

    id: str = Field(description="The payment exception")
    customer_id: str | None = Field(description="The ERP's customer number")
    reason: ReturnReason = Field(description="Why the payment came back")
    value_date: date = Field(description="YYYY-MM-DD")
    deadline_on: date = Field(description="Last day to react")
    currency: str = Field(description="ISO 4217 code")
    amount: PositiveAmount = Field(description="What the bank took back, in `currency`")


class ClosePack(BaseModel):
    """All figures of a period's close."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "company_code": "1000",
                    "period": "2026-10",
                    "first_day": "2026-10-01",
                    "last_day": "2026-10-31",
                    "status": "open",
                    "closed_with": None,
                    "closed_by": None,
                    "closed_at": None,
                    "note": None,
                    "prepared_at": "2026-11-03T09:20:00Z",
                    "trial_balance": [],
                    "balanced": True,
                    "aging": [],
                    "aging_totals": [],
                    "aging_agrees": True,
                    "reconciliations": [],
                    "checks": [],
                    "accepted": [],
                    "payment_exceptions": [],
                    "held_cash": [],
                    "control": [],
                    "closes": [],
                    "reopenings": [],
                }
            ]
        }
    )

    company_code: str = Field(description="The company of the ledger")
    period: str = Field(description="Year and month")
    first_day: date = Field(description="YYYY-MM-DD")
    last_day: date = Field(description="YYYY-MM-DD; every figure is as of this day")
    status: Literal["open", "closed"] = Field(description="Whether the period takes postings")
    closed_with: str | None = Field(description="The period whose close froze it: itself, or a later one")
    closed_by: str | None = Field(description="Who closed it")
    closed_at: datetime | None = Field(description="Instant, UTC")
    note: str | None = Field(description="In the words of who closed it")
    prepared_at: datetime = Field(description="When this pack was made, UTC")
    trial_balance: list[PackAccount] = Field(description="Every account and currency up to the last day")
    balanced: bool = Field(description="Whether debit equals credit in every currency")
    aging: list[PackAging] = Field(description="Open items per customer and currency")
    aging_totals: list[PackAging] = Field(description="Their totals per currency")
    aging_agrees: bool = Field(
        description="Whether the totals are the balance of the receivables account in every currency"
    )
    reconciliations: list[CashReconciliation] = Field(description="Bank against ledger, as at the close")
    checks: list[CloseCheck] = Field(description="The checklist, as at the close")
    accepted: list[AcceptedCheck] = Field(description="What was open and accepted, with the reasons")
    payment_exceptions: list[PackException] = Field(description="Payment exceptions not settled")
    held_cash: list[PackHeldCash] = Field(description="Unidentified, unapplied and on-account money")
    control: list[ControlTotal] = Field(description="The postings of the period, per currency")
    closes: list[PeriodClose] = Field(description="Every close of the period, newest first")
    reopenings: list[Reopening] = Field(description="Every request to reopen it, newest first")


_CURRENCY = Column("Currency", 0.6)


def sheets_of(pack: ClosePack) -> tuple[Sheet, ...]:
    """Return the sheets of a pack, in reading order."""
    return (
        _summary(pack),
        _checklist(pack),
        _trial_balance(pack),
        _aging(pack),
        _reconciliation(pack),
        _causes(pack),
        _held_cash(pack),
        _exceptions(pack),
        _control(pack),
        _history(pack),
    )


def _summary(pack: ClosePack) -> Sheet:
    closed = f"with {pack.closed_with} by {pack.closed_by}" if pack.closed_with else None
    facts: tuple[tuple[str, Cell], ...] = (
        ("Company code", pack.company_code),
        ("Period", pack.period),
        ("First day", pack.first_day),
        ("Last day", pack.last_day),
        ("Status", pack.status),
        ("Closed", closed),
        ("Closed at", pack.closed_at),
        ("Note", pack.note),
        ("Prepared at", pack.prepared_at),
        ("Debit equals credit", _yes(pack.balanced)),
        ("Open items are the receivables account", _yes(pack.aging_agrees)),
        *((f"Accepted: {one.check}", one.reason) for one in pack.accepted),
    )
    return Sheet("Summary", (Column("What", 1), Column("Value", 3)), facts)


def _yes(value: bool) -> str:
    return "yes" if value else "NO"


def _checklist(pack: ClosePack) -> Sheet:
    rows = [
        (
            one.name,
            one.state,
            one.count,
            "; ".join(
                f"{sum_.amount:,f} {sum_.currency}{f' ({sum_.age} days)' if sum_.age else ''}" for sum_ in one.amounts
            ),
            one.detail,
            "; ".join(one.missing),
            one.where,
        )
        for one in pack.checks
    ]
    columns = (
        Column("Check", 1.2),
        Column("State", 0.8),
        Column("Count", 0.5, "number"),
        Column("Amounts", 1.5),
        Column("Detail", 2.5),
        Column("Missing", 2),
        Column("Where", 1.8),
    )
    return Sheet(
        "Checklist", columns, tuple(rows), "Not available: nothing in this system can tell; it was not checked."
    )


def _trial_balance(pack: ClosePack) -> Sheet:
    rows = [
        (one.number, one.name, one.account, one.currency, one.debit, one.credit, one.balance)
        for one in pack.trial_balance
    ]
    columns = (
        Column("Number", 0.8),
        Column("Name", 2.2),
        Column("Account", 1.5),
        _CURRENCY,
        Column("Debit", 1.2, "amount"),
        Column("Credit", 1.2, "amount"),
        Column("Balance", 1.2, "amount"),
    )
    return Sheet("Trial balance", columns, tuple(rows), f"All postings up to {pack.last_day}.")


def _aging(pack: ClosePack) -> Sheet:
    columns = (
        Column("Customer", 1.1),
        Column("Name", 2.4),
        _CURRENCY,
        *(Column(title, 1.1, "amount") for title in ("Not due", "1-30", "31-60", "61-90", "91+", "Total", "Unapplied")),
    )
    rows = tuple(_aging_row(one) for one in (*pack.aging, *pack.aging_totals))
    return Sheet(
        "Open items", columns, rows, f"Open items by days past due on {pack.last_day}; totals per currency at the end."
    )


def _aging_row(one: PackAging) -> tuple[Cell, ...]:
    days = (one.not_due, one.days_1_30, one.days_31_60, one.days_61_90, one.days_91)
    return (one.customer_id, one.name, one.currency, *days, one.total, one.unapplied)


def _reconciliation(pack: ClosePack) -> Sheet:
    rows = [
        (
            one.account or "none",
            one.ledger_account,
            one.currency,
            one.bank_balance,
            one.bank_balance_on,
            one.statement_number,
            one.book_balance,
            one.difference,
            one.in_transit,
            one.unexplained,
            one.state,
        )
        for one in pack.reconciliations
    ]
    columns = (
        Column("House bank account", 2),
        Column("Ledger account", 1),
        _CURRENCY,
        Column("Bank balance", 1.2, "amount"),
        Column("On", 0.9, "day"),
        Column("Statement", 0.9),
        Column("Book balance", 1.2, "amount"),
        Column("Difference", 1.2, "amount"),
        Column("In transit", 1.2, "amount"),
        Column("Unexplained", 1.2, "amount"),
        Column("State", 0.9),
    )
    return Sheet("Bank reconciliation", columns, tuple(rows))


def _causes(pack: ClosePack) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for one in pack.reconciliations:
        for cause in one.causes:
            of_account = (one.account or "none", one.currency, cause.kind)
            rows.append((*of_account, "all", None, cause.amount, cause.count, None, cause.detail))
            rows += [(*of_account, fact.id, fact.on, fact.amount, None, fact.days, fact.text) for fact in cause.listed]
    columns = (
        Column("House bank account", 1.8),
        _CURRENCY,
        Column("Cause", 1.6),
        Column("Fact", 2.2),
        Column("On", 0.8, "day"),
        Column("Amount", 1.1, "amount"),
        Column("Count", 0.5, "number"),
        Column("Days", 0.5, "number"),
        Column("Text", 2.4),
    )
    note = "What adds up to each difference. At most 200 facts are listed of a cause; its amount and count are of all."
    return Sheet("Causes", columns, tuple(rows), note)


def _held_cash(pack: ClosePack) -> Sheet:
    rows = [
        (one.state, one.customer_id, one.payer_name, one.value_date, one.days, one.currency, one.amount, one.receipt_id)
        for one in pack.held_cash
    ]
    columns = (
        Column("Held as", 0.9),
        Column("Customer", 1.1),
        Column("Payer", 2.4),
        Column("Value date", 0.8, "day"),
        Column("Days", 0.5, "number"),
        _CURRENCY,
        Column("Amount", 1.1, "amount"),
        Column("Receipt", 2.3),
    )
    return Sheet("Cash not applied", columns, tuple(rows), "Unidentified, unapplied and on-account money, by receipt.")


def _exceptions(pack: ClosePack) -> Sheet:
    rows = [
        (one.id, one.customer_id, one.reason, one.value_date, one.deadline_on, one.currency, one.amount)
        for one in pack.payment_exceptions
    ]
    columns = (
        Column("Payment exception", 2.3),
        Column("Customer", 1.1),
        Column("Reason", 1),
        Column("Value date", 0.9, "day"),
        Column("Deadline", 0.9, "day"),
        _CURRENCY,
        Column("Amount", 1.1, "amount"),
    )
    return Sheet("Payment exceptions", columns, tuple(rows))


def _control(pack: ClosePack) -> Sheet:
    rows = [
        (one.currency, one.entries, one.lines, one.debit, one.credit, one.first_sequence, one.last_sequence)
        for one in pack.control
    ]
    columns = (
        _CURRENCY,
        Column("Entries", 0.8, "number"),
        Column("Lines", 0.8, "number"),
        Column("Debit", 1.2, "amount"),
        Column("Credit", 1.2, "amount"),
        Column("First sequence", 1, "number"),
        Column("Last sequence", 1, "number"),
    )
    return Sheet("Postings", columns, tuple(rows), f"What was posted from {pack.first_day} to {pack.last_day}.")


def _history(pack: ClosePack) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        ("closed", one.closed_at, one.closed_by, None, one.note, one.id) for one in pack.closes
    ]
    rows += [
        (
            f"reopening {one.status}",
            one.decided_at or one.requested_at,
            one.requested_by,
            one.decided_by,
            one.reason,
            one.id,
        )
        for one in pack.reopenings
    ]
    columns = (
        Column("What", 1),
        Column("When", 1.1),
        Column("Who", 1),
        Column("Decided by", 1),
        Column("Why", 3),
        Column("Id", 2.2),
    )
    return Sheet("Closes", columns, tuple(rows))
