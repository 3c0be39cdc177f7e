"""Recoveries over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response

from cashapp_service.recoveries import repository, use_cases
from cashapp_service.recoveries.schemas import Recovery, RecoveryBody, RecoveryReversalBody
from cashapp_service.recoveries.tables import RecoveryRow
from cashapp_service.write_offs import use_cases as write_offs
from shared.http.edge import Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import exact
from shared.security import Principal

router = api_router("write-offs")

Id = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("items:read"))]
Applier = Annotated[Principal, Depends(requires("receipts:apply"))]


def shown(row: RecoveryRow) -> Recovery:
    """Return a recovery on the wire."""
    return Recovery.model_validate(
        row.model_dump() | {"id": row.recovery_id, "amount": exact(row.amount, row.currency)}
    )


@router.post("/v1/write-offs/{write_off_id}/recoveries", status_code=201)
async def book_recovery(
    write_off_id: Id, body: RecoveryBody, response: Response, uow: Work, caller: Applier
) -> Recovery:
    """Book money of a receipt for what was written off: the item stays cleared, the income is `recoveries`."""
    row = await use_cases.book_recovery(uow, body.wanted(write_off_id), by=caller.subject)
    set_etag(response, row.version)
    return shown(row)


@router.get("/v1/write-offs/{write_off_id}/recoveries")
async def list_recoveries(write_off_id: Id, session: Reading, page: Paging, _: Reader) -> Page[Recovery]:
    """List what was received for a write-off, in the order in which it was booked."""
    await write_offs.find(session, write_off_id)
    statement = repository.matching(write_off_id=write_off_id)
    rows, cursor = await fetch_page(session, statement, by=(RecoveryRow.recovery_id,), page=page)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.post("/v1/recoveries/{recovery_id}/reverse")
async def reverse_recovery(
    recovery_id: Id, response: Response, uow: Work, caller: Applier, body: RecoveryReversalBody | None = None
) -> Recovery:
    """Take a recovery back: the receipt has its money again, and the item is written off as before."""
    posting_date = body.posting_date if body else None
    row = await use_cases.reverse_recovery(uow, recovery_id, by=caller.subject, posting_date=posting_date)
    set_etag(response, row.version)
    return shown(row)
