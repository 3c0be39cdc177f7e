"""Cancellations over HTTP."""

from typing import Annotated

from fastapi import Depends, Path

from credit_service.cancellations import use_cases
from credit_service.cancellations.schemas import CancelBody
from credit_service.orders import use_cases as orders
from credit_service.orders.schemas import OrderShown
from shared.http.edge import Work, api_router, requires
from shared.security import Principal

router = api_router("orders")


@router.post("/v1/orders/{order_id}/cancel")
async def cancel_order(
    order_id: Annotated[str, Path(min_length=1, max_length=64, description="The ERP's order number")],
    uow: Work,
    caller: Annotated[Principal, Depends(requires("credit:check"))],
    body: CancelBody | None = None,
) -> OrderShown:
    """Withdraw an order.

    Nothing stays reserved for it; goods that were delivered stay so. One that is invoiced is not withdrawn any more (409).
    """
    await use_cases.cancel_order(uow, order_id, by=caller.subject, note=body.note if body else "")
    return await orders.shown(uow.session, order_id)
