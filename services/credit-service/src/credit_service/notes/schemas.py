"""Shapes of notes on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.notes.tables import NoteRow
from shared.http.edge import Body

WRITTEN: dict[str, Any] = {
    "kind": "visit",
    "text": "Visited the plant: two shifts, stock is low, the new line starts in May.",
    "reference": None,
}


class NoteBody(Body):
    """What is written down."""

    model_config = ConfigDict(json_schema_extra={"examples": [WRITTEN]})

    text: str = Field(min_length=1, max_length=10_000, description="What is to be remembered, in any script")
    kind: str = Field(
        default="general",
        pattern=r"^[a-z][a-z0-9_]{0,49}$",
        description="What it is about, in a word of your own: `visit`, `call`, `press`, `legal` …",
    )
    reference: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="What it belongs to, such as an order, a hold or a report",
    )


class Note(BaseModel):
    """A note with its author and time; it is never changed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "note_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f", "customer_id": "C-1"}
                | WRITTEN
                | {"author": "credit_analyst", "written_at": "2026-03-02T08:15:00Z"}
            ]
        }
    )

    id: str = Field(description="OpenItem's identifier")
    customer_id: str = Field(description="The ERP's customer number")
    kind: str = Field(description="What it is about, in a word")
    text: str = Field(description="As it was written")
    reference: str | None = Field(description="What it belongs to, such as an order, a hold or a report")
    author: str = Field(description="Who wrote it")
    written_at: datetime = Field(description="When, in UTC")


def shown(row: NoteRow) -> Note:
    """Return a note as it is shown."""
    return Note.model_validate(row.model_dump() | {"id": row.note_id})
