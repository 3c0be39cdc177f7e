"""Returns over HTTP; what is done about them then is in `payment_exceptions/routes.py`."""

from typing import Annotated

from fastapi import Depends, Request, Response

from cashapp_service.applications.routes import recorder
from cashapp_service.customers.routes import CustomerOwner
from cashapp_service.payment_exceptions import routes as payment_exceptions
from cashapp_service.payment_exceptions.domain.bank_return import BankReturn
from cashapp_service.receipts.routes import ReceiptId, view
from cashapp_service.returns import use_cases
from cashapp_service.returns.schemas import ReturnBody, ReturnedReceipt
from cashapp_service.returns.use_cases import Actor
from shared.http.edge import Work, api_router, requires
from shared.security import Principal

router = api_router("payment exceptions")

Applier = Annotated[Principal, Depends(requires("receipts:apply"))]


@router.post("/v1/receipts/{receipt_id}/return", status_code=201)
async def return_receipt(
    receipt_id: ReceiptId,
    body: ReturnBody,
    request: Request,
    response: Response,
    uow: Work,
    owner: CustomerOwner,
    caller: Applier,
) -> ReturnedReceipt:
    """Take a payment back that the bank returned: what it paid is open again, and a payment exception is opened (201).

    A card payment may come back in part (`amount`), more than once: the applications that are named, else the latest, are taken
    back, and what the bank left of them pays the same items again. What has come back whole does not again: that is a 409. With
    its `case_reference` a return is known again: the same content changes nothing (200), other content is a 409.
    """
    opened = await use_cases.return_receipt(uow, receipt_id, _said(body), actor=Actor(recorder(request, caller), owner))
    response.status_code = 200 if opened.repeated else 201
    receipt = await view(uow.session, receipt_id, caller)
    exception = await payment_exceptions.view(uow.session, opened.exception_id)
    return ReturnedReceipt(payment_exception=exception, **receipt.model_dump())


def _said(body: ReturnBody) -> BankReturn:
    return BankReturn(**body.model_dump() | {"application_ids": tuple(dict.fromkeys(body.application_ids))})
