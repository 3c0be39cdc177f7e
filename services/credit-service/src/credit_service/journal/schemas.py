"""Shapes of a credit file's journal on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.journal.domain import Fault, Verdict
from credit_service.journal.tables import JournalEntryRow

SEAL = "5f16f4c7f149ac4f9510d9cf8cf384038ad348b3bcdc01915f95de12df9d1b02"


class JournalEntry(BaseModel):
    """One entry of a credit file's journal: who changed what, or who read which part."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "position": 7,
                    "kind": "customer.updated",
                    "actor": "credit_analyst",
                    "subject": None,
                    "old": {"payment_terms": "net 30"},
                    "new": {"payment_terms": "net 60"},
                    "reason": None,
                    "request_id": "req_0191e0a4-7c3b-7a3e-8000-1d2b3c4d5e6f",
                    "recorded_at": "2026-03-02T08:15:00Z",
                    "seal": SEAL,
                }
            ]
        }
    )

    position: int = Field(description="1, 2, 3 … without a gap for each customer")
    kind: str = Field(
        description="What happened, such as `customer.updated`, `limit.changed`, `note.written` or `read`"
    )
    actor: str = Field(description="Who did it")
    subject: str | None = Field(description="The document it is about; of a reading, the part that was read")
    old: dict[str, Any] = Field(description="What was there before, by field; secrets masked")
    new: dict[str, Any] = Field(description="What is there since, by field; secrets masked")
    reason: str | None = Field(description="Why, where a reason was given")
    request_id: str | None = Field(description="The request or job that caused it")
    recorded_at: datetime = Field(description="When, in UTC")
    seal: str = Field(description="SHA-256 over this entry and the seal before it")


class JournalIntegrity(BaseModel):
    """Whether a credit file's journal is as it was sealed. Note position and seal elsewhere to prove it again later."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C-1",
                    "intact": True,
                    "entries": 7,
                    "position": 7,
                    "seal": SEAL,
                    "first_broken": None,
                    "fault": None,
                }
            ]
        }
    )

    customer_id: str = Field(description="The ERP's customer number")
    intact: bool = Field(description="Whether every entry is as it was sealed")
    entries: int = Field(description="How many entries were gone through")
    position: int = Field(description="Position of the last entry as kept apart from the entries")
    seal: str = Field(description="Seal of the last entry as kept apart from the entries")
    first_broken: int | None = Field(description="Position of the first entry that is not as it was sealed")
    fault: Fault | None = Field(
        description="`altered`: an entry was changed, taken out or put in between; `missing`: entries at the end are gone; "
        "`unaccounted`: entries were added around the seal; `not_as_noted`: another seal than the one noted"
    )


def shown(row: JournalEntryRow) -> JournalEntry:
    """Return an entry as it is shown."""
    return JournalEntry.model_validate(row.model_dump())


def integrity(customer_id: str, verdict: Verdict) -> JournalIntegrity:
    """Return a verdict as it is shown."""
    return JournalIntegrity(
        customer_id=customer_id,
        intact=verdict.fault is None,
        entries=verdict.entries,
        position=verdict.head.position,
        seal=verdict.head.seal,
        first_broken=verdict.first_broken,
        fault=verdict.fault,
    )
