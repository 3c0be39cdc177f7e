"""One row per entry, never changed, and one row per journal with its last seal."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from credit_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class JournalEntryRow(Row, table=True):
    """An entry of a credit file's journal."""

    __tablename__ = "journal_entries"

    customer_id: str = Field(primary_key=True, max_length=64)
    position: int = Field(primary_key=True, description="From 1, without a gap")
    kind: str = Field(max_length=64)
    actor: str = Field(max_length=200)
    subject: str | None = Field(max_length=128, description="The document it is about")
    old: dict[str, Any] = Field(sa_type=DOCUMENT)
    new: dict[str, Any] = Field(sa_type=DOCUMENT)
    reason: str | None
    request_id: str | None = Field(max_length=128)
    recorded_at: datetime = Field(sa_type=INSTANT)
    seal: str = Field(max_length=64, description="SHA-256 over the entry and the seal before it")


class JournalHeadRow(Row, table=True):
    """Where a customer's journal ends. Its lock is the journal's; the database lets it go forward one by one only."""

    __tablename__ = "journal_heads"

    customer_id: str = Field(primary_key=True, max_length=64)
    position: int
    seal: str = Field(max_length=64)
