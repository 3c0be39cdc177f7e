"""Queries and the lock of tolerance groups. One is locked by itself, before its members: putting it touches nothing else."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, Select, Text, any_, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.tolerance_groups.domain import ToleranceGroup
from cashapp_service.tolerance_groups.tables import ToleranceGroupRow, ToleranceMemberRow, columns_of, to_group

_OF_USER = (col(ToleranceMemberRow.kind) == "user") & (
    col(ToleranceMemberRow.member) == any_(bindparam("roles", type_=ARRAY(Text)))
)
_OF_CUSTOMER = (col(ToleranceMemberRow.kind) == "customer") & (
    col(ToleranceMemberRow.member) == bindparam("customer_id")
)
_CONCERNED = select(col(ToleranceMemberRow.group_id)).where(_OF_USER | _OF_CUSTOMER)
_GROUPS_WITH = select(ToleranceGroupRow).where(col(ToleranceGroupRow.group_id).in_(_CONCERNED))


async def find(session: AsyncSession, group_id: str) -> ToleranceGroupRow | None:
    """Return a group."""
    return await session.get(ToleranceGroupRow, group_id, populate_existing=True)


async def find_for_update(session: AsyncSession, group_id: str) -> ToleranceGroupRow | None:
    """Return a group and lock it to the end of the transaction."""
    return await session.get(ToleranceGroupRow, group_id, with_for_update=True, populate_existing=True)


async def members_of(session: AsyncSession, group_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the members of groups, in their order."""
    statement = select(ToleranceMemberRow).where(col(ToleranceMemberRow.group_id).in_(group_ids))
    found: dict[str, tuple[str, ...]] = dict.fromkeys(group_ids, ())
    for row in await session.scalars(statement.order_by(col(ToleranceMemberRow.member))):
        found[row.group_id] += (row.member,)
    return found


async def group_of(session: AsyncSession, *, kind: str, members: Collection[str]) -> dict[str, str]:
    """Return the group of each of these members that has one."""
    statement = select(ToleranceMemberRow).where(
        col(ToleranceMemberRow.kind) == kind, col(ToleranceMemberRow.member).in_(members)
    )
    return {row.member: row.group_id for row in await session.scalars(statement)}


async def groups_with(
    session: AsyncSession, *, roles: Collection[str], customer_id: str | None
) -> list[ToleranceGroup]:
    """Return the groups that one of the roles, or the customer, belongs to; without their members."""
    rows = await session.scalars(_GROUPS_WITH, {"roles": list(roles), "customer_id": customer_id})
    return [to_group(row, ()) for row in rows]


async def groups_of_customers(session: AsyncSession, customer_ids: Collection[str] | None) -> dict[str, ToleranceGroup]:
    """Return the group of each of these customers that has one, of every customer without them; without their members."""
    member = ToleranceMemberRow
    statement = (
        select(col(member.member), ToleranceGroupRow)
        .join(ToleranceGroupRow, col(ToleranceGroupRow.group_id) == col(member.group_id))
        .where(col(member.kind) == "customer")
    )
    if customer_ids is not None:
        statement = statement.where(col(member.member).in_(customer_ids))
    return {customer_id: to_group(row, ()) for customer_id, row in (await session.execute(statement)).all()}


def all_groups(kind: str | None) -> Select[Any]:
    """Return the statement that finds groups."""
    statement = select(ToleranceGroupRow)
    return statement.where(col(ToleranceGroupRow.kind) == kind) if kind else statement


async def replace_members(session: AsyncSession, group: ToleranceGroup) -> None:
    """Write who belongs to a group."""
    await session.execute(delete(ToleranceMemberRow).where(col(ToleranceMemberRow.group_id) == group.group_id))
    rows = [{"kind": group.kind, "member": member, "group_id": group.group_id} for member in sorted(group.members)]
    if rows:
        await session.execute(insert(ToleranceMemberRow), rows)


async def insert_new(session: AsyncSession, group: ToleranceGroup, *, by: str) -> None:
    """Insert a group."""
    head = {"group_id": group.group_id, "version": 1, "kind": group.kind, "changed_by": by}
    await session.execute(insert(ToleranceGroupRow), [head | columns_of(group)])
