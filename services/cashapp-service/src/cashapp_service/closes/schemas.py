"""Shapes of checklists, closes and reopenings on the wire."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from cashapp_service.closes.domain import Check, CheckName, CheckState
from cashapp_service.closes.tables import CloseRow, ReopeningRow
from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE
from shared.http.edge import Body
from shared.money import Amount, NonNegativeAmount
from shared.texts import CompanyCode

ReopeningStatus = Literal["pending", "approved", "rejected", "withdrawn"]
_CHECK: dict[str, Any] = {
    "name": "unapplied_cash",
    "state": "open",
    "detail": "1 receipts hold money with a known payer and no item (1 of 0-30 days: 120.00 EUR).",
    "count": 1,
    "amounts": [{"currency": "EUR", "amount": "120.00", "count": 1, "age": "0-30"}],
    "missing": [],
    "where": "/v1/receipts?value_date_to=2026-10-31",
    "acceptable": True,
}

_CONTROL: dict[str, Any] = {
    "currency": "EUR",
    "entries": 2,
    "lines": 4,
    "debit": "1310.00",
    "credit": "1310.00",
    "first_sequence": 17,
    "last_sequence": 18,
}


class AcceptedPoint(Body):
    """An open point that the controller closes over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"check": "unapplied_cash", "reason": "Customer's advice is expected in November"}]
        }
    )

    check: CheckName = Field(description="Which check, while it is open")
    reason: str = Field(min_length=1, max_length=1000, description="Why it may stay open; kept with the close")


class CloseBody(Body):
    """A close."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "company_code": "1000",
                    "note": "October, reviewed with treasury",
                    "accept": [{"check": "unapplied_cash", "reason": "Customer's advice is expected in November"}],
                }
            ]
        }
    )

    company_code: CompanyCode = Field(default=DEFAULT_COMPANY_CODE, description="The company of the ledger")
    note: str | None = Field(default=None, max_length=4000, description="Kept with the close")
    accept: list[AcceptedPoint] = Field(
        default=[], max_length=20, description="Open checks to close over; the ledger's own proof cannot be among them"
    )


class ReopenBody(Body):
    """A request to reopen a closed period."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"company_code": "1000", "reason": "A receipt of 28 October was posted to the wrong customer"}]
        }
    )

    company_code: CompanyCode = Field(default=DEFAULT_COMPANY_CODE, description="The company of the ledger")
    reason: str = Field(min_length=1, max_length=4000, description="Why it has to be reopened")


class ReopeningDecisionBody(Body):
    """A decision on a request to reopen."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Agreed with audit"}]})

    note: str | None = Field(default=None, max_length=4000, description="Kept with the decision")


class CheckAmount(BaseModel):
    """How much is open in one currency."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"currency": "EUR", "amount": "120.00", "count": 1, "age": "0-30"}]}
    )

    currency: str = Field(description="ISO 4217 code")
    amount: Amount = Field(description="In `currency`")
    count: int = Field(description="How many facts")
    age: str | None = Field(description="Days from the value date to the period's last day, where it is aged")


class CloseCheck(BaseModel):
    """One line of the checklist."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHECK]})

    name: CheckName = Field(description="What is checked")
    state: CheckState = Field(
        description="`done`; `open`, which blocks the close unless it is accepted; `not_available`: nothing in this system can"
        " tell, which blocks nothing and is never shown as done"
    )
    detail: str = Field(description="What was found, in a sentence")
    count: int = Field(description="How many facts are open")
    amounts: list[CheckAmount] = Field(description="How much, per currency and age")
    missing: list[str] = Field(description="What is missing, by name; at most twenty")
    where: str = Field(description="The address that shows it")
    acceptable: bool = Field(description="Whether a controller may close over it")


class PeriodChecklist(BaseModel):
    """A period with what has to be done before its close, or what was known when it was closed."""

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
                    "pending_reopening": None,
                    "ready": False,
                    "missing": ["unapplied_cash"],
                    "checks": [_CHECK],
                }
            ]
        }
    )

    company_code: str = Field(description="The company of the ledger")
    period: str = Field(description="Year and month")
    first_day: date = Field(description="YYYY-MM-DD")
    last_day: date = Field(description="YYYY-MM-DD; every check is as of this day")
    status: Literal["open", "closed"] = Field(description="Whether it takes postings")
    closed_with: str | None = Field(description="The period whose close froze it: itself, or a later one")
    closed_by: str | None = Field(description="Who closed it")
    closed_at: datetime | None = Field(description="Instant, UTC")
    pending_reopening: str | None = Field(description="The request to reopen it that waits for another person")
    ready: bool = Field(description="Whether nothing blocks the close; true once closed")
    missing: list[CheckName] = Field(description="The open checks; each has to be done, or accepted with a reason")
    checks: list[CloseCheck] = Field(description="The checklist; of a closed period as it was when it was closed")


class ControlTotal(BaseModel):
    """The postings of a period in one currency."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CONTROL]})

    currency: str = Field(description="ISO 4217 code")
    entries: int = Field(description="Journal entries")
    lines: int = Field(description="Their lines")
    debit: NonNegativeAmount = Field(description="Sum of debits, in `currency`")
    credit: NonNegativeAmount = Field(description="Sum of credits, in `currency`")
    first_sequence: int = Field(description="Sequence of the first entry")
    last_sequence: int = Field(description="Sequence of the last entry")


class AcceptedCheck(BaseModel):
    """An open point that was closed over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"check": "unapplied_cash", "reason": "Customer's advice is expected in November"}]
        }
    )

    check: CheckName = Field(description="Which check")
    reason: str = Field(description="Why")


class PeriodClose(BaseModel):
    """A close of a period, as it will stand for ever."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "cls_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "company_code": "1000",
                    "period": "2026-10",
                    "version": 1,
                    "note": "October, reviewed with treasury",
                    "checks": [_CHECK],
                    "accepted": [{"check": "unapplied_cash", "reason": "Customer's advice is expected in November"}],
                    "control": [_CONTROL],
                    "closed_behind": 18,
                    "closed_by": "controller",
                    "closed_at": "2026-11-03T09:15:00Z",
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    company_code: str = Field(description="The company of the ledger")
    period: str = Field(description="Year and month; all before it are frozen with it")
    version: int = Field(description="Grows with each close and reopening of the period")
    note: str | None = Field(description="In the words of who closed it")
    checks: list[CloseCheck] = Field(description="The checklist as it was")
    accepted: list[AcceptedCheck] = Field(description="What was open and accepted, with the reasons")
    control: list[ControlTotal] = Field(description="The postings of the period per currency")
    closed_behind: int = Field(description="The journal's last sequence then: no entry of the period is later")
    closed_by: str = Field(description="Who closed it")
    closed_at: datetime = Field(description="Instant, UTC")


class Reopening(BaseModel):
    """A request to reopen a period."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "rop_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "version": 1,
                    "company_code": "1000",
                    "period": "2026-10",
                    "reason": "A receipt of 28 October was posted to the wrong customer",
                    "status": "pending",
                    "requested_by": "controller",
                    "requested_at": "2026-11-05T08:00:00Z",
                    "decided_by": None,
                    "decided_at": None,
                    "decision_note": None,
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one with each change; the ETag")
    company_code: str = Field(description="The company of the ledger")
    period: str = Field(description="Year and month")
    reason: str = Field(description="Why it has to be reopened")
    status: ReopeningStatus = Field(description="`approved` opens the period; who asked never approves")
    requested_by: str = Field(description="Who asked")
    requested_at: datetime = Field(description="Instant, UTC")
    decided_by: str | None = Field(description="Who decided or withdrew")
    decided_at: datetime | None = Field(description="Instant, UTC")
    decision_note: str | None = Field(description="In the words of who decided")


def check_shown(check: Check) -> CloseCheck:
    """Return a check on the wire."""
    return CloseCheck(
        name=check.name,
        state=check.state,
        detail=check.detail,
        count=check.count,
        amounts=[
            CheckAmount(currency=one.currency, amount=one.amount, count=one.count, age=one.age) for one in check.amounts
        ],
        missing=list(check.missing),
        where=check.where,
        acceptable=check.acceptable,
    )


def close_shown(row: CloseRow) -> PeriodClose:
    """Return a close on the wire."""
    values: dict[str, Any] = row.model_dump() | {"id": row.close_id}
    return PeriodClose.model_validate(values)


def reopening_shown(row: ReopeningRow) -> Reopening:
    """Return a request to reopen on the wire."""
    return Reopening.model_validate(row.model_dump() | {"id": row.reopening_id})
