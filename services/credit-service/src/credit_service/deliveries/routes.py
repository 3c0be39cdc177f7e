"""Deliveries over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response

from credit_service.deliveries import use_cases
from credit_service.deliveries.schemas import DeliveryBody, DeliveryCancelBody
from credit_service.deliveries.use_cases import Delivered
from credit_service.fulfilment import use_cases as fulfilment
from credit_service.fulfilment.schemas import DeliveryShown
from shared.http.edge import Reading, Work, api_router, requires
from shared.http.pagination import Page, Paging
from shared.security import Principal

router = api_router("orders")

OrderId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's order number")]
DeliveryId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's delivery number")]
Checker = Annotated[Principal, Depends(requires("credit:check"))]


@router.post("/v1/orders/{order_id}/deliveries", status_code=201, responses={200: {"model": DeliveryShown}})
async def record_delivery(
    order_id: OrderId, body: DeliveryBody, response: Response, uow: Work, caller: Checker
) -> DeliveryShown:
    """Tell of goods that left (201): their value moves from open orders to delivered and not invoiced.

    The same delivery again changes nothing (200); its number with other content is a 409. The goods count whatever became of
    the order; one that was never checked needs `customer_id`.
    """
    told = Delivered(order_id, **body.model_dump())
    response.status_code = 201 if await use_cases.record_delivery(uow, told, by=caller.subject) else 200
    return await fulfilment.delivery_shown(uow.session, order_id, body.delivery_id)


@router.post("/v1/orders/{order_id}/deliveries/{delivery_id}/cancel")
async def cancel_delivery(
    order_id: OrderId, delivery_id: DeliveryId, uow: Work, caller: Checker, body: DeliveryCancelBody | None = None
) -> DeliveryShown:
    """Tell that the goods of a delivery came back: what of them is not invoiced is open again, if the order is."""
    note = body.note if body else ""
    await use_cases.cancel_delivery(uow, order_id, delivery_id, by=caller.subject, note=note)
    return await fulfilment.delivery_shown(uow.session, order_id, delivery_id)


@router.get("/v1/orders/{order_id}/deliveries")
async def list_deliveries(
    order_id: OrderId, session: Reading, page: Paging, _: Annotated[Principal, Depends(requires("credit:read"))]
) -> Page[DeliveryShown]:
    """List the deliveries of an order by number, cancelled ones too."""
    return await fulfilment.deliveries_of(session, order_id, page)
