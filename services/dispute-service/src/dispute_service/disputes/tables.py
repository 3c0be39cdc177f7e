"""Rows of dispute cases: the case, its items, the credits posted for it, its history; and their mapping to the domain.

The one thing to know: that nothing is lost between the amounts of a claim is a constraint of the database too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Text
from sqlmodel import Field, String

from dispute_service.disputes.domain.case import NewClaim, Opening
from dispute_service.disputes.domain.claim import Claim, ClaimAmounts, granted_per_item, share_balance
from dispute_service.disputes.domain.deed import Deed
from dispute_service.disputes.domain.reason import Priority, due_on, family_of
from dispute_service.disputes.domain.resolution import POSTED_BY_CASHAPP, Decision
from dispute_service.disputes.domain.status import OVER, shown_status
from dispute_service.rows import Row
from shared.database import AMOUNT, INSTANT
from shared.events.dispute import DisputedItem, DisputeState, DisputeStatus, Outcome, Resolution
from shared.money import Money, exact

_STATUSES = "('new', 'in_process', 'waiting_customer', 'waiting_internal', 'escalated', 'resolved', 'closed', 'void')"


class DisputeRow(Row, table=True):
    """A dispute case."""

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint("disputed_amount >= 0", "disputed_amount"),
        CheckConstraint(f"status in {_STATUSES} and stage in {_STATUSES}", "status"),
        CheckConstraint("status not in ('closed', 'void') or disputed_amount = 0", "over_disputes_nothing"),
        CheckConstraint("(stage = 'void') = (status = 'void')", "void"),
    )

    dispute_id: str = Field(primary_key=True, max_length=64)
    serial: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True, nullable=False)
    )
    version: int
    customer_id: str = Field(max_length=64, index=True)
    currency: str = Field(max_length=3)
    stage: DisputeStatus = Field(sa_type=String(20))
    status: DisputeStatus = Field(sa_type=String(20), index=True)
    disputed_amount: Decimal = Field(sa_type=AMOUNT)
    reason_code: str = Field(max_length=40, index=True)
    description: str = Field(sa_type=Text)
    source: str = Field(max_length=20)
    claim_reference: str | None = Field(max_length=200)
    contact: str | None = Field(max_length=200)
    priority: Priority = Field(sa_type=String(10))
    opened_on: date
    opened_by: str
    due_on: date
    coordinator: str | None = Field(index=True)
    processor: str | None = None
    person_responsible: str | None = None
    outcome: Outcome | None = Field(default=None, sa_type=String(20))
    resolution: Resolution | None = Field(default=None, sa_type=String(20))
    resolved_amount: Decimal | None = Field(default=None, sa_type=AMOUNT)
    resolved_on: date | None = None
    root_cause: str | None = Field(default=None, max_length=40)
    credit_target: Decimal | None = Field(default=None, sa_type=AMOUNT)


class DisputedItemRow(Row, table=True):
    """One item of a case."""

    __tablename__ = "disputed_items"
    __table_args__ = (
        CheckConstraint(
            "original_amount = disputed_amount + credited_amount + paid_amount + denied_amount", "conservation"
        ),
        CheckConstraint(
            "disputed_amount >= 0 and credited_amount >= 0 and paid_amount >= 0 and denied_amount >= 0", "no_negative"
        ),
        CheckConstraint("original_amount > 0", "original_amount"),
        Index("ix_disputed_items_item_id", "item_id"),
    )

    dispute_id: str = Field(primary_key=True, max_length=64, foreign_key="disputes.dispute_id")
    position: int = Field(primary_key=True)
    item_id: str = Field(max_length=64)
    number: str
    original_amount: Decimal = Field(sa_type=AMOUNT)
    disputed_amount: Decimal = Field(sa_type=AMOUNT)
    credited_amount: Decimal = Field(sa_type=AMOUNT)
    paid_amount: Decimal = Field(sa_type=AMOUNT)
    denied_amount: Decimal = Field(sa_type=AMOUNT)
    credits_posted: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)


class DisputeCreditRow(Row, table=True):
    """A credit that was posted for a case, or its reversal: each posting once."""

    __tablename__ = "dispute_credits"

    posting_id: str = Field(primary_key=True, max_length=64)
    item_id: str = Field(primary_key=True, max_length=64)
    dispute_id: str = Field(max_length=64, index=True)
    amount: Decimal = Field(sa_type=AMOUNT)


class DisputeHistoryRow(Row, table=True):
    """Who did what with a case, and when. Rows are added, never changed."""

    __tablename__ = "dispute_history"

    position: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True, nullable=False)
    )
    dispute_id: str = Field(max_length=64, foreign_key="disputes.dispute_id", index=True)
    at: datetime = Field(sa_type=INSTANT)
    by: str
    action: str = Field(max_length=20)
    from_status: str | None = Field(max_length=20)
    to_status: str = Field(max_length=20)
    detail: str | None = Field(sa_type=Text)


@dataclass(frozen=True, slots=True)
class Case:
    """A case with its items, in their order."""

    row: DisputeRow
    items: list[DisputedItemRow]

    @property
    def number(self) -> str:
        """The number by which people know the case."""
        return f"DSP-{self.row.serial:06d}"

    @property
    def disputed(self) -> Money:
        """What is still disputed of all items."""
        return self.money(sum((item.disputed_amount for item in self.items), Decimal(0)))

    @property
    def credited(self) -> Decimal:
        """What was credited of all items."""
        return sum((item.credited_amount for item in self.items), Decimal(0))

    @property
    def granted_is_posted(self) -> bool:
        """Whether all that the decision granted has been credited."""
        return self.row.credit_target is not None and self.credited >= self.row.credit_target

    def money(self, amount: Decimal) -> Money:
        """Return an amount in the case's currency."""
        return Money(amount, self.row.currency)


def new_case(
    dispute_id: str, opening: Opening, claims: Sequence[NewClaim], *, numbers: Mapping[str, str], by: str
) -> Case:
    """Return the rows of a case that is being opened; `numbers` are those of its items, by item id."""
    row = DisputeRow(
        dispute_id=dispute_id,
        version=0,
        customer_id=opening.customer_id,
        currency=claims[0].amount.currency,
        stage="new",
        status="new",
        disputed_amount=Decimal(0),
        reason_code=opening.reason_code,
        description=opening.description,
        source=opening.source,
        claim_reference=opening.claim_reference,
        contact=opening.contact,
        priority=opening.priority or family_of(opening.reason_code).priority,
        opened_on=opening.opened_on,
        opened_by=by,
        due_on=due_on(opening.reason_code, opening.opened_on),
        coordinator=opening.coordinator,
        processor=opening.processor,
    )
    return Case(row, [_new_item(dispute_id, at, claim, numbers[claim.item_id]) for at, claim in enumerate(claims)])


def _new_item(dispute_id: str, position: int, claim: NewClaim, number: str) -> DisputedItemRow:
    return DisputedItemRow(
        dispute_id=dispute_id,
        position=position,
        item_id=claim.item_id,
        number=number,
        original_amount=claim.amount.amount,
        disputed_amount=claim.amount.amount,
        credited_amount=Decimal(0),
        paid_amount=Decimal(0),
        denied_amount=Decimal(0),
    )


def claim_of(case: Case, item: DisputedItemRow) -> Claim:
    """Return the facts of one item in its case."""
    return Claim(
        original=case.money(item.original_amount),
        credits=case.money(item.credits_posted),
        denied=case.money(item.denied_amount),
        # A void case never was, so nothing was paid of it either.
        paid=case.money(Decimal(0) if case.row.stage == "void" else item.paid_amount),
        over=case.row.stage in OVER,
    )


def put_amounts(item: DisputedItemRow, amounts: ClaimAmounts) -> None:
    """Write where a claim stands."""
    item.disputed_amount = amounts.disputed.amount
    item.credited_amount = amounts.credited.amount
    item.paid_amount = amounts.paid.amount
    item.denied_amount = amounts.denied.amount


def reckon(cases: Sequence[Case], balances: Mapping[str, Money]) -> None:
    """Write where every claim on these items stands, and with that the amount and status of each case, oldest first."""
    for item_id, balance in balances.items():
        claims = [(claim_of(case, item), item) for case in cases for item in case.items if item.item_id == item_id]
        shares = share_balance(balance, [claim for claim, _ in claims])
        for (_, item), amounts in zip(claims, shares, strict=True):
            put_amounts(item, amounts)
    for case in cases:
        disputed = case.disputed
        case.row.disputed_amount = disputed.amount
        case.row.status = shown_status(case.row.stage, disputed=disputed, granted_is_posted=case.granted_is_posted)


def decide(case: Case, decision: Decision, *, amount: Money, granted: Money) -> None:
    """Write a decision; what it does not grant is denied, the last items first."""
    row = case.row
    row.outcome, row.resolution, row.root_cause = decision.outcome, decision.resolution, decision.root_cause
    row.resolved_amount = amount.amount
    row.stage = "resolved" if granted else "closed"
    row.credit_target = case.credited + granted.amount if decision.resolution in POSTED_BY_CASHAPP else None
    parts = granted_per_item(granted, [case.money(item.disputed_amount) for item in case.items])
    for item, part in zip(case.items, parts, strict=True):
        item.denied_amount += item.disputed_amount - part.amount


def history_line(case: Case, deed: Deed, *, before: DisputeStatus | None, at: datetime) -> DisputeHistoryRow:
    """Return the line that a deed adds to the history of its case."""
    return DisputeHistoryRow(
        dispute_id=case.row.dispute_id,
        at=at,
        by=deed.by,
        action=deed.action,
        from_status=before,
        to_status=case.row.status,
        detail=deed.detail,
    )


def public_state(case: Case) -> DisputeState:
    """Return what the other services and integrators are told of a case."""
    row = case.row
    amounts = {
        name: None if value is None else exact(value, row.currency)
        for name, value in (("disputed_amount", row.disputed_amount), ("resolved_amount", row.resolved_amount))
    }
    items = [public_item(item, row.currency) for item in case.items]
    return DisputeState.model_validate(row.model_dump() | amounts | {"number": case.number, "items": items})


def public_item(item: DisputedItemRow, currency: str) -> DisputedItem:
    """Return what is told of one item of a case."""
    amounts = {name: exact(value, currency) for name, value in item.model_dump().items() if name.endswith("_amount")}
    return DisputedItem(item_id=item.item_id, number=item.number, **amounts)
