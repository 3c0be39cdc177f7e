"""One row per insured customer, and one per alarm.

The alarm of the exposure is raised and closed by the database's trigger `watch_insured_account`, in the transaction that changes
the account: whatever changes it, and at no cost for accounts without insurance.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, text
from sqlmodel import Field

from credit_service.rows import Row
from shared.database import AMOUNT, INSTANT


class CreditInsuranceRow(Row, table=True):
    """The insurance of one customer, as it was put last; former ones stand in the journal."""

    __tablename__ = "credit_insurances"
    __table_args__ = (
        CheckConstraint("insured_limit > 0 and deductible >= 0", name="amounts"),
        CheckConstraint("covered_pct > 0 and covered_pct <= 100", name="covered_pct"),
        CheckConstraint("valid_from <= valid_until", name="validity"),
        Index("ix_credit_insurances_waiting", "valid_from", postgresql_where=text("not applied")),
    )

    customer_id: str = Field(primary_key=True, max_length=64)
    version: int
    insurer: str = Field(max_length=200)
    policy_number: str = Field(max_length=100)
    insured_limit: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    covered_pct: Decimal = Field(sa_type=Numeric(7, 4))
    deductible: Decimal = Field(sa_type=AMOUNT)
    valid_from: date
    valid_until: date
    notify_overdue_after_days: int | None
    notify_within_days: int
    expiry_notice_days: int
    max_terms_days: int | None
    rate: Decimal = Field(sa_type=Numeric(20, 10), description="Units of the account's currency for one of `currency`")
    insured_amount: Decimal = Field(sa_type=AMOUNT, description="The insured limit in the account's currency")
    cover: Decimal = Field(sa_type=AMOUNT, description="What the insurer would pay of it, in the account's currency")
    applied: bool = Field(description="Whether it stands on the account; not before its first day")
    changed_by: str = Field(max_length=200)
    changed_at: datetime = Field(sa_type=INSTANT)


class InsuranceAlarmRow(Row, table=True):
    """Something about an insurance that somebody has to look at. One per customer and kind that is not closed."""

    __tablename__ = "insurance_alarms"
    __table_args__ = (
        CheckConstraint("kind in ('exposure_above_insured_limit', 'overdue_to_be_told', 'expiring')", name="kind"),
        CheckConstraint("status in ('open', 'acknowledged', 'closed')", name="status"),
        CheckConstraint("(status = 'closed') = (closed_at is not null)", name="closed"),
        Index(
            "uq_insurance_alarms_not_closed",
            "customer_id",
            "kind",
            unique=True,
            postgresql_where=text("status <> 'closed'"),
        ),
        Index("ix_insurance_alarms_status", "status", "alarm_id"),
        Index("ix_insurance_alarms_customer", "customer_id", "alarm_id"),
    )

    alarm_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str = Field(max_length=64)
    kind: str = Field(max_length=32)
    status: str = Field(max_length=16)
    raised_at: datetime = Field(sa_type=INSTANT)
    as_of: date = Field(description="The day its figures are of")
    currency: str = Field(max_length=3)
    amount: Decimal = Field(sa_type=AMOUNT, description="The exposure, or what is to be told of")
    insured_amount: Decimal = Field(sa_type=AMOUNT)
    items: int | None
    counted_until: date | None = Field(description="Due date up to which items are to be told of")
    tell_by: date | None
    expires_on: date | None
    note: str | None
    reference: str | None = Field(max_length=200)
    acknowledged_by: str | None = Field(max_length=200)
    acknowledged_at: datetime | None = Field(sa_type=INSTANT)
    closed_at: datetime | None = Field(sa_type=INSTANT)
