"""Shapes of promises on the wire."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.days import Day
from shared.events.collections import PromiseStatus
from shared.http.edge import Body
from shared.money import CurrencyCode, NonNegativeAmount, PositiveAmount, fits_currency
from shared.texts import Key

DAY_MAX = date(2199, 12, 31)
"""The latest day that may be said, so that a follow-up or a tolerance behind it is still a day of the calendar."""


_EXAMPLE: dict[str, Any] = {
    "customer_id": "C-1001",
    "promised_on": "2026-12-01",
    "amount": "1190.00",
    "currency": "EUR",
    "items": ["itm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f"],
    "contact": "Frau Sommer, accounts payable",
}


class PromiseBody(Body):
    """A promise as the customer gave it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    customer_id: Key = Field(description="The ERP's customer number")
    promised_on: Day = Field(le=DAY_MAX, description="YYYY-MM-DD; the day by which the money is to be here")
    currency: CurrencyCode
    amount: PositiveAmount = Field(description="In `currency`, which is that of the items")
    items: list[Key] = Field(
        default=[],
        max_length=500,
        description="Ids of the items it is about; without any, all money of the customer counts",
    )
    contact: str | None = Field(default=None, max_length=200, description="Who promised it")
    made_on: Day | None = Field(
        default=None,
        description="YYYY-MM-DD; money from this value date on counts. Default today; where the promised day has passed, the "
        "issue date of the newest item it may be about",
    )

    _fits = field_validator("amount")(fits_currency)

    @field_validator("items")
    @classmethod
    def _each_once(cls, items: list[str]) -> list[str]:
        return list(dict.fromkeys(items))


class Promise(BaseModel):
    """A promise and how it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _EXAMPLE
                | {
                    "id": "prm_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "made_on": "2026-11-20",
                    "tolerance_days": 2,
                    "status": "open",
                    "kept_amount": "0.00",
                    "recorded_by": "collector",
                    "recorded_at": "2026-11-20T09:30:00Z",
                    "version": 1,
                }
            ]
        }
    )

    id: str = Field(description="`prm_…`")
    customer_id: str = Field(description="The ERP's customer number")
    made_on: date = Field(description="YYYY-MM-DD; money from this value date on counts")
    promised_on: date = Field(description="YYYY-MM-DD")
    tolerance_days: int = Field(description="Days after `promised_on` on which money still keeps it")
    amount: PositiveAmount = Field(description="In `currency`")
    currency: str = Field(description="ISO 4217 code")
    items: list[str] = Field(description="Ids of the items it is about; none where it is about all the customer owes")
    contact: str | None = Field(description="Who promised it")
    status: PromiseStatus = Field(
        description="`open` until the money is here or a day after the last one is run; `withdrawn` by agreement"
    )
    kept_amount: NonNegativeAmount = Field(description="What came of it, in `currency`, net of what went back")
    recorded_by: str = Field(description="The user who recorded it")
    recorded_at: datetime = Field(description="Instant in UTC")
    version: int = Field(description="Grows by one with each published change; the ETag")
