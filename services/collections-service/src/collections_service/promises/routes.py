"""Promises to pay over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from collections_service.promises import repository, use_cases
from collections_service.promises.domain import PromiseNotFoundError
from collections_service.promises.schemas import Promise, PromiseBody
from collections_service.promises.tables import PromiseRow
from collections_service.promises.use_cases import PromiseToRecord
from collections_service.receivables.routes import FactOwners
from collections_service.settings import CollectionsSettings
from shared.events.collections import PromiseStatus
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import Money, exact
from shared.security import Principal

router = api_router("promises")

PromiseId = Annotated[str, Path(min_length=1, max_length=64, description="`prm_…`")]
Reader = Annotated[Principal, Depends(requires("collections:read"))]
Writer = Annotated[Principal, Depends(requires("collections:write"))]


def shown(row: PromiseRow) -> Promise:
    """Return a promise as callers see it."""
    content = row.model_dump() | {
        "id": row.promise_id,
        "items": row.item_ids,
        "amount": exact(row.amount, row.currency),
        "kept_amount": exact(row.kept_amount, row.currency),
    }
    return Promise.model_validate(content)


@router.post("/v1/promises", status_code=201)
async def post_promise(
    body: PromiseBody, request: Request, response: Response, uow: Work, caller: Writer, owners: FactOwners
) -> Promise:
    """Record a promise to pay.

    It is kept as soon as the money is here: applied to its items (to any item of the customer where it names none), on
    account, or waiting to be applied, with a value date from `made_on` to `promised_on` and the tolerance days. The run of a
    day behind them finds it kept, partially kept or broken. A returned payment counts as if it had never come.
    """
    settings: CollectionsSettings = request.app.state.settings
    said = PromiseToRecord(
        customer_id=body.customer_id,
        promised_on=body.promised_on,
        amount=Money(body.amount, body.currency),
        item_ids=tuple(body.items),
        contact=body.contact,
        made_on=body.made_on,
    )
    row = await use_cases.record_promise(
        uow, owners, said, caller=caller, tolerance_days=settings.promise_tolerance_days
    )
    set_etag(response, row.version)
    return shown(row)


@router.get("/v1/promises/{promise_id}")
async def get_promise(promise_id: PromiseId, response: Response, session: Reading, _: Reader) -> Promise:
    """Return a promise and how it stands."""
    row = await repository.find(session, promise_id)
    if row is None:
        raise PromiseNotFoundError(promise_id)
    set_etag(response, row.version)
    return shown(row)


@router.get("/v1/promises")
async def list_promises(
    session: Reading,
    page: Paging,
    _: Reader,
    customer_id: Annotated[str | None, Query(max_length=64, description="Only of this customer")] = None,
    status: Annotated[PromiseStatus | None, Query(description="Only in this status")] = None,
) -> Page[Promise]:
    """List promises by promised day, the latest first."""
    rows, cursor = await fetch_page(
        session,
        repository.matching(customer_id, status),
        by=(PromiseRow.promised_on, PromiseRow.promise_id),
        page=page,
        descending=True,
    )
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.post("/v1/promises/{promise_id}/withdraw")
async def withdraw_promise(
    promise_id: PromiseId, response: Response, uow: Work, _: Writer, expected: ExpectedVersion
) -> Promise:
    """Take an open promise back by agreement. It is neither kept nor broken then."""
    row = await use_cases.withdraw_promise(uow, promise_id, expected_version=expected)
    set_etag(response, row.version)
    return shown(row)
