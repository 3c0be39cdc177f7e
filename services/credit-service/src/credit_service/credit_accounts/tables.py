"""One row per account with the parts of its exposure, and the journal of its limit."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, Column, Computed, Date, Index, Numeric, text
from sqlmodel import Field

from credit_service.credit_accounts.domain import Account, CreditChange
from credit_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, INSTANT


class CreditAccountRow(Row, table=True):
    """A credit account. Who changes anything of the customer's credit locks this row first."""

    __tablename__ = "credit_accounts"
    __table_args__ = (
        CheckConstraint("limit_state in ('unmanaged', 'zero', 'amount')", name="limit_state"),
        CheckConstraint(
            "(limit_state = 'amount') = (credit_limit is not null) and coalesce(credit_limit > 0, true)",
            name="limit_amount",
        ),
        CheckConstraint(
            "open_orders >= 0 and delivered >= 0 and special >= 0 and unapplied >= 0 and unconverted >= 0",
            name="parts_not_negative",
        ),
        CheckConstraint(
            "(temporary_limit is null) = (temporary_until is null) and coalesce(temporary_limit > 0, true)",
            name="temporary_limit",
        ),
        CheckConstraint(
            "insured_amount >= 0 and insured_cover between 0 and insured_amount and dunning_level >= 0", name="facts"
        ),
        CheckConstraint("blocked = (block_code is not null) and blocked = (blocked_at is not null)", name="block"),
        Index("ix_credit_accounts_review", "next_review_on", "customer_id"),
        Index("ix_credit_accounts_validity", "limit_valid_until", "customer_id"),
        Index("ix_credit_accounts_temporary", "temporary_until", postgresql_where=text("temporary_until is not null")),
        Index("ix_credit_accounts_pool", "pool_id", postgresql_where=text("pool_id is not null")),
    )

    customer_id: str = Field(primary_key=True, max_length=64)
    currency: str = Field(max_length=3)
    version: int
    limit_state: str = Field(max_length=16)
    credit_limit: Decimal | None = Field(sa_type=AMOUNT)
    limit_valid_until: date | None
    temporary_limit: Decimal | None = Field(sa_type=AMOUNT, description="Stands above the limit until its day")
    temporary_until: date | None
    limit_decided: bool = Field(description="Whether a lasting limit was ever given")
    risk_class: str = Field(max_length=1)
    score: int | None = Field(description="Of the last assessment")
    next_review_on: date | None
    payment_terms: str = Field(description="The customer's, or as agreed with the limit")
    blocked: bool
    block_code: str | None = Field(max_length=50)
    block_reason: str | None
    blocked_by: str | None = Field(max_length=200)
    blocked_at: datetime | None = Field(sa_type=INSTANT)
    open_orders: Decimal = Field(sa_type=AMOUNT)
    delivered: Decimal = Field(sa_type=AMOUNT, description="Delivered and not invoiced")
    open_items: Decimal = Field(sa_type=AMOUNT)
    special: Decimal = Field(sa_type=AMOUNT)
    unapplied: Decimal = Field(sa_type=AMOUNT)
    exposure: Decimal = Field(
        sa_column=Column(
            AMOUNT,
            Computed("open_orders + delivered + open_items + special - unapplied", persisted=True),
            nullable=False,
        )
    )
    oldest_due_date: date | None
    unconverted: int
    dunning_level: int = Field(description="Highest level that an open item has reached")
    broken_promises: list[date] = Field(sa_type=ARRAY(Date), description="Days on which promises were broken")
    returned_payments: list[date] = Field(sa_type=ARRAY(Date), description="Value dates of returned payments")
    insured_amount: Decimal = Field(sa_type=AMOUNT)
    insured_cover: Decimal = Field(sa_type=AMOUNT, description="What the insurer would pay of it")
    insured_until: date | None
    pool_id: str | None = Field(max_length=64, description="Whose limit the group shares")
    pool_rate: Decimal | None = Field(
        sa_type=Numeric(20, 10), description="Units of that customer's currency for one of the account's"
    )


class LimitChangeRow(Row, table=True):
    """One change of a limit, never changed itself."""

    __tablename__ = "limit_changes"
    __table_args__ = (
        CheckConstraint("kind in ('limit', 'temporary', 'temporary_ended', 'terms')", name="kind"),
        Index("ix_limit_changes_request", "request_id"),
    )

    customer_id: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True, description="The account's version after the change")
    kind: str = Field(max_length=20)
    old_state: str = Field(max_length=16)
    old_limit: Decimal | None = Field(sa_type=AMOUNT)
    old_valid_until: date | None
    old_temporary: Decimal | None = Field(sa_type=AMOUNT)
    old_temporary_until: date | None
    old_risk_class: str | None = Field(max_length=1, description="None where it was not written down")
    old_payment_terms: str | None
    new_state: str = Field(max_length=16)
    new_limit: Decimal | None = Field(sa_type=AMOUNT)
    new_valid_until: date | None
    new_temporary: Decimal | None = Field(sa_type=AMOUNT)
    new_temporary_until: date | None
    new_risk_class: str | None = Field(max_length=1)
    new_payment_terms: str | None
    currency: str = Field(max_length=3)
    requested_by: str = Field(max_length=200)
    approved_by: str = Field(max_length=200)
    reason: str
    evidence: list[str] = Field(sa_type=DOCUMENT)
    request_id: str = Field(max_length=64, description="The limit request, mass change or recommendation behind it")
    changed_at: datetime = Field(sa_type=INSTANT)


def limit_change_columns(change: CreditChange, at: datetime) -> dict[str, Any]:
    """Return the line that tells of a change."""
    decision = change.decision
    return {
        "customer_id": change.new.customer_id,
        "version": change.new.version,
        "kind": decision.kind,
        "currency": change.new.currency,
        "requested_by": decision.requested_by,
        "approved_by": decision.approved_by,
        "reason": decision.reason,
        "evidence": list(decision.evidence),
        "request_id": decision.request_id,
        "changed_at": at,
        **_side("old", change.old),
        **_side("new", change.new),
    }


def _side(side: str, account: Account) -> dict[str, Any]:
    return {
        f"{side}_state": account.limit.state,
        f"{side}_limit": account.limit.amount,
        f"{side}_valid_until": account.limit.valid_until,
        f"{side}_temporary": account.limit.temporary,
        f"{side}_temporary_until": account.limit.temporary_until,
        f"{side}_risk_class": account.risk_class,
        f"{side}_payment_terms": account.payment_terms,
    }


def decided_columns(account: Account) -> dict[str, Any]:
    """Return the columns that a decision about the credit may change, with the key."""
    return {
        "customer_id": account.customer_id,
        "version": account.version,
        "limit_state": account.limit.state,
        "credit_limit": account.limit.amount,
        "limit_valid_until": account.limit.valid_until,
        "temporary_limit": account.limit.temporary,
        "temporary_until": account.limit.temporary_until,
        "limit_decided": account.limit_decided,
        "payment_terms": account.payment_terms,
        "risk_class": account.risk_class,
        "next_review_on": account.next_review_on,
    }
