"""The overview over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from gateway.client import Upstreams
from gateway.overview.schemas import Overview
from gateway.overview.use_cases import gather_overview
from shared.days import Day
from shared.http.edge import api_router, requires
from shared.security import Principal
from shared.unit_of_work import Units

router = api_router("customers")


@router.get("/v1/customers/{customer_id}/overview")
async def customer_overview(
    request: Request,
    customer_id: Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")],
    caller: Annotated[Principal, Depends(requires("customers:read"))],
    as_of: Annotated[Day | None, Query(description="The day of the aging; today where it is left out")] = None,
) -> Overview:
    """Return credit, open items, aging, disputes, promises and last activities of a customer in one answer.

    A service that is down leaves its part with the status `unavailable`; a part that the caller may not see is `forbidden`.
    """
    upstreams: Upstreams = request.app.state.upstreams
    units: Units = request.app.state.units
    return await gather_overview(
        upstreams,
        customer_id=customer_id,
        as_of=as_of or units.clock.today(),
        authorization=f"Bearer {caller.token}",
    )
