"""Orders over HTTP."""

from typing import Annotated

from fastapi import Depends, Path

from credit_service.orders import use_cases
from credit_service.orders.schemas import OrderShown
from shared.http.edge import Reading, api_router, requires
from shared.security import Principal

router = api_router("orders")

OrderId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's order number")]


@router.get("/v1/orders/{order_id}")
async def get_order(
    order_id: OrderId, session: Reading, _: Annotated[Principal, Depends(requires("credit:read"))]
) -> OrderShown:
    """Return an order: its state, what of it is still open, and its history."""
    return await use_cases.shown(session, order_id)
