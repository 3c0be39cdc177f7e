"""Limit requests over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from credit_service.authorities.domain import Decider
from credit_service.authorities.routes import decider
from credit_service.limit_requests import repository, use_cases
from credit_service.limit_requests.domain import LimitRequestNotFoundError, LimitRequestStatus, Wanted
from credit_service.limit_requests.schemas import LimitDecisionBody, LimitRequest, LimitRequestBody, shown
from credit_service.limit_requests.tables import LimitRequestRow
from credit_service.settings import CreditSettings
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("limit requests")

RequestId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("credit:read"))]
Asker = Annotated[Decider, Depends(decider("limits:request"))]
Approver = Annotated[Decider, Depends(decider("limits:approve"))]


@router.post("/v1/limit-requests", status_code=201)
async def request_limit(
    body: LimitRequestBody, request: Request, response: Response, uow: Work, by: Asker
) -> LimitRequest:
    """Ask for a credit limit: `approved` at once inside the asker's authority, else `pending` until someone else decides.

    What only lowers the limit or its validity is approved at once for everybody who may ask. A pending request takes the place
    of the one of its kind, lasting or temporary, that waited before.
    """
    settings: CreditSettings = request.app.state.settings
    content = body.model_dump()
    wanted = Wanted(amount=content.pop("requested_limit"), evidence=tuple(content.pop("evidence")), **content)
    row = await use_cases.request_limit(uow, wanted, by=by, waits_days=settings.limit_request_days)
    set_etag(response, row.version)
    return shown(row)


@router.post("/v1/limit-requests/{request_id}/approve")
async def approve_limit(
    request_id: RequestId,
    response: Response,
    uow: Work,
    by: Approver,
    expected: ExpectedVersion,
    body: LimitDecisionBody | None = None,
) -> LimitRequest:
    """Give the limit. Nobody approves his own request, nor above his authority."""
    note = body.note if body else None
    row = await use_cases.approve(uow, request_id, by=by, note=note, expected_version=expected)
    set_etag(response, row.version)
    return shown(row)


@router.post("/v1/limit-requests/{request_id}/reject")
async def reject_limit(
    request_id: RequestId,
    response: Response,
    uow: Work,
    by: Approver,
    expected: ExpectedVersion,
    body: LimitDecisionBody | None = None,
) -> LimitRequest:
    """Refuse the limit. Nobody decides his own request, nor above his authority."""
    note = body.note if body else None
    row = await use_cases.reject(uow, request_id, by=by, note=note, expected_version=expected)
    set_etag(response, row.version)
    return shown(row)


@router.post("/v1/limit-requests/{request_id}/withdraw")
async def withdraw_limit_request(
    request_id: RequestId,
    response: Response,
    uow: Work,
    by: Asker,
    expected: ExpectedVersion,
    body: LimitDecisionBody | None = None,
) -> LimitRequest:
    """Take back one's own pending request."""
    note = body.note if body else None
    row = await use_cases.withdraw(uow, request_id, by=by.subject, note=note, expected_version=expected)
    set_etag(response, row.version)
    return shown(row)


@router.get("/v1/limit-requests")
async def list_limit_requests(
    session: Reading,
    page: Paging,
    _: Reader,
    customer_id: Annotated[str | None, Query(max_length=64, description="Only of this customer")] = None,
    status: Annotated[LimitRequestStatus | None, Query(description="Only requests in this state")] = None,
    requested_by: Annotated[str | None, Query(max_length=200, description="Only requests of this user")] = None,
) -> Page[LimitRequest]:
    """List limit requests, newest first."""
    statement = repository.matching(customer_id=customer_id, status=status, requested_by=requested_by)
    rows, cursor = await fetch_page(session, statement, by=(LimitRequestRow.request_id,), page=page, descending=True)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.get("/v1/limit-requests/{request_id}")
async def get_limit_request(request_id: RequestId, response: Response, session: Reading, _: Reader) -> LimitRequest:
    """Return a limit request."""
    row = await repository.find(session, request_id)
    if row is None:
        raise LimitRequestNotFoundError(request_id)
    set_etag(response, row.version)
    return shown(row)
