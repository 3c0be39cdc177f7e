"""What can be done with tolerance groups: put one, and ask what holds for a user and a customer."""

from collections.abc import Collection

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.tolerance_groups import repository
from cashapp_service.tolerance_groups.domain import (
    GroupKindFixedError,
    MemberElsewhereError,
    Policies,
    Policy,
    ToleranceGroup,
    ToleranceGroupNotFoundError,
    policy_under,
)
from cashapp_service.tolerance_groups.tables import ToleranceGroupRow, columns_of, to_group
from shared.errors import ConflictError
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def put_group(
    uow: UnitOfWork, group: ToleranceGroup, *, by: str, expected_version: int | None
) -> tuple[ToleranceGroupRow, bool]:
    """Create or change a group and tell whether it was created; equal content changes nothing.

    Raises `MemberElsewhereError`, `GroupKindFixedError`, `StaleVersionError`.
    """
    elsewhere = await repository.group_of(uow.session, kind=group.kind, members=group.members)
    for member, group_id in sorted(elsewhere.items()):
        if group_id != group.group_id:
            raise MemberElsewhereError(member, group_id)
    row = await repository.find_for_update(uow.session, group.group_id)
    if row is None:
        ensure_fresh(expected_version, 0)
        return await _create(uow, group, by), True
    ensure_fresh(expected_version, row.version)
    if row.kind != group.kind:
        raise GroupKindFixedError(row.group_id, row.kind)
    members = (await repository.members_of(uow.session, [row.group_id]))[row.group_id]
    if to_group(row, members) != group:
        for name, value in columns_of(group).items():
            setattr(row, name, value)
        row.version, row.changed_by = row.version + 1, by
        await _written(uow, group)
    return row, False


async def _create(uow: UnitOfWork, group: ToleranceGroup, by: str) -> ToleranceGroupRow:
    try:
        await repository.insert_new(uow.session, group, by=by)
    except IntegrityError:
        raise ConflictError("This tolerance group is being put by another request: send it again.") from None
    await _written(uow, group)
    row = await repository.find(uow.session, group.group_id)
    assert row is not None
    return row


async def _written(uow: UnitOfWork, group: ToleranceGroup) -> None:
    try:
        await uow.session.flush()
        await repository.replace_members(uow.session, group)
    except IntegrityError:
        raise ConflictError("A member is being put into another group by another request: send this again.") from None


async def group(session: AsyncSession, group_id: str) -> ToleranceGroupRow:
    """Return a group; raise `ToleranceGroupNotFoundError`."""
    row = await repository.find(session, group_id)
    if row is None:
        raise ToleranceGroupNotFoundError(group_id)
    return row


async def policy_for(session: AsyncSession, base: Policy, *, roles: Collection[str], customer_id: str | None) -> Policy:
    """Return what may be done without asking by a user of these roles for a customer; `base` where no group says more."""
    found = await repository.groups_with(session, roles=roles, customer_id=customer_id)
    users = tuple(one for one in found if one.kind == "user")
    return policy_under(base, users, next((one for one in found if one.kind == "customer"), None))


async def policies(
    session: AsyncSession, base: Policy, *, roles: Collection[str], customer_ids: Collection[str] | None = None
) -> Policies:
    """Return what may be done without asking by a user of these roles, for each of these customers or for every one."""
    users = tuple(await repository.groups_with(session, roles=roles, customer_id=None))
    of_customers = await repository.groups_of_customers(session, customer_ids)
    return Policies(
        usual=policy_under(base, users, None),
        by_customer={
            customer_id: policy_under(base, users, group) for customer_id, group in sorted(of_customers.items())
        },
    )
