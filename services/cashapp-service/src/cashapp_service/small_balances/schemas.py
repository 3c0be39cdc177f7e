"""Shapes of runs over small balances on the wire."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from cashapp_service.small_balances.domain import Outcome, RunStatus, WantedRun
from shared.days import Day
from shared.http.edge import Body
from shared.money import Amount, CurrencyCode, NonNegativeAmount, PositiveAmount, fits_currency

Note = Annotated[str, Field(min_length=1, max_length=4000)]
_ASKED: dict[str, Any] = {"as_of": "2026-04-30", "currency": "EUR", "max_amount": "5.00", "older_than_days": 30}
_RUN = "sbr_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"


class SmallBalanceRunBody(Body):
    """Which balances are to be cleared."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASKED | {"dry_run": True}]})

    as_of: Day = Field(description="Posting date of the run; not in the future")
    company_code: str | None = Field(default=None, min_length=1, max_length=20, description="One company; default all")
    currency: CurrencyCode = Field(description="ISO 4217 code")
    max_amount: PositiveAmount = Field(description="Largest balance on either side that is cleared, in `currency`")
    older_than_days: int = Field(ge=0, le=3650, description="Days between an item's due date and `as_of`, at least")
    dry_run: bool = Field(default=False, description="Only tell what would be cleared")

    _fits = field_validator("max_amount")(fits_currency)

    def wanted(self) -> WantedRun:
        """Return the run that is asked for."""
        return WantedRun(**self.model_dump(exclude={"dry_run"}))


class SmallBalanceApprovalBody(Body):
    """How a run is approved."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Checked"}]})

    note: Note | None = Field(default=None, description="In the words of who decides")
    posting_date: Day | None = Field(default=None, description="Default the run's own day; not before it")


class SmallBalanceRejectionBody(Body):
    """Why a run is refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Wait for the month's last statement"}]})

    note: Note = Field(description="In the words of who decides")


class SmallBalanceReversalBody(Body):
    """Why a run is taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The wrong company"}]})

    reason: Note = Field(description="In the words of who takes it back")
    posting_date: Day | None = Field(default=None, description="Default today; not before the run")


class SmallBalanceRun(BaseModel):
    """A run: `posted` at once within the authority of who runs it, else `pending` until another person decides."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _ASKED
                | {
                    "id": _RUN,
                    "version": 1,
                    "status": "posted",
                    "company_code": None,
                    "items": 12,
                    "debits": "21.40",
                    "credits": "3.10",
                    "more": False,
                    "requested_by": "controller",
                    "requested_at": "2026-05-01T09:00:00Z",
                    "decided_by": None,
                    "decided_at": None,
                    "decision_note": None,
                    "posted_on": "2026-04-30",
                    "reversed_on": None,
                    "reversed_by": None,
                    "reversal_reason": None,
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    version: int = Field(description="Grows by one with each change; the ETag")
    status: RunStatus = Field(description="Where it stands")
    as_of: date = Field(description="The run's own day")
    company_code: str | None = Field(description="The company of the ledger; null for all")
    currency: str = Field(description="ISO 4217 code")
    max_amount: PositiveAmount = Field(description="Largest balance on either side, in `currency`")
    older_than_days: int = Field(description="Days between an item's due date and `as_of`, at least")
    items: int = Field(description="How many items the run found")
    debits: NonNegativeAmount = Field(description="Sum of the balances that customers owe, in `currency`")
    credits: NonNegativeAmount = Field(description="Sum of the balances owed to customers, in `currency`")
    more: bool = Field(description="Whether there is more than one run takes: run again afterwards")
    requested_by: str = Field(description="Who ran it")
    requested_at: datetime = Field(description="Instant, UTC")
    decided_by: str | None = Field(description="Who approved or rejected; null where nobody had to, and until then")
    decided_at: datetime | None = Field(description="Instant, UTC; null until then")
    decision_note: str | None = Field(description="In the words of who decided")
    posted_on: date | None = Field(description="Posting date; null while nothing is posted")
    reversed_on: date | None = Field(description="Posting date of the reversal; null while it stands")
    reversed_by: str | None = Field(description="Who took it back")
    reversal_reason: str | None = Field(description="Why it was taken back")


class SmallBalanceItem(BaseModel):
    """An item that a run found."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "item_id": "itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "number": "RE-2026-00017",
                    "customer_id": "C-1001",
                    "company_code": "1000",
                    "balance": "1.80",
                    "outcome": "posted",
                    "reason": None,
                }
            ]
        }
    )

    item_id: str = Field(description="The item")
    number: str = Field(description="The document's number")
    customer_id: str = Field(description="The ERP's customer number")
    company_code: str = Field(description="The company of the ledger")
    balance: Amount = Field(
        description="What was open when the run found it; negative where it is owed to the customer"
    )
    outcome: Outcome = Field(description="What became of it")
    reason: str | None = Field(description="Why it was skipped; else null")
