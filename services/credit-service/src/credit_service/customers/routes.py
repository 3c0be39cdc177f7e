"""Customers over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from credit_service.credit_accounts.domain import CustomerNotFoundError
from credit_service.customers import repository, use_cases
from credit_service.customers.domain import ROLES_THAT_NEED_BANK_DETAILS, masked
from credit_service.customers.schemas import Customer, CustomerBody, CustomerSummary
from credit_service.customers.tables import CustomerRow
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("customers")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
Reader = Annotated[Principal, Depends(requires("customers:read"))]
Writer = Annotated[Principal, Depends(requires("customers:write"))]


def shown(row: CustomerRow, caller: Principal) -> Customer:
    """Return a customer as `caller` may see it."""
    customer = Customer.model_validate(row.model_dump())
    if caller.roles & ROLES_THAT_NEED_BANK_DETAILS:
        return customer
    return customer.model_copy(
        update={
            "bank_accounts": [masked(account) for account in customer.bank_accounts],
            "tax_id": masked(customer.tax_id) if customer.tax_id else None,
        }
    )


@router.put("/v1/customers/{customer_id}", status_code=200, responses={201: {"model": Customer}})
async def put_customer(
    customer_id: CustomerId,
    body: CustomerBody,
    response: Response,
    uow: Work,
    caller: Writer,
    expected: ExpectedVersion,
) -> Customer:
    """Create a customer (201) or replace its master data (200). Equal content changes nothing."""
    row, created = await use_cases.put_customer(
        uow, customer_id=customer_id, content=body.model_dump(), expected_version=expected
    )
    response.status_code = 201 if created else 200
    set_etag(response, row.version)
    return shown(row, caller)


@router.get("/v1/customers/{customer_id}")
async def get_customer(customer_id: CustomerId, response: Response, session: Reading, caller: Reader) -> Customer:
    """Return a customer."""
    row = await repository.find(session, customer_id)
    if row is None:
        raise CustomerNotFoundError(customer_id)
    set_etag(response, row.version)
    return shown(row, caller)


@router.get("/v1/customers")
async def list_customers(
    session: Reading,
    page: Paging,
    _: Reader,
    q: Annotated[str | None, Query(max_length=200, description="Part of any name, alias or number")] = None,
) -> Page[CustomerSummary]:
    """List customers by number; `q` finds by any name, alias, number."""
    rows, cursor = await fetch_page(session, repository.matching(q), by=(CustomerRow.customer_id,), page=page)
    return Page(data=[CustomerSummary.model_validate(row.model_dump()) for row in rows], next_cursor=cursor)
