"""Tolerance groups over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from cashapp_service.tolerance_groups import repository, use_cases
from cashapp_service.tolerance_groups.domain import GroupKind
from cashapp_service.tolerance_groups.schemas import ToleranceGroupBody, ToleranceGroupView
from cashapp_service.tolerance_groups.tables import ToleranceGroupRow
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("tolerance groups")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]
Writer = Annotated[Principal, Depends(requires("ledger:write"))]
GroupId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="The group's own name")]


@router.get("/v1/tolerance-groups")
async def list_tolerance_groups(
    session: Reading,
    page: Paging,
    _: Reader,
    kind: Annotated[GroupKind | None, Query(description="Groups of users, or of customers")] = None,
) -> Page[ToleranceGroupView]:
    """List the tolerance groups by name. A user in none has the company's own tolerance, a customer in none sets no limit."""
    rows, cursor = await fetch_page(session, repository.all_groups(kind), by=(ToleranceGroupRow.group_id,), page=page)
    members = await repository.members_of(session, [row.group_id for row in rows])
    return Page(data=[ToleranceGroupView.of(row, members[row.group_id]) for row in rows], next_cursor=cursor)


@router.get("/v1/tolerance-groups/{group_id}")
async def get_tolerance_group(group_id: GroupId, response: Response, session: Reading, _: Reader) -> ToleranceGroupView:
    """Return a tolerance group."""
    row = await use_cases.group(session, group_id)
    set_etag(response, row.version)
    members = await repository.members_of(session, [group_id])
    return ToleranceGroupView.of(row, members[group_id])


@router.put("/v1/tolerance-groups/{group_id}", responses={201: {"model": ToleranceGroupView}})
async def put_tolerance_group(
    group_id: GroupId,
    body: ToleranceGroupBody,
    response: Response,
    uow: Work,
    caller: Writer,
    expected: ExpectedVersion,
) -> ToleranceGroupView:
    """Create a tolerance group (201) or change it (200). It holds for applications from now on."""
    row, created = await use_cases.put_group(uow, body.group(group_id), by=caller.subject, expected_version=expected)
    response.status_code = 201 if created else 200
    set_etag(response, row.version)
    members = await repository.members_of(uow.session, [group_id])
    return ToleranceGroupView.of(row, members[group_id])
