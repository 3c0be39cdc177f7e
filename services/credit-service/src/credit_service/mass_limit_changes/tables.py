"""One row per mass change, one per account that it is for."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, INSTANT


class MassLimitChangeRow(Row, table=True):
    """A mass change with what was asked for and how it was decided."""

    __tablename__ = "mass_limit_changes"
    __table_args__ = (
        CheckConstraint("status in ('previewed', 'approved', 'applied', 'rejected', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'previewed') = (decided_by is null)", name="decided"),
        CheckConstraint("status = 'withdrawn' or decided_by is distinct from requested_by", name="four_eyes"),
        CheckConstraint("(status in ('approved', 'applied')) = (job_id is not null)", name="job"),
    )

    mass_change_id: str = Field(primary_key=True, max_length=64)
    version: int
    status: str = Field(max_length=16, index=True)
    selection: dict[str, Any] = Field(sa_type=DOCUMENT, description="As it was asked for")
    change: dict[str, Any] = Field(sa_type=DOCUMENT, description="As it was asked for")
    reason: str
    as_of: date
    totals: dict[str, Any] = Field(sa_type=DOCUMENT)
    requested_by: str = Field(max_length=200)
    requested_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = Field(max_length=200)
    decided_at: datetime | None = Field(sa_type=INSTANT)
    decision_note: str | None
    job_id: str | None = Field(max_length=64)


class MassLimitChangeLineRow(Row, table=True):
    """What a mass change does to one account."""

    __tablename__ = "mass_limit_change_lines"
    __table_args__ = (
        CheckConstraint("status in ('planned', 'applied', 'changed_since', 'not_possible')", name="status"),
        Index("ix_mass_limit_change_lines_status", "mass_change_id", "status", "customer_id"),
    )

    mass_change_id: str = Field(primary_key=True, max_length=64)
    customer_id: str = Field(primary_key=True, max_length=64)
    status: str = Field(max_length=16)
    detail: str | None
    currency: str = Field(max_length=3)
    account_version: int = Field(description="Of the account when it was previewed")
    exposure: Decimal = Field(sa_type=AMOUNT)
    old_state: str = Field(max_length=16)
    old_limit: Decimal | None = Field(sa_type=AMOUNT)
    old_valid_until: date | None
    old_risk_class: str = Field(max_length=1)
    old_review_on: date | None
    new_state: str = Field(max_length=16)
    new_limit: Decimal | None = Field(sa_type=AMOUNT)
    new_valid_until: date | None
    new_risk_class: str = Field(max_length=1)
    new_review_on: date | None
    raises: bool = Field(description="Needs authority: more may be owed, or the risk class moves")
    above_authority_of: list[str] = Field(sa_type=DOCUMENT, description="Roles that may not decide it")
