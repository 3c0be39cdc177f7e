"""The journal of a limit over HTTP."""

from typing import Annotated

from fastapi import Depends, Path

from credit_service.credit_accounts import repository
from credit_service.credit_accounts.domain import CustomerNotFoundError
from credit_service.credit_accounts.schemas import LimitChange, shown
from credit_service.credit_accounts.tables import LimitChangeRow
from shared.http.edge import Reading, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("credit")


@router.get("/v1/customers/{customer_id}/limit-changes")
async def list_limit_changes(
    customer_id: Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")],
    session: Reading,
    page: Paging,
    _: Annotated[Principal, Depends(requires("credit:read"))],
) -> Page[LimitChange]:
    """List every change of a customer's limit, newest first: old, new, who asked, who approved, why, on what evidence."""
    if await repository.find(session, customer_id) is None:
        raise CustomerNotFoundError(customer_id)
    statement = repository.limit_changes(customer_id)
    rows, cursor = await fetch_page(session, statement, by=(LimitChangeRow.version,), page=page, descending=True)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)
