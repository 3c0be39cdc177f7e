"""One row per group; its members are rows of their own, so that a role or customer is in one group of its kind."""

from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Numeric
from sqlmodel import Field

from cashapp_service.rows import Row
from cashapp_service.tolerance_groups.domain import ToleranceGroup
from shared.database import DOCUMENT

_PCT = Numeric(7, 4)


class ToleranceGroupRow(Row, table=True):
    """A tolerance group; `amounts` has per currency what is written off at most per item and per receipt."""

    __tablename__ = "tolerance_groups"
    __table_args__ = (
        CheckConstraint("kind in ('user', 'customer')", name="of_a_known_kind"),
        CheckConstraint("item_pct between 0 and 100 and receipt_pct between 0 and 100", name="shares_are_shares"),
    )

    group_id: str = Field(primary_key=True, max_length=64)
    version: int
    kind: str = Field(max_length=8)
    name: str | None = Field(max_length=200)
    item_pct: Decimal = Field(sa_type=_PCT)
    receipt_pct: Decimal = Field(sa_type=_PCT)
    amounts: dict[str, Any] = Field(sa_type=DOCUMENT)
    discount_grace_days: int | None
    changed_by: str = Field(max_length=200)


class ToleranceMemberRow(Row, table=True):
    """That a role or a customer belongs to a group."""

    __tablename__ = "tolerance_group_members"

    kind: str = Field(primary_key=True, max_length=8)
    member: str = Field(primary_key=True, max_length=64)
    group_id: str = Field(foreign_key="tolerance_groups.group_id", max_length=64, index=True)


def to_group(row: ToleranceGroupRow, members: tuple[str, ...]) -> ToleranceGroup:
    """Return the group of a row."""
    return ToleranceGroup(
        group_id=row.group_id,
        kind=row.kind,  # type: ignore[arg-type]  # checked by the table
        name=row.name,
        members=members,
        item_pct=row.item_pct,
        receipt_pct=row.receipt_pct,
        amounts={name: (Decimal(item), Decimal(receipt)) for name, (item, receipt) in row.amounts.items()},
        discount_grace_days=row.discount_grace_days,
    )


def columns_of(group: ToleranceGroup) -> dict[str, Any]:
    """Return what a group is, without its members, as columns."""
    return {
        "name": group.name,
        "item_pct": group.item_pct,
        "receipt_pct": group.receipt_pct,
        "amounts": {name: [str(item), str(receipt)] for name, (item, receipt) in group.amounts.items()},
        "discount_grace_days": group.discount_grace_days,
    }
