"""One row per promise; `judged_on` is the first business day run after its last day, when it was decided."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from collections_service.promises.domain import Promise, Verdict
from collections_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, INSTANT
from shared.events.collections import PromiseState, PromiseStatus
from shared.money import Money, exact


class PromiseRow(Row, table=True):
    """A promise and how it stands."""

    __tablename__ = "promises"
    __table_args__ = (
        Index("ix_promises_customer_id_currency", "customer_id", "currency"),
        Index("ix_promises_unjudged", "promised_on", postgresql_where=text("judged_on IS NULL")),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("kept_amount between 0 and amount", name="kept_within_amount"),
        CheckConstraint("promised_on >= made_on", name="made_before_promised"),
        CheckConstraint(
            "case status when 'kept' then kept_amount = amount when 'broken' then kept_amount = 0 "
            "when 'partially_kept' then kept_amount > 0 and kept_amount < amount "
            "when 'open' then kept_amount < amount else status = 'withdrawn' end",
            name="status_agrees_with_money",
        ),
        CheckConstraint("status not in ('broken', 'partially_kept') or judged_on is not null", name="decided_by_a_day"),
    )

    promise_id: str = Field(primary_key=True, max_length=64)
    version: int
    customer_id: str = Field(max_length=64)
    made_on: date
    promised_on: date
    tolerance_days: int
    amount: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    item_ids: list[str] = Field(sa_type=DOCUMENT)
    contact: str | None
    status: str = Field(max_length=20)
    kept_amount: Decimal = Field(sa_type=AMOUNT)
    judged_on: date | None
    recorded_by: str
    recorded_at: datetime = Field(sa_type=INSTANT)


def promise_of(row: PromiseRow) -> Promise:
    """Return what was promised."""
    return Promise(
        promise_id=row.promise_id,
        made_on=row.made_on,
        promised_on=row.promised_on,
        tolerance_days=row.tolerance_days,
        amount=Money(row.amount, row.currency),
        item_ids=frozenset(row.item_ids),
    )


def verdict_of(row: PromiseRow) -> Verdict:
    """Return how the promise stands."""
    status: PromiseStatus = row.status  # type: ignore[assignment]  # the CHECK allows nothing else
    return Verdict(status, Money(row.kept_amount, row.currency))


def public_state(row: PromiseRow) -> PromiseState:
    """Return what the other services and integrators are told of a promise."""
    return PromiseState(
        promise_id=row.promise_id,
        customer_id=row.customer_id,
        made_on=row.made_on,
        promised_on=row.promised_on,
        amount=exact(row.amount, row.currency),
        currency=row.currency,
        item_ids=row.item_ids,
        status=verdict_of(row).status,
        kept_amount=exact(row.kept_amount, row.currency),
    )
