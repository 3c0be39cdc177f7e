"""Shapes of holds on the wire."""

from datetime import datetime
from decimal import Decimal
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
    "version": 1,
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
    "manual": False,
    "opened_on": "2026-03-02",
    "as_of": "2026-03-02",
    "requested_delivery_date": "2026-04-01",
    "release_request": None,
    "opened_at": "2026-03-02T08:15:00Z",
    "decided_at": None,
    "decided_by": None,
    "reason_code": None,
    "note": None,
    "valid_until": None,
    "amount_tolerance_pct": None,
}


class ReleaseRequestShown(BaseModel):
    """A release that waits for somebody with the authority."""

    model_config = ConfigDict(title="ReleaseRequest")

    requested_by: str = Field(description="Who asked for it, and so cannot decide it")
    requested_at: datetime = Field(description="When it was asked for, in UTC")
    reason_code: str = Field(description="Why, in a word for lists")
    note: str = Field(description="What is said with it, in words")
    valid_until: Day | None = Field(description="Last day of the release")
    amount_tolerance_pct: str = Field(description="By how much the order may grow under the release, per cent")


class HoldShown(BaseModel):
    """A hold with every reason that applies."""

    model_config = ConfigDict(title="Hold", json_schema_extra={"examples": [EXAMPLE]})

    id: str = Field(description="OpenItem's identifier")
    order_id: str = Field(description="The ERP's order number")
    customer_id: str = Field(description="The ERP's customer number")
    version: int = Field(description="Grows by one with each change; the ETag")
    status: HoldStatus = Field(
        description="The order waits while it is `open` or `release_requested`; `closed` where it was cancelled or invoiced"
    )
    reasons: list[HoldReason] = Field(description="Every reason; `manual` where a person holds it")
    checkpoint: str = Field(description="`order`, `delivery` or `goods_issue`")
    manual: bool = Field(description="Whether a person holds it: it then never releases itself")
    opened_on: Day = Field(description="The business day it was opened on")
    as_of: Day = Field(description="The latest business day it was judged on")
    requested_delivery_date: Day | None = Field(description="Day on which the goods are wanted")
    release_request: ReleaseRequestShown | None = Field(description="The release that waits for a decision")
    opened_at: datetime = Field(description="When, in UTC")
    decided_at: datetime | None = Field(description="When it was decided, in UTC; null until then")
    decided_by: str | None = Field(description="Who ended it; `system` where the cause went away")
    reason_code: str | None = Field(description="Why, in a word for lists")
    note: str | None = Field(description="What is said with it, in words")
    valid_until: Day | None = Field(description="Last day of the release")
    amount_tolerance_pct: str | None = Field(description="By how much the order may grow under the release, per cent")


class HoldHistoryLine(BaseModel):
    """One change of a hold."""

    version: int = Field(description="Grows by one with each change")
    status: HoldStatus = Field(description="Where it stands")
    rules: list[str] = Field(description="What held the order from then on, or to the last")
    actor: str = Field(description="Who did it; `system` for what happened by itself")
    note: str = Field(description="What is said with it, in words")
    changed_at: datetime = Field(description="When, in UTC")


def shown(row: HoldRow) -> HoldShown:
    """Return a hold as it is shown."""
    return HoldShown.model_validate(fields(row))


def fields(row: HoldRow) -> dict[str, Any]:
    """Return what is shown of a hold itself."""
    tolerance, stored = row.amount_tolerance_pct, row.release_request
    request = None if stored is None else stored | {"amount_tolerance_pct": _plain(Decimal(stored["tolerance_pct"]))}
    return row.model_dump() | {
        "id": row.hold_id,
        "release_request": request,
        "amount_tolerance_pct": None if tolerance is None else _plain(tolerance),
    }


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
