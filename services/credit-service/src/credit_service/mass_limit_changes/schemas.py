"""Shapes of mass changes on the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from credit_service.credit_accounts.domain import Limit, LimitState
from credit_service.mass_limit_changes.domain.change import Change, Rounding, RoundingMode
from credit_service.mass_limit_changes.domain.selection import Selection
from credit_service.mass_limit_changes.domain.states import LineStatus, MassChangeStatus
from credit_service.mass_limit_changes.tables import MassLimitChangeLineRow, MassLimitChangeRow
from shared.days import Day
from shared.http.edge import Body
from shared.money import Amount, CurrencyCode, Money, NonNegativeAmount, PositiveAmount, fits_currency
from shared.texts import Key

RiskClass = Annotated[str, Field(pattern="^[A-E]$")]
Share = Annotated[Decimal, Field(ge=0, le=1000, max_digits=8, decimal_places=4)]

ASKED: dict[str, Any] = {
    "filter": {"risk_class": ["D", "E"], "utilisation_below": "0.5"},
    "change": {"percent": "-20", "rounding": {"to": "100.00", "mode": "down"}},
    "reason": "Limits that weak customers do not use.",
}


_BEFORE: dict[str, Any] = {
    "limit_state": "amount",
    "credit_limit": "1000.00",
    "valid_until": None,
    "risk_class": "D",
    "next_review_on": None,
}
LINE: dict[str, Any] = {
    "customer_id": "C-1",
    "status": "planned",
    "detail": None,
    "currency": "EUR",
    "account_version": 3,
    "exposure": "250.00",
    "old": _BEFORE,
    "new": _BEFORE | {"credit_limit": "800.00"},
    "raises": False,
    "above_authority_of": [],
}


class SelectionBody(Body):
    """Which accounts: every criterion that is stated has to hold."""

    customer_ids: list[Key] = Field(default=[], max_length=10_000, description="The ERP's customer numbers")
    risk_class: list[RiskClass] = Field(default=[], max_length=5, description="A (best) to E")
    currency: CurrencyCode | None = Field(default=None, description="ISO 4217")
    analyst: str | None = Field(default=None, min_length=1, max_length=200, description="Who watches the credit")
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    utilisation_below: Share | None = Field(
        default=None, description="Exposure is less than this share of the effective limit, 0.5 for half of it"
    )
    utilisation_above: Share | None = Field(
        default=None, description="Exposure is more than this share of the effective limit"
    )
    not_reviewed_since: Day | None = Field(default=None, description="No review on this day or later")

    def selection(self) -> Selection:
        """Return the criteria."""
        content = self.model_dump(exclude={"risk_class", "customer_ids"})
        return Selection(customer_ids=tuple(self.customer_ids), risk_classes=tuple(self.risk_class), **content)


class RoundingBody(Body):
    """How new limits are rounded."""

    to: PositiveAmount = Field(description="New limits are multiples of it, in each account's currency")
    mode: RoundingMode = Field(default="nearest", description="Half of `to` is rounded up")


class ChangeBody(Body):
    """What is changed; what is not stated stays."""

    percent: Decimal | None = Field(
        default=None,
        ge=-100,
        le=1000,
        max_digits=8,
        decimal_places=4,
        description="By so much, per cent; negative lowers",
    )
    currency: CurrencyCode | None = Field(
        default=None, description="Of `amount` and `limit`; only accounts in it are changed"
    )
    amount: Amount | None = Field(
        default=None, description="By so much, in `currency`; negative lowers, not below zero"
    )
    limit: NonNegativeAmount | None = Field(default=None, description="The new limit, in `currency`")
    valid_until: Day | None = Field(default=None, description="Last day of the limits")
    risk_class: RiskClass | None = Field(default=None, description="A (best) to E")
    review_on: Day | None = Field(default=None, description="Day of the next review")
    rounding: RoundingBody | None = Field(default=None, description="By default to the currency's smallest unit")

    fitting = field_validator("amount", "limit")(fits_currency)

    def change(self) -> Change:
        """Return the change."""
        rounding = Rounding(self.rounding.to, self.rounding.mode) if self.rounding else None
        return Change(**self.model_dump(exclude={"rounding"}), rounding=rounding)


class MassChangeBody(Body):
    """A change of many limits."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASKED]})

    filter: SelectionBody = Field(description="Whose limits are changed")
    change: ChangeBody = Field(description="What is changed")
    reason: str = Field(min_length=1, max_length=4000, description="Why, in words")
    as_of: Day | None = Field(default=None, description="Day on which the use of limits is judged; today by default")


class DecisionNoteBody(Body):
    """What is said with a decision."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Checked with sales."}]})

    note: str | None = Field(default=None, max_length=4000, description="What is said with it, in words")


class CurrencyTotals(BaseModel):
    """What a mass change does to the limits of one currency."""

    currency: str = Field(description="ISO 4217")
    accounts: int = Field(description="How many accounts")
    raised: int = Field(description="How many limits rise")
    lowered: int = Field(description="How many limits fall")
    old_total: NonNegativeAmount = Field(description="Sum of the limits that are amounts, before")
    new_total: NonNegativeAmount = Field(description="Sum of the limits that are amounts, after")
    largest: NonNegativeAmount = Field(description="The largest new limit that needs authority; 0.00 where none does")


class Totals(BaseModel):
    """What a mass change does in all."""

    matched: int = Field(description="Accounts that the filter names")
    planned: int = Field(description="Accounts that would change")
    unchanged: int = Field(description="Accounts that have already what is asked for; they get no line")
    not_possible: int = Field(description="Accounts for which the change has no meaning; their lines say why")
    above_authority: dict[str, int] = Field(description="By role, how many accounts it may not decide")
    currencies: list[CurrencyTotals] = Field(description="By currency of the accounts")


class MassChange(BaseModel):
    """A mass change with its totals; its accounts are listed by `…/lines`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "mlc_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"}
                | ASKED
                | {
                    "as_of": "2026-03-02",
                    "status": "previewed",
                    "totals": {
                        "matched": 2,
                        "planned": 1,
                        "unchanged": 0,
                        "not_possible": 1,
                        "above_authority": {"credit_analyst": 0, "credit_manager": 0},
                        "currencies": [
                            {
                                "currency": "EUR",
                                "accounts": 1,
                                "raised": 0,
                                "lowered": 1,
                                "old_total": "1000.00",
                                "new_total": "800.00",
                                "largest": "0.00",
                            }
                        ],
                    },
                    "requested_by": "credit_analyst",
                    "requested_at": "2026-03-02T08:15:00Z",
                    "decided_by": None,
                    "decided_at": None,
                    "decision_note": None,
                    "job_id": None,
                    "version": 1,
                }
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    filter: dict[str, Any] = Field(description="As it was asked for")
    change: dict[str, Any] = Field(description="As it was asked for")
    reason: str = Field(description="Why, in words")
    as_of: Day = Field(description="Business day for which it holds")
    status: MassChangeStatus = Field(description="Where it stands")
    totals: Totals = Field(description="What the change comes to")
    requested_by: str = Field(description="User who asked")
    requested_at: datetime = Field(description="When it was asked for, in UTC")
    decided_by: str | None = Field(description="User who decided; null until then")
    decided_at: datetime | None = Field(description="When it was decided, in UTC; null until then")
    decision_note: str | None = Field(description="What was said with the decision")
    job_id: str | None = Field(description="The job that applies it")
    version: int = Field(description="Grows by one with each change; the ETag")


class Side(BaseModel):
    """What an account has before or after."""

    limit_state: LimitState = Field(description="`unmanaged`, `zero` or `amount`")
    credit_limit: NonNegativeAmount | None = Field(description="Null where unmanaged")
    valid_until: Day | None = Field(description="Last day on which it holds; null for no end")
    risk_class: str = Field(description="A (best) to E")
    next_review_on: Day | None = Field(description="Day by which the credit is to be reviewed; null where none is set")


class MassChangeLine(BaseModel):
    """What a mass change does to one account."""

    model_config = ConfigDict(json_schema_extra={"examples": [LINE]})

    customer_id: str = Field(description="The ERP's customer number")
    status: LineStatus = Field(description="Where it stands")
    detail: str | None = Field(description="Why it is not possible, or was left alone")
    currency: str = Field(description="ISO 4217")
    account_version: int = Field(description="Of the credit account when it was previewed")
    exposure: Amount = Field(description="When it was previewed")
    old: Side = Field(description="Terms before")
    new: Side = Field(description="Terms since")
    raises: bool = Field(description="It needs authority: more may be owed, or the risk class moves")
    above_authority_of: list[str] = Field(description="Roles that may not decide it")


def shown(row: MassLimitChangeRow) -> MassChange:
    """Return a mass change as it is shown."""
    totals = row.totals | {"currencies": [_sums(one) for one in row.totals["currencies"]]}
    return MassChange.model_validate(
        row.model_dump() | {"id": row.mass_change_id, "filter": row.selection, "totals": totals}
    )


def _sums(stored: dict[str, Any]) -> dict[str, Any]:
    """Return stored sums as numbers: a sum may have more digits than a caller's amount."""
    return stored | {name: Decimal(stored[name]) for name in ("old_total", "new_total", "largest")}


def line_shown(row: MassLimitChangeLineRow) -> MassChangeLine:
    """Return a line as it is shown."""
    content = row.model_dump()
    sides = {"old": _side(content, "old"), "new": _side(content, "new")}
    exposure = Money(row.exposure, row.currency).amount
    return MassChangeLine.model_validate(content | {"exposure": exposure} | sides)


def _side(line: dict[str, Any], side: str) -> Side:
    limit = Limit(line[f"{side}_state"], line[f"{side}_limit"])
    return Side(
        limit_state=limit.state,
        credit_limit=None if limit.shown is None else Money(limit.shown, line["currency"]).amount,
        valid_until=line[f"{side}_valid_until"],
        risk_class=line[f"{side}_risk_class"],
        next_review_on=line[f"{side}_review_on"],
    )
