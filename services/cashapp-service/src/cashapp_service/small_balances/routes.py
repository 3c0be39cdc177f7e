"""Runs over small balances over HTTP."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response

from cashapp_service.authorities.domain import Decider
from cashapp_service.authorities.routes import decider, write_off_authority
from cashapp_service.settings import CashappSettings
from cashapp_service.small_balances import repository, use_cases
from cashapp_service.small_balances.domain import RunStatus
from cashapp_service.small_balances.jobs import SMALL_BALANCES, params_of
from cashapp_service.small_balances.schemas import (
    SmallBalanceApprovalBody,
    SmallBalanceItem,
    SmallBalanceRejectionBody,
    SmallBalanceReversalBody,
    SmallBalanceRun,
    SmallBalanceRunBody,
)
from cashapp_service.small_balances.tables import SmallBalanceItemRow, SmallBalanceRunRow
from shared import jobs
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.jobs import Job
from shared.money import exact
from shared.security import Principal

router = api_router("write-offs")

RunId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("items:read"))]
Runner = Annotated[Decider, Depends(decider("write_offs:write", write_off_authority))]
Approver = Annotated[Decider, Depends(decider("write_offs:approve", write_off_authority))]


def shown(row: SmallBalanceRunRow) -> SmallBalanceRun:
    """Return a run on the wire."""
    amounts: dict[str, Any] = {
        name: exact(getattr(row, name), row.currency) for name in ("max_amount", "debits", "credits")
    }
    return SmallBalanceRun.model_validate(row.model_dump() | amounts | {"id": row.run_id})


def _answer(row: SmallBalanceRunRow, response: Response) -> SmallBalanceRun:
    set_etag(response, row.version)
    return shown(row)


@router.post("/v1/write-offs/small-balances", status_code=202)
async def run_small_balances(body: SmallBalanceRunBody, request: Request, uow: Work, by: Runner) -> Job:
    """Clear balances too small to be collected or paid out, and return the job that does it.

    Posted at once where the caller's authority for write-offs covers debits and credits together, else the run waits for
    another person. Disputed items and down-payment requests are left out. The job's result:
    `{run_id, status, items, debits, credits, currency, more, first}`, `first` being up to 100 of the items; with `dry_run`
    nothing is posted and `run_id` is null.
    """
    settings: CashappSettings = request.app.state.settings
    wanted = body.wanted()
    wanted.ensure_allowed(settings.small_balance_most, today=uow.clock.today())
    return await jobs.enqueue(
        uow,
        prefix="caj",
        kind=SMALL_BALANCES,
        requested_by=by.subject,
        params=params_of(wanted, dry_run=body.dry_run, authority=by.authority),
    )


@router.get("/v1/write-offs/small-balances")
async def list_runs(
    session: Reading,
    page: Paging,
    _: Reader,
    status: Annotated[RunStatus | None, Query(description="Where the run stands")] = None,
) -> Page[SmallBalanceRun]:
    """List runs over small balances, newest first."""
    statement = repository.matching(status=status)
    rows, cursor = await fetch_page(session, statement, by=(SmallBalanceRunRow.run_id,), page=page, descending=True)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.get("/v1/write-offs/small-balances/{run_id}")
async def get_run(run_id: RunId, response: Response, session: Reading, _: Reader) -> SmallBalanceRun:
    """Return a run over small balances."""
    return _answer(await use_cases.find(session, run_id), response)


@router.get("/v1/write-offs/small-balances/{run_id}/items")
async def list_run_items(run_id: RunId, session: Reading, page: Paging, _: Reader) -> Page[SmallBalanceItem]:
    """List the items that a run found, with what became of each."""
    run = await use_cases.find(session, run_id)
    statement = repository.items(run_id)
    rows, cursor = await fetch_page(session, statement, by=(SmallBalanceItemRow.item_id,), page=page)
    data = [
        SmallBalanceItem.model_validate(row.model_dump() | {"balance": exact(row.balance, run.currency)})
        for row in rows
    ]
    return Page(data=data, next_cursor=cursor)


@router.post("/v1/write-offs/small-balances/{run_id}/approve")
async def approve_run(
    run_id: RunId,
    response: Response,
    uow: Work,
    by: Approver,
    expected: ExpectedVersion,
    body: SmallBalanceApprovalBody | None = None,
) -> SmallBalanceRun:
    """Clear what a run found. Nobody approves his own, nor above his authority. What changed meanwhile is left out."""
    body = body or SmallBalanceApprovalBody()
    row = await use_cases.approve(
        uow, run_id, by=by, note=body.note, posting_date=body.posting_date, expected_version=expected
    )
    return _answer(row, response)


@router.post("/v1/write-offs/small-balances/{run_id}/reject")
async def reject_run(
    run_id: RunId,
    body: SmallBalanceRejectionBody,
    response: Response,
    uow: Work,
    by: Approver,
    expected: ExpectedVersion,
) -> SmallBalanceRun:
    """Refuse what a run found. Nobody decides his own, nor above his authority."""
    row = await use_cases.reject(uow, run_id, by=by, note=body.note, expected_version=expected)
    return _answer(row, response)


@router.post("/v1/write-offs/small-balances/{run_id}/reverse")
async def reverse_run(
    run_id: RunId,
    body: SmallBalanceReversalBody,
    response: Response,
    uow: Work,
    by: Approver,
    expected: ExpectedVersion,
) -> SmallBalanceRun:
    """Open every item again that a run cleared."""
    row = await use_cases.reverse(
        uow, run_id, by=by, reason=body.reason, posting_date=body.posting_date, expected_version=expected
    )
    return _answer(row, response)
