"""One row per version of a policy; a version is never changed."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from credit_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class CreditPolicyRow(Row, table=True):
    """One version of the policy of a risk class."""

    __tablename__ = "credit_policies"

    risk_class: str = Field(primary_key=True, max_length=1)
    version: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=DOCUMENT)
    changed_by: str = Field(max_length=200)
    changed_at: datetime = Field(sa_type=INSTANT)
    drafted_by: str | None = Field(max_length=200, description="Who drafted what another person put in force")
    note: str | None
