"""One row per note, never changed."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import INSTANT


class NoteRow(Row, table=True):
    """A note in a customer's credit file."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_customer", "customer_id", "note_id"),)

    note_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(max_length=64)
    kind: str = Field(max_length=50)
    text: str
    reference: str | None = Field(max_length=64)
    author: str = Field(max_length=200)
    written_at: datetime = Field(sa_type=INSTANT)
