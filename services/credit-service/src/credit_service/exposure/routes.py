"""A customer's credit over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from credit_service.exposure import use_cases
from credit_service.exposure.schemas import Credit, ExposureDetail
from shared.days import Day
from shared.http.edge import Reading, api_router, requires
from shared.http.pagination import Paging
from shared.security import Principal

router = api_router("credit")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
Reader = Annotated[Principal, Depends(requires("credit:read"))]


@router.get("/v1/customers/{customer_id}/credit")
async def get_credit(
    customer_id: CustomerId,
    request: Request,
    session: Reading,
    _: Reader,
    as_of: Annotated[
        Day | None, Query(description="Day for overdue and the limit's validity; today by default")
    ] = None,
) -> Credit:
    """Return a customer's credit: its limit, its exposure and what is left."""
    day = as_of or request.app.state.units.clock.today()
    return await use_cases.credit_of(session, customer_id, as_of=day)


@router.get("/v1/customers/{customer_id}/exposure")
async def get_exposure(customer_id: CustomerId, session: Reading, page: Paging, _: Reader) -> ExposureDetail:
    """Return what a customer's exposure is made of: each document with its own amount, its rate, and what it counts for.

    All of an answer is of one moment, so that over all pages the documents sum up to the totals, to the cent.
    """
    return await use_cases.exposure_of(session, customer_id, page)
