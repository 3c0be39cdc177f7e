"""Holds over HTTP; a person lets them go in `releases`."""

from typing import Annotated

from fastapi import Depends, Query

from credit_service.holds import repository
from credit_service.holds.domain import HoldStatus
from credit_service.holds.schemas import HoldShown, shown
from credit_service.holds.tables import HoldRow
from shared.http.edge import Reading, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("holds")

Key = Annotated[str | None, Query(max_length=64)]


@router.get("/v1/holds")
async def list_holds(
    session: Reading,
    page: Paging,
    _: Annotated[Principal, Depends(requires("credit:read"))],
    status: Annotated[HoldStatus | None, Query(description="Only holds in this state")] = None,
    customer_id: Key = None,
    order_id: Key = None,
) -> Page[HoldShown]:
    """List holds, oldest first."""
    statement = repository.matching(status=status, customer_id=customer_id, order_id=order_id)
    rows, cursor = await fetch_page(session, statement, by=(HoldRow.hold_id,), page=page)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)
