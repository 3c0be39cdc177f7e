"""One row per returned payment, one per step that was taken with it, one per piece of evidence."""

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from cashapp_service.applications.domain.allocation import ShortPayment
from cashapp_service.payment_exceptions.domain.reinstatement import Reopened
from cashapp_service.payment_exceptions.domain.workflow import Facts
from cashapp_service.rows import Row
from shared.database import AMOUNT, DOCUMENT, INSTANT
from shared.money import exact


class PaymentExceptionRow(Row, table=True):
    """A returned payment, open until somebody settled it.

    `reopened` is what the return took back of each item, by which the payment is reinstated when its money comes back. `said` is
    what was said of a return with a `case_reference`, to which a repeat is compared.
    """

    __tablename__ = "payment_exceptions"
    __table_args__ = (
        CheckConstraint("(status = 'resolved') = (outcome is not null)", name="resolved_with_an_outcome"),
        CheckConstraint("status in ('open', 'contested', 'represented', 'resolved')", name="known_status"),
        CheckConstraint("recovery_receipt_id is null or status = 'resolved'", name="recovered_when_resolved"),
        CheckConstraint("recovery_receipt_id <> receipt_id", name="recovered_by_another_receipt"),
        CheckConstraint("fee_item_id is null or fee is not null", name="fee_of_an_amount"),
        CheckConstraint(
            "fee_credit_item_id is null or (fee_item_id is not null and outcome = 'won') is true",
            name="fee_credited_when_won",
        ),
        CheckConstraint("presentations >= 0", name="presentations_not_negative"),
        CheckConstraint("(case_reference is null) = (said is null)", name="said_under_its_reference"),
        Index(
            "ix_payment_exceptions_case_reference",
            "case_reference",
            "receipt_id",
            unique=True,
            postgresql_where=text("case_reference is not null"),
        ),
        Index("ix_payment_exceptions_deadline", "deadline_on", "exception_id"),
        Index("ix_payment_exceptions_amount", "amount", "exception_id"),
    )

    exception_id: str = Field(primary_key=True, max_length=64)
    version: int
    receipt_id: str = Field(max_length=64, foreign_key="receipts.receipt_id", index=True)
    customer_id: str | None = Field(max_length=64, index=True)
    company_code: str = Field(max_length=20)
    method: str = Field(max_length=16)
    reason: str = Field(max_length=20)
    reason_code: str | None = Field(default=None, max_length=20)
    case_reference: str | None = Field(default=None, max_length=200)
    said: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    amount: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(max_length=3)
    value_date: date
    fee: Decimal | None = Field(default=None, sa_type=AMOUNT)
    fee_borne_by: str | None = Field(default=None, max_length=10)
    fee_item_id: str | None = Field(default=None, max_length=64, foreign_key="items.item_id")
    fee_credit_item_id: str | None = Field(default=None, max_length=64, foreign_key="items.item_id", unique=True)
    reopened: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    deadline_on: date
    deadline_passed_on: date | None = None
    status: str = Field(max_length=12)
    presentations: int
    contested_on: date | None = None
    represented_on: date | None = None
    outcome: str | None = Field(default=None, max_length=20)
    recovery_receipt_id: str | None = Field(default=None, max_length=64, foreign_key="receipts.receipt_id", unique=True)
    note: str | None = Field(default=None, max_length=4000)
    opened_at: datetime = Field(sa_type=INSTANT)
    opened_by: str = Field(max_length=200)
    resolved_on: date | None = None
    resolved_at: datetime | None = Field(default=None, sa_type=INSTANT)
    resolved_by: str | None = Field(default=None, max_length=200)


class PaymentExceptionStepRow(Row, table=True):
    """A step: it made this version of the exception."""

    __tablename__ = "payment_exception_steps"

    exception_id: str = Field(primary_key=True, max_length=64, foreign_key="payment_exceptions.exception_id")
    version: int = Field(primary_key=True)
    action: str = Field(max_length=20)
    status: str = Field(max_length=12)
    taken_on: date
    note: str | None = Field(max_length=4000)
    taken_by: str = Field(max_length=200)
    taken_at: datetime = Field(sa_type=INSTANT)


class EvidenceRow(Row, table=True):
    """What speaks for us: where it is to be found, or the file itself, and what it shows."""

    __tablename__ = "payment_exception_evidence"
    __table_args__ = (
        CheckConstraint("num_nulls(file_name, media_type, size_bytes, sha256) in (0, 4)", name="a_file_is_whole"),
    )

    evidence_id: str = Field(primary_key=True, max_length=64)
    exception_id: str = Field(max_length=64, foreign_key="payment_exceptions.exception_id", index=True)
    kind: str = Field(max_length=20)
    reference: str = Field(max_length=500)
    note: str | None = Field(max_length=4000)
    file_name: str | None = Field(default=None, max_length=150)
    media_type: str | None = Field(default=None, max_length=200)
    size_bytes: int | None = None
    sha256: str | None = Field(default=None, max_length=64)
    added_by: str = Field(max_length=200)
    added_at: datetime = Field(sa_type=INSTANT)


class EvidenceContentRow(Row, table=True):
    """The content of a file that is evidence, to the letter."""

    __tablename__ = "evidence_contents"

    evidence_id: str = Field(primary_key=True, max_length=64, foreign_key="payment_exception_evidence.evidence_id")
    content: bytes = Field(sa_type=LargeBinary)


def facts_of(row: PaymentExceptionRow, *, evidence: int) -> Facts:
    """Return what the rules need to know of an exception with so many pieces of evidence."""
    return Facts(
        status=row.status,  # type: ignore[arg-type]  # checked by the database
        outcome=row.outcome,  # type: ignore[arg-type]  # checked when it was resolved
        reason=row.reason,  # type: ignore[arg-type]  # checked when it was returned
        returned_on=row.value_date,
        deadline_on=row.deadline_on,
        presentations=row.presentations,
        evidence=evidence,
        recovery_receipt_id=row.recovery_receipt_id,
    )


_GRANTED = ("amount", "discount", "tolerance")


def document_of(reopened: Reopened) -> dict[str, Any]:
    """Return what was taken back of one item as it is stored."""
    document: dict[str, Any] = {"item_id": reopened.item_id, "number": reopened.number}
    document |= {name: str(getattr(reopened, name)) for name in _GRANTED}
    if (held_back := reopened.short_payment) is not None:
        document["short_payment"] = asdict(held_back) | {"amount": str(held_back.amount)}
    return document


def reopened_of(row: PaymentExceptionRow) -> list[Reopened]:
    """Return what the return took back, item by item."""
    return [
        Reopened(
            item_id=one["item_id"],
            number=one["number"],
            **{name: exact(Decimal(one[name]), row.currency) for name in _GRANTED},
            short_payment=_held_back(one.get("short_payment"), row.currency),
        )
        for one in row.reopened
    ]


def _held_back(document: dict[str, Any] | None, currency: str) -> ShortPayment | None:
    """Return the short payment that is stored; exceptions of before there were any have none."""
    if document is None:
        return None
    return ShortPayment(**document | {"amount": exact(Decimal(document["amount"]), currency)})
