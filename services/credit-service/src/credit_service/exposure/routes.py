"""A customer's credit over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import ZERO, CustomerNotFoundError
from credit_service.exposure.schemas import Credit, shown
from credit_service.receivables import use_cases as receivables
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
    account = (await credit_accounts.accounts(session, [customer_id])).get(customer_id)
    if account is None:
        raise CustomerNotFoundError(customer_id)
    return shown(
        account,
        payment_terms=account.payment_terms,
        block=await credit_accounts.block_of(session, customer_id) if account.blocked else None,
        overdue=(await receivables.overdue(session, [customer_id], day)).get(customer_id, ZERO),
        disputed=await receivables.disputed(session, customer_id, account.currency),
        as_of=day,
    )
