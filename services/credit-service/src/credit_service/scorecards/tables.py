"""One row per version of a scorecard; a version is never changed."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from credit_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class ScorecardRow(Row, table=True):
    """One version of a scorecard."""

    __tablename__ = "scorecards"

    scorecard_id: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=DOCUMENT)
    changed_by: str = Field(max_length=200)
    changed_at: datetime = Field(sa_type=INSTANT)
