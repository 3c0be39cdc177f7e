"""Write-offs over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.authorities.domain import Decider
from cashapp_service.authorities.routes import decider, write_off_authority
from cashapp_service.write_offs import repository, use_cases
from cashapp_service.write_offs.domain.write_off import Share, WriteOffStatus
from cashapp_service.write_offs.schemas import (
    WriteOff,
    WriteOffApprovalBody,
    WriteOffBody,
    WriteOffItem,
    WriteOffRejectionBody,
    WriteOffReversalBody,
    total_recovered,
)
from cashapp_service.write_offs.tables import WriteOffRow
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import exact
from shared.security import Principal

router = api_router("write-offs")

WriteOffId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("items:read"))]
Asker = Annotated[Principal, Depends(requires("write_offs:write"))]
Approver = Annotated[Decider, Depends(decider("write_offs:approve", write_off_authority))]
Key = Annotated[str | None, Query(min_length=1, max_length=64, description="Exactly this one")]


def shown(row: WriteOffRow, shares: list[Share]) -> WriteOff:
    """Return a write-off on the wire."""
    items = [WriteOffItem.model_validate(share, from_attributes=True) for share in shares]
    values = row.model_dump() | {"id": row.write_off_id, "amount": exact(row.amount, row.currency), "items": items}
    return WriteOff.model_validate(values | {"recovered": exact(total_recovered(items), row.currency)})


async def _answer(session: AsyncSession, row: WriteOffRow, response: Response) -> WriteOff:
    set_etag(response, row.version)
    shares = await use_cases.shares_by_write_off(session, [row])
    return shown(row, shares[row.write_off_id])


@router.post("/v1/write-offs", status_code=201, responses={200: {"model": WriteOff}})
async def request_write_off(body: WriteOffBody, response: Response, uow: Work, caller: Asker) -> WriteOff:
    """Ask for receivables to be given up (201); every write-off waits for another person, whatever its amount.

    The same `request_id` again changes nothing (200); with other content it is a 409.
    """
    row, created = await use_cases.request_write_off(uow, body.wanted(), by=caller.subject)
    if not created:
        response.status_code = 200
    return await _answer(uow.session, row, response)


@router.get("/v1/write-offs")
async def list_write_offs(
    session: Reading,
    page: Paging,
    _: Reader,
    customer_id: Key = None,
    item_id: Key = None,
    status: Annotated[WriteOffStatus | None, Query(description="Where the write-off stands")] = None,
    requested_by: Annotated[str | None, Query(min_length=1, max_length=200, description="Who asked")] = None,
) -> Page[WriteOff]:
    """List write-offs, newest first."""
    statement = repository.matching(customer_id=customer_id, status=status, requested_by=requested_by, item_id=item_id)
    rows, cursor = await fetch_page(session, statement, by=(WriteOffRow.write_off_id,), page=page, descending=True)
    shares = await use_cases.shares_by_write_off(session, rows)
    return Page(data=[shown(row, shares[row.write_off_id]) for row in rows], next_cursor=cursor)


@router.get("/v1/write-offs/{write_off_id}")
async def get_write_off(write_off_id: WriteOffId, response: Response, session: Reading, _: Reader) -> WriteOff:
    """Return a write-off."""
    row, shares = await use_cases.find(session, write_off_id)
    set_etag(response, row.version)
    return shown(row, shares)


@router.post("/v1/write-offs/{write_off_id}/approve")
async def approve_write_off(
    write_off_id: WriteOffId,
    response: Response,
    uow: Work,
    by: Approver,
    expected: ExpectedVersion,
    body: WriteOffApprovalBody | None = None,
) -> WriteOff:
    """Approve a write-off and post it. Nobody approves his own, nor above his authority in its currency.

    Where an item was paid meanwhile, so that less than the amount is open, it is a 409 and nothing is posted.
    """
    body = body or WriteOffApprovalBody()
    row = await use_cases.approve(
        uow, write_off_id, by=by, note=body.note, posting_date=body.posting_date, expected_version=expected
    )
    return await _answer(uow.session, row, response)


@router.post("/v1/write-offs/{write_off_id}/reject")
async def reject_write_off(
    write_off_id: WriteOffId,
    body: WriteOffRejectionBody,
    response: Response,
    uow: Work,
    by: Approver,
    expected: ExpectedVersion,
) -> WriteOff:
    """Refuse a write-off. Nobody decides his own, nor above his authority."""
    row = await use_cases.reject(uow, write_off_id, by=by, note=body.note, expected_version=expected)
    return await _answer(uow.session, row, response)


@router.post("/v1/write-offs/{write_off_id}/cancel")
async def cancel_write_off(
    write_off_id: WriteOffId, response: Response, uow: Work, caller: Asker, expected: ExpectedVersion
) -> WriteOff:
    """Take one's own waiting write-off back."""
    row = await use_cases.cancel(uow, write_off_id, by=caller.subject, expected_version=expected)
    return await _answer(uow.session, row, response)


@router.post("/v1/write-offs/{write_off_id}/reverse")
async def reverse_write_off(
    write_off_id: WriteOffId,
    body: WriteOffReversalBody,
    response: Response,
    uow: Work,
    by: Approver,
    expected: ExpectedVersion,
) -> WriteOff:
    """Take a posted write-off back: its items are open again. Not once money was recovered of it (409)."""
    row = await use_cases.reverse(
        uow, write_off_id, by=by, reason=body.reason, posting_date=body.posting_date, expected_version=expected
    )
    return await _answer(uow.session, row, response)
