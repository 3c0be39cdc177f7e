"""The close pack on the wire."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

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
