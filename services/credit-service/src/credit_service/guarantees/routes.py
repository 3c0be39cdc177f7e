"""Guarantees over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response
from pydantic import AfterValidator

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import CustomerNotFoundError
from credit_service.guarantees import repository, use_cases
from credit_service.guarantees.schemas import GuaranteeBody, GuaranteeEndBody, GuaranteeShown
from credit_service.guarantees.tables import GuaranteeRow
from credit_service.journal import use_cases as journal
from shared.http.edge import ExpectedVersion, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal
from shared.texts import nameable

router = api_router("credit")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
GuaranteeId = Annotated[str, Path(min_length=1, max_length=64, description="The number of the deed")]
Writer = Annotated[Principal, Depends(requires("credit_file:write"))]
Reader = Annotated[Principal, Depends(requires("credit_file:read"))]


@router.put("/v1/customers/{customer_id}/guarantees/{guarantee_id}", responses={201: {"model": GuaranteeShown}})
async def put_guarantee(
    customer_id: CustomerId,
    guarantee_id: Annotated[GuaranteeId, AfterValidator(nameable)],
    body: GuaranteeBody,
    response: Response,
    uow: Work,
    caller: Writer,
    expected: ExpectedVersion,
) -> GuaranteeShown:
    """Note a guarantee (201) or its changed terms; equal terms change nothing.

    One that was given for the customer is special exposure until the day run behind its last day, or a person, ends it.
    """
    row, account, created = await use_cases.put_guarantee(
        uow, customer_id, guarantee_id, body.terms(), by=caller.subject, expected_version=expected
    )
    response.status_code = 201 if created else 200
    set_etag(response, row.version)
    return GuaranteeShown.of(row, account.currency)


@router.post("/v1/customers/{customer_id}/guarantees/{guarantee_id}/end")
async def end_guarantee(
    customer_id: CustomerId,
    guarantee_id: GuaranteeId,
    response: Response,
    uow: Work,
    caller: Writer,
    body: GuaranteeEndBody | None = None,
) -> GuaranteeShown:
    """End a guarantee before its last day: it counts no more, and what is held of the customer is looked at again."""
    note = body.note if body else ""
    row, account = await use_cases.end_guarantee(uow, customer_id, guarantee_id, by=caller.subject, note=note)
    set_etag(response, row.version)
    return GuaranteeShown.of(row, account.currency)


@router.get("/v1/customers/{customer_id}/guarantees")
async def list_guarantees(customer_id: CustomerId, uow: Work, page: Paging, caller: Reader) -> Page[GuaranteeShown]:
    """List a customer's guarantees by number, ended ones too. The journal tells who read them."""
    account = (await credit_accounts.accounts(uow.session, [customer_id])).get(customer_id)
    if account is None:
        raise CustomerNotFoundError(customer_id)
    statement = repository.of_customer(customer_id)
    rows, cursor = await fetch_page(uow.session, statement, by=(GuaranteeRow.guarantee_id,), page=page)
    await journal.record_read(uow, customer_id, subject="guarantees", by=caller.subject)
    return Page(data=[GuaranteeShown.of(row, account.currency) for row in rows], next_cursor=cursor)
