"""Receipts over HTTP, for reading. What takes a receipt in and applies it is in `applications/routes.py`."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers.domain import ROLES_THAT_NEED_BANK_DETAILS, masked
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Clearing, clearings
from cashapp_service.receipts import repository
from cashapp_service.receipts.domain import ReceiptNotFoundError
from cashapp_service.receipts.schemas import (
    ReceiptApplication,
    ReceiptDetail,
    ReceiptFilter,
    ReceiptView,
    amounts_shown,
)
from cashapp_service.receipts.tables import BUCKETS, ReceiptRow
from shared.http.edge import Reading, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import exact
from shared.security import Principal

router = api_router("receipts")

ReceiptId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("items:read"))]


def shown(row: ReceiptRow, caller: Principal) -> ReceiptView:
    """Return a receipt as `caller` may see it."""
    values = row.model_dump()
    values |= amounts_shown(values, ("amount", *BUCKETS)) | {"id": row.receipt_id}
    if row.payer_account and not caller.roles & ROLES_THAT_NEED_BANK_DETAILS:
        values["payer_account"] = masked(row.payer_account)
    return ReceiptView.model_validate(values)


async def view(session: AsyncSession, receipt_id: str, caller: Principal) -> ReceiptView:
    """Return a receipt as `caller` may see it; raise `ReceiptNotFoundError`."""
    row = await repository.find(session, receipt_id)
    if row is None:
        raise ReceiptNotFoundError(receipt_id)
    return shown(row, caller)


@router.get("/v1/receipts/{receipt_id}")
async def get_receipt(receipt_id: ReceiptId, response: Response, session: Reading, caller: Reader) -> ReceiptDetail:
    """Return a receipt with its applications."""
    receipt = await view(session, receipt_id, caller)
    set_etag(response, receipt.version)
    found = clearings(await ledger.postings_of_receipt(session, receipt_id))
    applications = [_application(one) for one in found]
    return ReceiptDetail(applications=applications, **receipt.model_dump())


def _application(clearing: Clearing) -> ReceiptApplication:
    assert clearing.application_id is not None
    return ReceiptApplication(
        application_id=clearing.application_id,
        item_id=clearing.item_id,
        posting_date=clearing.posting_date,
        currency=clearing.currency,
        amount=exact(clearing.money, clearing.currency),
        reversed_on=clearing.reversed_on,
    )


@router.get("/v1/receipts")
async def list_receipts(
    session: Reading,
    page: Paging,
    caller: Reader,
    wanted: Annotated[ReceiptFilter, Depends()],
    newest_first: Annotated[bool, Query(description="The latest value date first instead of the earliest")] = False,
) -> Page[ReceiptView]:
    """List receipts by value date, in that order on every page."""
    by = (ReceiptRow.value_date, ReceiptRow.receipt_id)
    rows, cursor = await fetch_page(session, repository.matching(wanted), by=by, page=page, descending=newest_first)
    return Page(data=[shown(row, caller) for row in rows], next_cursor=cursor)
