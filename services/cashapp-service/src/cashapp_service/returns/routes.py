"""Returns over HTTP; what is done about them then is in `payment_exceptions/routes.py`."""

from typing import Annotated

from fastapi import Depends

from cashapp_service.payment_exceptions import routes as payment_exceptions
from cashapp_service.payment_exceptions.domain.bank_return import BankReturn
from cashapp_service.receipts.routes import ReceiptId, view
from cashapp_service.returns import use_cases
from cashapp_service.returns.schemas import ReturnBody, ReturnedReceipt
from shared.http.edge import Work, api_router, requires
from shared.security import Principal

router = api_router("payment exceptions")

Applier = Annotated[Principal, Depends(requires("receipts:apply"))]


@router.post("/v1/receipts/{receipt_id}/return", status_code=201)
async def return_receipt(receipt_id: ReceiptId, body: ReturnBody, uow: Work, caller: Applier) -> ReturnedReceipt:
    """Take a payment back that the bank returned: what it paid is open again, and a payment exception is opened (201).

    It is returned whole, and once: a second return of the same receipt is a 409. Of a chargeback over a part, return the payment
    and post what the bank left of it as a receipt of its own.
    """
    opened = await use_cases.return_receipt(uow, receipt_id, BankReturn(**body.model_dump()), by=caller.subject)
    receipt = await view(uow.session, receipt_id, caller)
    exception = await payment_exceptions.view(uow.session, opened.exception_id)
    return ReturnedReceipt(payment_exception=exception, **receipt.model_dump())
