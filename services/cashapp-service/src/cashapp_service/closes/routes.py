"""Checklists, closes and reopenings over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.closes import repository, use_cases
from cashapp_service.closes.jobs import PROVE_BOOKS
from cashapp_service.closes.schemas import (
    CloseBody,
    PeriodChecklist,
    PeriodClose,
    ReopenBody,
    Reopening,
    ReopeningDecisionBody,
    ReopeningStatus,
    close_shown,
    reopening_shown,
)
from cashapp_service.closes.tables import CloseRow, ReopeningRow
from cashapp_service.closes.use_cases import OnTheSpot
from cashapp_service.integrity import use_cases as integrity
from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE
from cashapp_service.periods.domain import Period
from cashapp_service.settings import CashappSettings
from shared.database import see_one_moment
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.jobs import Job, enqueue
from shared.security import Principal

router = api_router("close")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]
Controller = Annotated[Principal, Depends(requires("periods:close"))]
Month = Annotated[str, Path(max_length=10, description="Year and month, such as 2026-10", examples=["2026-10"])]
ReopeningId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
CompanyCode = Annotated[str, Query(min_length=1, max_length=20, description="The company of the ledger")]
AnyCompany = Annotated[str | None, Query(max_length=20, description="One company; default all")]
AnyPeriod = Annotated[str | None, Query(max_length=10, description="One period, such as 2026-10; default all")]


def _settings(request: Request) -> CashappSettings:
    settings: CashappSettings = request.app.state.settings
    return settings


def proving(request: Request, session: AsyncSession) -> OnTheSpot:
    """Return how a reader of `session` has the laws of the books proved while it waits."""
    return OnTheSpot(lambda: integrity.verdicts(session), _settings(request).proof_entries_max)


@router.get("/v1/periods/{period}")
async def get_checklist(
    period: Month, request: Request, session: Reading, _: Reader, company_code: CompanyCode = DEFAULT_COMPANY_CODE
) -> PeriodChecklist:
    """Return what has to be done before a period may be closed, each point with what is missing and where to look.

    Of a closed period it is the checklist as it was when it was closed.
    """
    month = Period.parse(period)
    await see_one_moment(session)
    found = await use_cases.standing(session, company_code, month, proving(request, session))
    open_checks = [one.name for one in found.checks if one.state == "open"]
    closed = found.closed
    return PeriodChecklist(
        company_code=company_code,
        period=str(month),
        first_day=month.first_day,
        last_day=month.last_day,
        status="closed" if found.is_closed else "open",
        closed_with=closed.period if closed else None,
        closed_by=closed.closed_by if closed else None,
        closed_at=closed.closed_at if closed else None,
        pending_reopening=found.pending_reopening,
        ready=found.is_closed or not open_checks,
        missing=open_checks,
        checks=found.checks,
    )


@router.post("/v1/ledger/proofs", status_code=202)
async def prove_books(uow: Work, caller: Reader) -> Job:
    """Prove every law of the books ahead of a close, and return the job that does it: `{ok, last_sequence, laws}`.

    Over millions of postings it takes the better part of a minute. Checklist and close take the latest proof that covers every
    entry up to the period's last day. Without one they prove small books on the spot, and of large ones say that a proof is due.
    """
    return await enqueue(uow, prefix="caj", kind=PROVE_BOOKS, requested_by=caller.subject, params={})


@router.post("/v1/periods/{period}/close")
async def close_period(period: Month, body: CloseBody, request: Request, uow: Work, caller: Controller) -> PeriodClose:
    """Close a period and freeze all before it: postings into them are refused from then on.

    What is open and not accepted is a 409 that names each point, how much it is and where to look. `not_available` points do
    not block; they are kept with the close as such.
    """
    month = Period.parse(period)
    row = await use_cases.close_period(
        uow,
        body.company_code,
        month,
        note=body.note,
        accept={one.check: one.reason for one in body.accept},
        by=caller.subject,
        on_the_spot=OnTheSpot(
            lambda: integrity.check_integrity(request.app.state.units), _settings(request).proof_entries_max
        ),
        patience_seconds=_settings(request).close_patience_seconds,
    )
    return close_shown(row)


@router.post("/v1/periods/{period}/reopen", status_code=201)
async def reopen_period(
    period: Month, body: ReopenBody, response: Response, uow: Work, caller: Controller
) -> Reopening:
    """Ask for the latest closed period to be reopened; it stays closed until another person approves."""
    row = await use_cases.request_reopening(
        uow, body.company_code, Period.parse(period), reason=body.reason, by=caller.subject
    )
    set_etag(response, row.version)
    return reopening_shown(row)


@router.post("/v1/reopenings/{reopening_id}/approve")
async def approve_reopening(
    reopening_id: ReopeningId,
    request: Request,
    response: Response,
    uow: Work,
    caller: Controller,
    expected: ExpectedVersion,
    body: ReopeningDecisionBody | None = None,
) -> Reopening:
    """Reopen the period. Nobody approves his own request; the periods before it stay closed."""
    row = await use_cases.approve_reopening(
        uow,
        reopening_id,
        by=caller.subject,
        note=body.note if body else None,
        expected_version=expected,
        patience_seconds=_settings(request).close_patience_seconds,
    )
    set_etag(response, row.version)
    return reopening_shown(row)


@router.post("/v1/reopenings/{reopening_id}/reject")
async def reject_reopening(
    reopening_id: ReopeningId,
    response: Response,
    uow: Work,
    caller: Controller,
    expected: ExpectedVersion,
    body: ReopeningDecisionBody | None = None,
) -> Reopening:
    """Leave the period closed. Nobody decides his own request."""
    row = await use_cases.reject_reopening(
        uow, reopening_id, by=caller.subject, note=body.note if body else None, expected_version=expected
    )
    set_etag(response, row.version)
    return reopening_shown(row)


@router.post("/v1/reopenings/{reopening_id}/withdraw")
async def withdraw_reopening(
    reopening_id: ReopeningId,
    response: Response,
    uow: Work,
    caller: Controller,
    expected: ExpectedVersion,
    body: ReopeningDecisionBody | None = None,
) -> Reopening:
    """Take back one's own request."""
    row = await use_cases.withdraw_reopening(
        uow, reopening_id, by=caller.subject, note=body.note if body else None, expected_version=expected
    )
    set_etag(response, row.version)
    return reopening_shown(row)


@router.get("/v1/reopenings")
async def list_reopenings(
    session: Reading,
    page: Paging,
    _: Reader,
    company_code: AnyCompany = None,
    period: AnyPeriod = None,
    status: Annotated[ReopeningStatus | None, Query(description="Where the request stands")] = None,
) -> Page[Reopening]:
    """List requests to reopen periods, newest first: who asked, why, and who decided."""
    statement = repository.reopenings(company_code=company_code, period=period, status=status)
    rows, cursor = await fetch_page(session, statement, by=(ReopeningRow.reopening_id,), page=page, descending=True)
    return Page(data=[reopening_shown(row) for row in rows], next_cursor=cursor)


@router.get("/v1/closes")
async def list_closes(
    session: Reading, page: Paging, _: Reader, company_code: AnyCompany = None, period: AnyPeriod = None
) -> Page[PeriodClose]:
    """List closes, newest first: who closed what, with the checklist as it was and what was accepted."""
    statement = repository.closes(company_code=company_code, period=period)
    rows, cursor = await fetch_page(session, statement, by=(CloseRow.close_id,), page=page, descending=True)
    return Page(data=[close_shown(row) for row in rows], next_cursor=cursor)
