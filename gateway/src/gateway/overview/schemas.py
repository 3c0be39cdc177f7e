"""Shape of the overview."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """What one service answers, with whether it did."""

    model_config = ConfigDict(extra="allow")

    status: Literal["available", "unavailable", "forbidden"] = Field(
        description="`unavailable`: the service is down; `forbidden`: the caller may not see this part"
    )


class Overview(BaseModel):
    """A customer at a glance. Each part is what its own address answers, with `status` beside it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1001",
                    "as_of": "2026-03-31",
                    "customer": {"status": "available", "customer_id": "C-1001", "name": "Nordlicht Handel"},
                    "credit": {"status": "available", "credit_limit": "10000.00", "currency": "EUR"},
                    "open_items": {"status": "available", "data": [], "next_cursor": None},
                    "aging": {"status": "available", "data": [], "totals": []},
                    "disputes": {"status": "unavailable"},
                    "promises": {"status": "available", "data": [], "next_cursor": None},
                    "activities": {"status": "available", "data": [], "next_cursor": None},
                }
            ]
        }
    )

    customer_id: str
    as_of: str = Field(description="The day of the aging, YYYY-MM-DD")
    customer: Part = Field(description="Master data, as `GET /v1/customers/{customer_id}`")
    credit: Part = Field(description="As `GET /v1/customers/{customer_id}/credit`")
    open_items: Part = Field(description="As `GET /v1/items?status=open`, the first page")
    aging: Part = Field(description="As `GET /v1/aging` of this customer")
    disputes: Part = Field(description="As `GET /v1/disputes` of this customer, the first page")
    promises: Part = Field(description="As `GET /v1/promises` of this customer, the first page")
    activities: Part = Field(description="As `GET /v1/activities` of this customer, the last ones")


def part(answer: Any) -> Part:
    """Return a part that was answered."""
    return Part.model_validate({**answer, "status": "available"})
