"""Customers over HTTP."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response
from pydantic import AfterValidator

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import CustomerNotFoundError
from credit_service.customers import repository, use_cases
from credit_service.customers.domain.search import wanted
from credit_service.customers.schemas import Customer, CustomerBody, CustomerSummary, GroupMember, member, shown
from credit_service.customers.tables import CustomerRow
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal
from shared.texts import nameable

router = api_router("customers")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
Reader = Annotated[Principal, Depends(requires("customers:read"))]
Writer = Annotated[Principal, Depends(requires("customers:write"))]


@router.put("/v1/customers/{customer_id}", status_code=200, responses={201: {"model": Customer}})
async def put_customer(
    customer_id: Annotated[CustomerId, AfterValidator(nameable)],
    body: CustomerBody,
    response: Response,
    uow: Work,
    caller: Writer,
    expected: ExpectedVersion,
) -> Customer:
    """Create a customer (201) or replace its master data (200). Equal content changes nothing."""
    row, created = await use_cases.put_customer(
        uow, customer_id=customer_id, content=body.model_dump(), expected_version=expected, by=caller.subject
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


@router.get("/v1/customers/{customer_id}/group")
async def list_group(
    customer_id: CustomerId,
    session: Reading,
    page: Paging,
    _: Annotated[Principal, Depends(requires("credit:read"))],
) -> Page[GroupMember]:
    """List the whole group that a customer belongs to, by number, each with its own limit and exposure.

    The group is the topmost parent and all customers below it; `parent_id` draws the tree.
    """
    await use_cases.ensure_known(session, customer_id)
    rows, cursor = await fetch_page(session, repository.group(customer_id), by=(CustomerRow.customer_id,), page=page)
    accounts = await credit_accounts.accounts(session, [row.customer_id for row in rows])
    return Page(data=[member(row, accounts[row.customer_id]) for row in rows], next_cursor=cursor)


@router.get("/v1/customers")
async def list_customers(
    session: Reading,
    page: Paging,
    caller: Reader,
    q: Annotated[
        str | None,
        Query(max_length=200, description="Any name, alias, number or contact (name, e-mail, phone); typos allowed"),
    ] = None,
    credit_analyst: Annotated[str | None, Query(max_length=200, description="User who watches the credit")] = None,
    collector: Annotated[str | None, Query(max_length=200, description="User who collects")] = None,
    country: Annotated[str | None, Query(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")] = None,
    parent_id: Annotated[str | None, Query(max_length=64, description="Directly below this customer")] = None,
    risk_class: Annotated[
        str | None, Query(pattern=r"^[A-E]$", description="A (best) to E; needs the scope `credit:read`")
    ] = None,
    blocked: Annotated[
        bool | None, Query(description="Whether the account is blocked; needs the scope `credit:read`")
    ] = None,
) -> Page[CustomerSummary]:
    """List customers by number. With `q` the best match comes first: the number, then names that contain it, then alike ones."""
    by_account = None
    if risk_class is not None or blocked is not None:
        caller.need("credit:read")
        by_account = credit_accounts.numbers_of(risk_class=risk_class, blocked=blocked)
    equal = {"credit_analyst": credit_analyst, "collector": collector, "country": country, "parent_id": parent_id}
    asked = await repository.settled(session, wanted(q), by_account, **equal) if q else None
    statement = repository.matching(asked, by_account, **equal)
    by: tuple[Any, ...] = (CustomerRow.customer_id,)
    if asked is not None:
        by = (repository.distance(asked), CustomerRow.customer_id)
    rows, cursor = await fetch_page(session, statement, by=by, page=page)
    return Page(data=[CustomerSummary.model_validate(row.model_dump()) for row in rows], next_cursor=cursor)
