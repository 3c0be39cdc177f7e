"""One row per activity; what was logged is not changed."""

from datetime import date, datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from collections_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class ActivityRow(Row, table=True):
    """One activity of the call log."""

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_customer_id_occurred_on", "customer_id", "occurred_on"),)

    activity_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(max_length=64)
    kind: str = Field(max_length=20)
    outcome: str | None
    contact: str | None
    note: str = Field(sa_type=Text)
    item_ids: list[str] = Field(sa_type=DOCUMENT)
    occurred_on: date
    next_action_on: date | None
    collector: str
    recorded_at: datetime = Field(sa_type=INSTANT)
