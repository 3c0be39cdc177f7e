"""Mass changes of limits over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from credit_service.authorities.domain import Decider
from credit_service.authorities.routes import decider
from credit_service.mass_limit_changes import repository, use_cases
from credit_service.mass_limit_changes.domain.states import LineStatus, MassChangeNotFoundError, MassChangeStatus
from credit_service.mass_limit_changes.schemas import (
    DecisionNoteBody,
    MassChange,
    MassChangeBody,
    MassChangeLine,
    line_shown,
    shown,
)
from credit_service.mass_limit_changes.tables import MassLimitChangeLineRow, MassLimitChangeRow
from credit_service.mass_limit_changes.use_cases import Asked
from credit_service.settings import CreditSettings
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.jobs import Job
from shared.security import Principal

router = api_router("limit mass changes")

MassChangeId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("credit:read"))]
Asker = Annotated[Principal, Depends(requires("limits:request"))]
Approver = Annotated[Decider, Depends(decider("limits:approve"))]


@router.post("/v1/limit-mass-changes", status_code=201)
async def preview_mass_change(
    body: MassChangeBody, request: Request, response: Response, uow: Work, caller: Asker
) -> MassChange:
    """Preview a change of many limits: each account old and new, totals, and which roles may not decide it.

    Nothing changes until somebody else approves it. It is for at most 20,000 accounts.
    """
    settings: CreditSettings = request.app.state.settings
    asked = Asked(
        body.filter.selection(),
        body.change.change(),
        body.reason,
        body.as_of or uow.clock.today(),
        body.filter.model_dump(mode="json", exclude_unset=True),
        body.change.model_dump(mode="json", exclude_unset=True),
    )
    roles = {role: settings.authority_of(frozenset({role})) for role in settings.credit_authority}
    row = await use_cases.preview(uow, asked, by=caller.subject, roles=roles)
    set_etag(response, row.version)
    return shown(row)


@router.post("/v1/limit-mass-changes/{mass_change_id}/approve", status_code=202)
async def approve_mass_change(
    mass_change_id: MassChangeId,
    uow: Work,
    by: Approver,
    expected: ExpectedVersion,
    body: DecisionNoteBody | None = None,
) -> Job:
    """Have a mass change applied. Nobody approves his own, nor limits above his authority.

    The job changes each account once, with its line in the journal; an account that was changed since the preview is left alone
    and reported.
    """
    note = body.note if body else None
    return await use_cases.approve(uow, mass_change_id, by=by, note=note, expected_version=expected)


@router.post("/v1/limit-mass-changes/{mass_change_id}/reject")
async def reject_mass_change(
    mass_change_id: MassChangeId,
    response: Response,
    uow: Work,
    by: Approver,
    expected: ExpectedVersion,
    body: DecisionNoteBody | None = None,
) -> MassChange:
    """Refuse a mass change that somebody else previewed."""
    note = body.note if body else None
    row = await use_cases.reject(uow, mass_change_id, by=by, note=note, expected_version=expected)
    set_etag(response, row.version)
    return shown(row)


@router.post("/v1/limit-mass-changes/{mass_change_id}/withdraw")
async def withdraw_mass_change(
    mass_change_id: MassChangeId,
    response: Response,
    uow: Work,
    caller: Asker,
    expected: ExpectedVersion,
    body: DecisionNoteBody | None = None,
) -> MassChange:
    """Take back one's own mass change."""
    note = body.note if body else None
    row = await use_cases.withdraw(uow, mass_change_id, by=caller.subject, note=note, expected_version=expected)
    set_etag(response, row.version)
    return shown(row)


@router.get("/v1/limit-mass-changes")
async def list_mass_changes(
    session: Reading,
    page: Paging,
    _: Reader,
    status: Annotated[MassChangeStatus | None, Query(description="Only mass changes in this state")] = None,
) -> Page[MassChange]:
    """List mass changes, newest first."""
    statement = repository.matching(status=status)
    key = (MassLimitChangeRow.mass_change_id,)
    rows, cursor = await fetch_page(session, statement, by=key, page=page, descending=True)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.get("/v1/limit-mass-changes/{mass_change_id}")
async def get_mass_change(mass_change_id: MassChangeId, response: Response, session: Reading, _: Reader) -> MassChange:
    """Return a mass change with its totals."""
    row = await repository.find(session, mass_change_id)
    if row is None:
        raise MassChangeNotFoundError(mass_change_id)
    set_etag(response, row.version)
    return shown(row)


@router.get("/v1/limit-mass-changes/{mass_change_id}/lines")
async def list_mass_change_lines(
    mass_change_id: MassChangeId,
    session: Reading,
    page: Paging,
    _: Reader,
    status: Annotated[LineStatus | None, Query(description="Only accounts in this state")] = None,
    above_authority_of: Annotated[
        str | None, Query(max_length=64, description="Only accounts that this role may not decide")
    ] = None,
) -> Page[MassChangeLine]:
    """List the accounts of a mass change by number, old and new."""
    if await repository.find(session, mass_change_id) is None:
        raise MassChangeNotFoundError(mass_change_id)
    statement = repository.lines_of(mass_change_id, status=status, above_authority_of=above_authority_of)
    rows, cursor = await fetch_page(session, statement, by=(MassLimitChangeLineRow.customer_id,), page=page)
    return Page(data=[line_shown(row) for row in rows], next_cursor=cursor)
