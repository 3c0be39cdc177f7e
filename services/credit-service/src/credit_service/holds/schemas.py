"""Shapes of holds on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.holds.domain import HoldStatus
from credit_service.holds.tables import HoldRow
from shared.days import Day
from shared.events.credit import HoldReason

EXAMPLE: dict[str, Any] = {
    "id": "hld_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "order_id": "SO-1002",
    "customer_id": "C-1",
    "status": "open",
    "reasons": [
        {
            "rule": "static_limit",
            "detail": "Exposure would be 1100.00 EUR, the limit is 1000.00 EUR.",
            "actual": "1100.00",
            "limit": "1000.00",
        }
    ],
    "checkpoint": "order",
    "as_of": "2026-03-02",
    "opened_at": "2026-03-02T08:15:00Z",
    "decided_at": None,
    "decided_by": None,
    "reason_code": None,
    "note": None,
    "valid_until": None,
    "amount_tolerance_pct": None,
}


class HoldShown(BaseModel):
    """A hold with every reason that applies."""

    model_config = ConfigDict(title="Hold", json_schema_extra={"examples": [EXAMPLE]})

    id: str
    order_id: str
    customer_id: str
    status: HoldStatus = Field(description="`closed` where the order was cancelled or invoiced meanwhile")
    reasons: list[HoldReason]
    checkpoint: str
    as_of: Day = Field(description="The latest business day it was judged on")
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str | None = Field(description="Who ended it; `system` where the cause went away")
    reason_code: str | None
    note: str | None
    valid_until: Day | None = Field(description="Last day of the release")
    amount_tolerance_pct: str | None = Field(description="By how much the order may grow under the release, per cent")


def shown(row: HoldRow) -> HoldShown:
    """Return a hold as it is shown."""
    tolerance = row.amount_tolerance_pct
    plain = None if tolerance is None else format(tolerance.normalize(), "f")
    return HoldShown.model_validate(row.model_dump() | {"id": row.hold_id, "amount_tolerance_pct": plain})
