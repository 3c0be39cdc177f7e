"""Known payers over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response
from pydantic import AfterValidator

from cashapp_service.customers.routes import CustomerOwner
from cashapp_service.payers import repository, use_cases
from cashapp_service.payers.schemas import PayerBody, PayerView
from cashapp_service.payers.tables import PayerRow
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal
from shared.texts import nameable

router = api_router("payers")

Reader = Annotated[Principal, Depends(requires("items:read"))]
Writer = Annotated[Principal, Depends(requires("receipts:apply"))]
PayerId = Annotated[
    str,
    Path(min_length=1, max_length=64, description="Its customer number where it is a customer, else a key of its own"),
]


def shown(row: PayerRow) -> PayerView:
    """Return a payer on the wire."""
    return PayerView.model_validate(row.model_dump() | {"id": row.payer_id, "account": row.account_shown})


@router.get("/v1/payers")
async def list_payers(session: Reading, page: Paging, _: Reader) -> Page[PayerView]:
    """List the third parties that are known to pay for customers. A parent needs no entry to pay for those below it."""
    rows, cursor = await fetch_page(session, repository.all_payers(), by=(PayerRow.payer_id,), page=page)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.get("/v1/payers/{payer_id}")
async def get_payer(payer_id: PayerId, response: Response, session: Reading, _: Reader) -> PayerView:
    """Return a known payer."""
    row = await use_cases.payer(session, payer_id)
    set_etag(response, row.version)
    return shown(row)


@router.put("/v1/payers/{payer_id}", responses={201: {"model": PayerView}})
async def put_payer(
    payer_id: Annotated[PayerId, AfterValidator(nameable)],
    body: PayerBody,
    response: Response,
    uow: Work,
    owner: CustomerOwner,
    caller: Writer,
    expected: ExpectedVersion,
) -> PayerView:
    """Say for whom a third party pays (201), or change it (200): its receipts may be applied to their items.

    Without anybody in `pays_for` a known payer is ended: what it paid stays applied, what comes from now on pays nobody's items.
    """
    row, created = await use_cases.put_payer(
        uow, body.payer(payer_id), ask_owner=owner, by=caller.subject, expected_version=expected
    )
    response.status_code = 201 if created else 200
    set_etag(response, row.version)
    return shown(row)
