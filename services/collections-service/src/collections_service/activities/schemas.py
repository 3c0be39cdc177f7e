"""Shapes of activities on the wire."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from collections_service.activities.domain import ActivityKind
from shared.days import Day
from shared.http.edge import Body
from shared.texts import Key

DAY_MAX = date(2199, 12, 31)
"""The latest day that may be said, so that a follow-up or a tolerance behind it is still a day of the calendar."""


_EXAMPLE: dict[str, Any] = {
    "customer_id": "C-1001",
    "kind": "call_out",
    "outcome": "promise",
    "contact": "Frau Sommer, accounts payable",
    "note": "Pays next Friday.",
    "item_ids": [],
    "next_action_on": "2026-12-04",
}


class ActivityBody(Body):
    """What was done and what came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    customer_id: Key = Field(description="The ERP's customer number")
    kind: ActivityKind = Field(description="What was done; a `note` is no contact")
    outcome: str | None = Field(default=None, max_length=100, description="What came of it", examples=["promise"])
    contact: str | None = Field(default=None, max_length=200, description="Whom it was with")
    note: str = Field(default="", max_length=10_000, description="What was said")
    item_ids: list[Key] = Field(default=[], max_length=500, description="Ids of the items it was about")
    occurred_on: Day | None = Field(default=None, le=DAY_MAX, description="YYYY-MM-DD; default today")
    next_action_on: Day | None = Field(default=None, le=DAY_MAX, description="YYYY-MM-DD; when the worklist asks again")

    @model_validator(mode="after")
    def _next_is_not_before(self) -> "ActivityBody":
        if self.occurred_on and self.next_action_on and self.next_action_on < self.occurred_on:
            raise PydanticCustomError("next_before", "next_action_on must not lie before occurred_on.")
        return self


class Activity(BaseModel):
    """An entry of the call log."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _EXAMPLE
                | {
                    "id": "act_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "occurred_on": "2026-11-22",
                    "collector": "collector",
                    "recorded_at": "2026-11-22T09:30:00Z",
                }
            ]
        }
    )

    id: str = Field(description="`act_…`")
    customer_id: str = Field(description="The ERP's customer number")
    kind: ActivityKind = Field(description="What was done; a `note` is no contact")
    outcome: str | None = Field(description="What came of it")
    contact: str | None = Field(description="Whom it was with")
    note: str = Field(description="What was said")
    item_ids: list[str] = Field(description="Ids of the items it was about")
    occurred_on: date = Field(description="YYYY-MM-DD")
    next_action_on: date | None = Field(description="YYYY-MM-DD; when the worklist asks again")
    collector: str = Field(description="The user who logged it")
    recorded_at: datetime = Field(description="Instant in UTC")
