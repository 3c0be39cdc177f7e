"""Shapes of credit insurance and its alarms on the wire."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from credit_service.credit_insurance.domain import AlarmKind, AlarmStatus, Insurance
from credit_service.credit_insurance.tables import CreditInsuranceRow, InsuranceAlarmRow
from shared.days import Day
from shared.http.edge import Body
from shared.money import CurrencyCode, Money, NonNegativeAmount, PositiveAmount, fits_currency

TERMS: dict[str, Any] = {
    "insurer": "Atradius",
    "policy_number": "P-2026-0815",
    "currency": "EUR",
    "insured_limit": "100000.00",
    "covered_pct": "90",
    "deductible": "2500.00",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "notify_overdue_after_days": 60,
    "notify_within_days": 30,
    "expiry_notice_days": 30,
    "max_terms_days": 90,
}

Days = Annotated[int, Field(ge=0, le=3650)]
Percent = Annotated[Decimal, Field(gt=0, le=100, max_digits=7, decimal_places=4)]


class CreditInsuranceBody(Body):
    """What an insurer covers of a customer's debt."""

    model_config = ConfigDict(json_schema_extra={"examples": [TERMS]})

    insurer: str = Field(min_length=1, max_length=200, description="Who insures")
    policy_number: str = Field(min_length=1, max_length=100, description="The insurer's number of the policy")
    currency: CurrencyCode = Field(description="Of the insured limit and the deductible; converted at the day's rate")
    insured_limit: PositiveAmount = Field(description="In `currency`")
    covered_pct: Percent = Field(description="Share of a loss that the insurer pays, per cent")
    deductible: NonNegativeAmount = Field(default=Decimal(0), description="In `currency`; taken off what is paid")
    valid_from: Day = Field(description="First day of the cover")
    valid_until: Day = Field(description="Last day of the cover")
    notify_overdue_after_days: Days | None = Field(
        default=None, description="The insurer is told of an item that is so many days overdue; null where never"
    )
    notify_within_days: Days = Field(default=0, description="Days left then until the last day to tell")
    expiry_notice_days: Days = Field(default=30, description="Days before the last day on which its end is alarmed")
    max_terms_days: Days | None = Field(default=None, description="Longest payment terms that are insured, in days")

    fitting = field_validator("insured_limit", "deductible")(fits_currency)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_until < self.valid_from:
            raise ValueError("The cover ends before it begins: correct valid_from or valid_until.")
        return self

    def insurance(self) -> Insurance:
        """Return the terms."""
        return Insurance(**self.model_dump())


class CreditInsurance(BaseModel):
    """A customer's insurance and what it is worth in the account's currency."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                TERMS
                | {
                    "customer_id": "C-1",
                    "rate": "1.0000000000",
                    "account_currency": "EUR",
                    "insured_amount": "100000.00",
                    "cover": "87500.00",
                    "in_force": True,
                    "changed_by": "credit_analyst",
                    "changed_at": "2026-03-02T08:15:00Z",
                    "version": 1,
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    insurer: str = Field(description="Who insures")
    policy_number: str = Field(description="The insurer's number of the policy")
    currency: str = Field(description="ISO 4217 code of the insured limit and the deductible")
    insured_limit: PositiveAmount = Field(description="In `currency`")
    covered_pct: Decimal = Field(description="Per cent")
    deductible: NonNegativeAmount = Field(description="In `currency`")
    valid_from: Day = Field(description="First day of the cover")
    valid_until: Day = Field(description="Last day of the cover")
    notify_overdue_after_days: int | None = Field(
        description="Days overdue from which the insurer is told; null for never"
    )
    notify_within_days: int = Field(description="Days left then until the last day to tell")
    expiry_notice_days: int = Field(description="Days before the last day on which its end is alarmed")
    max_terms_days: int | None = Field(description="Longest payment terms that are insured, in days")
    rate: Decimal = Field(description="Units of the account's currency for one of `currency`, as of the day it was put")
    account_currency: str = Field(description="ISO 4217 code of the credit account")
    insured_amount: NonNegativeAmount = Field(description="The insured limit in the account's currency")
    cover: NonNegativeAmount = Field(
        description="insured limit × covered_pct ÷ 100 − deductible, at least 0, in the account's currency"
    )
    in_force: bool = Field(description="Whether it has begun and has not ended today")
    changed_by: str = Field(description="Who put it")
    changed_at: datetime = Field(description="When it was put")
    version: int = Field(description="Grows by one with each change; the ETag")


class AcknowledgeBody(Body):
    """What was done about an alarm."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Told by e-mail.", "reference": "CLM-4711"}]})

    note: str = Field(min_length=1, max_length=4000, description="What was done about it")
    reference: str | None = Field(default=None, min_length=1, max_length=200, description="The insurer's, where told")


class InsuranceAlarm(BaseModel):
    """Something about an insurance that somebody has to look at."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "ial_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "customer_id": "C-1",
                    "kind": "overdue_to_be_told",
                    "status": "acknowledged",
                    "raised_at": "2026-03-02T06:00:00Z",
                    "as_of": "2026-03-02",
                    "currency": "EUR",
                    "amount": "1250.00",
                    "insured_amount": "100000.00",
                    "exposure": "48200.00",
                    "items": 2,
                    "tell_by": "2026-04-01",
                    "told": True,
                    "expires_on": None,
                    "note": "Told by e-mail.",
                    "reference": "CLM-4711",
                    "acknowledged_by": "credit_analyst",
                    "acknowledged_at": "2026-03-02T09:30:00Z",
                    "closed_at": None,
                    "version": 2,
                }
            ]
        }
    )

    id: str = Field(description="Number of the alarm")
    customer_id: str = Field(description="The ERP's customer number")
    kind: AlarmKind = Field(description="What has to be looked at")
    status: AlarmStatus = Field(
        description="`acknowledged`: seen to, and its cause is still there; `closed`: it has gone"
    )
    raised_at: datetime = Field(description="When its cause was found")
    as_of: Day = Field(description="The day its figures are of")
    currency: str = Field(description="The account's")
    amount: NonNegativeAmount = Field(
        description="In `currency`: the exposure when the alarm was raised or last judged, or the overdue to be told"
    )
    insured_amount: NonNegativeAmount = Field(description="In `currency`, when it was raised or last judged")
    exposure: Decimal | None = Field(description="In `currency`, at this moment")
    items: int | None = Field(description="How many open items the insurer is to be told of")
    tell_by: Day | None = Field(description="Last day to tell the insurer")
    told: bool | None = Field(description="Whether the insurer was told; null where there is nothing to tell")
    expires_on: Day | None = Field(description="Last day of the cover")
    note: str | None = Field(description="What was done about it")
    reference: str | None = Field(description="The insurer's reference, where it was told")
    acknowledged_by: str | None = Field(description="Who saw to it")
    acknowledged_at: datetime | None = Field(description="When it was seen to")
    closed_at: datetime | None = Field(description="When its cause was gone")
    version: int = Field(description="Grows by one with each change; the ETag")


def shown(row: CreditInsuranceRow, *, account_currency: str, today: Day) -> CreditInsurance:
    """Return an insurance as it is shown."""
    terms = {one.name: getattr(row, one.name) for one in fields(Insurance)}
    return CreditInsurance.model_validate(
        row.model_dump()
        | terms
        | {
            "insured_limit": Money(row.insured_limit, row.currency).amount,
            "deductible": Money(row.deductible, row.currency).amount,
            "covered_pct": row.covered_pct.normalize() + 0,
            "account_currency": account_currency,
            "insured_amount": Money(row.insured_amount, account_currency).amount,
            "cover": Money(row.cover, account_currency).amount,
            "in_force": row.applied and row.valid_from <= today <= row.valid_until,
        }
    )


def alarm_shown(row: InsuranceAlarmRow, exposures: Mapping[str, Decimal]) -> InsuranceAlarm:
    """Return an alarm as it is shown, beside the exposure of its customer at this moment."""
    exposure = exposures.get(row.customer_id)
    return InsuranceAlarm.model_validate(
        row.model_dump()
        | {
            "id": row.alarm_id,
            "amount": Money(row.amount, row.currency).amount,
            "insured_amount": Money(row.insured_amount, row.currency).amount,
            "exposure": None if exposure is None else Money(exposure, row.currency).amount,
            "told": row.acknowledged_at is not None if row.kind == "overdue_to_be_told" else None,
        }
    )
