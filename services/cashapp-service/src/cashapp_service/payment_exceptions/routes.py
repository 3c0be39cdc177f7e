"""Returned payments over HTTP."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Query

from cashapp_service.payment_exceptions import repository, use_cases
from cashapp_service.payment_exceptions.schemas import PaymentException, ResolutionBody, ReturnBody, ReturnedReceipt
from cashapp_service.payment_exceptions.tables import PaymentExceptionRow
from cashapp_service.receipts.routes import ReceiptId, view
from shared.days import Day
from shared.http.edge import Reading, Work, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import exact
from shared.security import Principal

router = api_router("payment exceptions")

Reader = Annotated[Principal, Depends(requires("items:read"))]
Applier = Annotated[Principal, Depends(requires("receipts:apply"))]


def shown(row: PaymentExceptionRow) -> PaymentException:
    """Return a payment exception on the wire."""
    amounts = {
        "amount": exact(row.amount, row.currency),
        "fee": exact(row.fee, row.currency) if row.fee is not None else None,
    }
    return PaymentException.model_validate(row.model_dump() | amounts | {"id": row.exception_id})


@router.post("/v1/receipts/{receipt_id}/return", status_code=201)
async def return_receipt(receipt_id: ReceiptId, body: ReturnBody, uow: Work, caller: Applier) -> ReturnedReceipt:
    """Take a payment back that the bank returned: what it paid is open again, and a payment exception is opened (201).

    A second return of the same receipt is a 409.
    """
    row = await use_cases.return_receipt(
        uow, receipt_id, reason=body.reason, value_date=body.value_date, fee=body.fee, by=caller.subject
    )
    receipt = await view(uow.session, receipt_id, caller)
    return ReturnedReceipt(payment_exception=shown(row), **receipt.model_dump())


@router.get("/v1/payment-exceptions")
async def list_exceptions(
    session: Reading,
    page: Paging,
    _: Reader,
    status: Annotated[Literal["open", "resolved"] | None, Query(description="Where it stands")] = None,
    customer_id: Annotated[str | None, Query(min_length=1, max_length=64, description="Who had paid")] = None,
    due_before: Annotated[Day | None, Query(description="Deadline before this day")] = None,
) -> Page[PaymentException]:
    """List payment exceptions by deadline."""
    statement = repository.matching(status=status, customer_id=customer_id, due_before=due_before)
    by = (PaymentExceptionRow.deadline_on, PaymentExceptionRow.exception_id)
    rows, cursor = await fetch_page(session, statement, by=by, page=page)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.post("/v1/payment-exceptions/{exception_id}/resolve")
async def resolve_exception(
    exception_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    body: ResolutionBody,
    uow: Work,
    caller: Applier,
) -> PaymentException:
    """Settle a payment exception with its outcome."""
    row = await use_cases.resolve_exception(uow, exception_id, outcome=body.outcome, note=body.note, by=caller.subject)
    return shown(row)
