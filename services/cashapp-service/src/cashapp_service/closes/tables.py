"""What happened around closes: each close with what was known then, each request to reopen with who decided it.

A close is never changed (a trigger refuses it); whether the period is closed now stands in `periods`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from cashapp_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class CloseRow(Row, table=True):
    """A close; `checks` and `reconciliations` are as they were then, `control` counts the postings of the period."""

    __tablename__ = "closes"
    __table_args__ = (UniqueConstraint("company_code", "period", "version"),)

    close_id: str = Field(primary_key=True, max_length=64)
    company_code: str = Field(max_length=20)
    period: str = Field(max_length=7)
    version: int
    note: str | None = Field(max_length=4000)
    checks: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    accepted: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    control: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    reconciliations: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    closed_behind: int = Field(sa_type=BigInteger)
    closed_by: str = Field(max_length=200)
    closed_at: datetime = Field(sa_type=INSTANT)


class ReopeningRow(Row, table=True):
    """A request to reopen a period, and what became of it."""

    __tablename__ = "reopenings"
    __table_args__ = (
        CheckConstraint("status in ('pending', 'approved', 'rejected', 'withdrawn')", name="known_status"),
        CheckConstraint(
            "case status when 'pending' then decided_by is null when 'withdrawn' then decided_by = requested_by "
            "else decided_by <> requested_by end is true",
            name="decided_by_another",
        ),
        CheckConstraint("(decided_by is null) = (decided_at is null)", name="decided_at_an_instant"),
        Index("uq_reopenings_pending", "company_code", "period", unique=True, postgresql_where="status = 'pending'"),
        Index("ix_reopenings_company_code", "company_code", "period"),
    )

    reopening_id: str = Field(primary_key=True, max_length=64)
    version: int
    company_code: str = Field(max_length=20)
    period: str = Field(max_length=7)
    reason: str = Field(max_length=4000)
    status: str = Field(max_length=10)
    requested_by: str = Field(max_length=200)
    requested_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = Field(max_length=200)
    decided_at: datetime | None = Field(sa_type=INSTANT)
    decision_note: str | None = Field(max_length=4000)
