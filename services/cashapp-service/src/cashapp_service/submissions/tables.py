"""One row per submission of a document, and one per status it went through, which are never changed.

A submission belongs to the first item of its document; the items say what came of it (`items.submission`).
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from cashapp_service.rows import Row
from shared.database import INSTANT


class SubmissionRow(Row, table=True):
    """A submission as it stands."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("item_id", "position"),
        Index(
            "uq_submissions_reference",
            "item_id",
            "channel",
            "reference",
            unique=True,
            postgresql_where="reference is not null",
        ),
        CheckConstraint("(status = 'failed') = (failure_reason is not null)", name="failed_with_a_reason"),
    )

    submission_id: str = Field(primary_key=True, max_length=64)
    item_id: str = Field(max_length=64, foreign_key="items.item_id")
    position: int
    channel: str = Field(max_length=8)
    status: str = Field(max_length=10)
    reference: str | None = Field(max_length=200)
    failure_reason: str | None = Field(max_length=400)
    submitted_on: date
    status_on: date


class SubmissionStepRow(Row, table=True):
    """A status that a submission reached."""

    __tablename__ = "submission_steps"

    submission_id: str = Field(primary_key=True, max_length=64, foreign_key="submissions.submission_id")
    status: str = Field(primary_key=True, max_length=10)
    status_on: date
    failure_reason: str | None = Field(max_length=400)
    recorded_at: datetime = Field(sa_type=INSTANT)
    recorded_by: str | None = Field(max_length=200)
