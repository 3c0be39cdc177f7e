"""Shapes of the feed."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from shared.events.envelope import Envelope

EXAMPLE: JsonDict = {
    "specversion": "1.0",
    "id": "evt_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
    "source": "cashapp-service",
    "type": "payment.received",
    "subject": "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e70",
    "time": "2026-03-31T09:15:00.123456Z",
    "datacontenttype": "application/json",
    "dataschema": "/schemas/payment.received.v1.json",
    "customerid": "C-1001",
    "correlationid": "req_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e71",
    "data": {"version": 1, "receipt": {"receipt_id": "rcp_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e70"}},
}


class EventPage(BaseModel):
    """Events in their order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [EXAMPLE], "next_cursor": None}]})

    data: list[Envelope] = Field(
        description="CloudEvents 1.0 as published; their `data` is described in /asyncapi.json"
    )
    next_cursor: str | None = Field(
        description="Pass as `after` for the next page; null where there is nothing newer at the moment: "
        "come back later with the `id` of the last event you have as `after`"
    )


def page_json(bodies: list[str], next_cursor: str | None) -> bytes:
    """Return a page out of events that are JSON already."""
    cursor = "null" if next_cursor is None else f'"{next_cursor}"'
    return f'{{"data":[{",".join(bodies)}],"next_cursor":{cursor}}}'.encode()
