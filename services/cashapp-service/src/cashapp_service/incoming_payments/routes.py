"""Money that comes in, over HTTP."""

from typing import Annotated

from fastapi import Depends, Request, Response

from cashapp_service.applications.routes import recorder
from cashapp_service.customers.routes import CustomerOwner
from cashapp_service.incoming_payments import use_cases
from cashapp_service.receipts.routes import view
from cashapp_service.receipts.schemas import ReceiptBody, ReceiptView
from shared.http.edge import Work, api_router, requires, set_etag
from shared.security import Principal

router = api_router("receipts")

Receiver = Annotated[Principal, Depends(requires("receipts:write"))]


@router.post("/v1/receipts", status_code=201, responses={200: {"model": ReceiptView}})
async def post_receipt(
    body: ReceiptBody, request: Request, response: Response, uow: Work, owner: CustomerOwner, caller: Receiver
) -> ReceiptView:
    """Take a receipt in (201): it is matched, and applied at once where its remittance or reference proves it.

    The same content with the same `bank_reference` changes nothing (200).
    """
    receipt_id, created = await use_cases.receive_payment(
        uow, body.receipt(), recorder=recorder(request, caller), ask_owner=owner
    )
    response.status_code = 201 if created else 200
    shown = await view(uow.session, receipt_id, caller)
    set_etag(response, shown.version)
    return shown
