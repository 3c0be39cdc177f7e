"""A customer's credit over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from credit_service.exposure import use_cases
from credit_service.exposure.schemas import Credit
from shared.days import Day
from shared.http.edge import Reading, api_router, requires
from shared.security import Principal

router = api_router("credit")


@router.get("/v1/customers/{customer_id}/credit")
async def get_credit(
    customer_id: Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")],
    request: Request,
    session: Reading,
    _: Annotated[Principal, Depends(requires("credit:read"))],
    as_of: Annotated[
        Day | None, Query(description="Day for overdue and the limit's validity; today by default")
    ] = None,
) -> Credit:
    """Return a customer's credit: its limit, its exposure and what is left."""
    day = as_of or request.app.state.units.clock.today()
    return await use_cases.credit_of(session, customer_id, as_of=day)
