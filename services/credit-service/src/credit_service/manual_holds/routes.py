"""Manual holds over HTTP; `releases` ends them."""

from typing import Annotated

from fastapi import Depends, Path, Response

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.holds import use_cases as holds
from credit_service.holds.schemas import HoldShown
from credit_service.manual_holds import use_cases
from credit_service.manual_holds.schemas import CustomerHoldBody, CustomerHolds, ManualHoldBody
from credit_service.manual_holds.use_cases import ManualHold
from shared.http.edge import Work, api_router, requires, set_etag
from shared.security import Principal
from shared.unit_of_work import UnitOfWork

router = api_router("holds")

Holder = Annotated[Principal, Depends(requires("holds:release"))]


@router.post(
    "/v1/holds",
    status_code=201,
    responses={200: {"model": HoldShown, "description": "The order was held already; a person holds it too now"}},
)
async def hold_order(body: ManualHoldBody, response: Response, uow: Work, caller: Holder) -> HoldShown:
    """Put an order on hold by hand, approved or released or held already. It never releases itself: a person ends it."""
    hold_id, is_new = await use_cases.hold_order(uow, body.order_id, _wanted(body, uow, caller))
    if not is_new:
        response.status_code = 200
    hold = await holds.shown(uow, hold_id)
    set_etag(response, hold.version)
    return hold


@router.post("/v1/customers/{customer_id}/holds", status_code=201)
async def hold_customer(
    customer_id: Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")],
    body: CustomerHoldBody,
    uow: Work,
    caller: Holder,
) -> CustomerHolds:
    """Put every order of a customer that is still to go on hold by hand. New orders are not concerned: block the account."""
    account = await credit_accounts.locked_account(uow, customer_id)
    placed = await use_cases.hold_open_orders(uow, account, _wanted(body, uow, caller))
    return CustomerHolds(data=[await holds.shown(uow, hold_id) for hold_id in placed])


def _wanted(body: CustomerHoldBody, uow: UnitOfWork, caller: Principal) -> ManualHold:
    return ManualHold(body.reason_code, body.note, caller.subject, body.as_of or uow.clock.today())
