"""Limit pools over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import CustomerNotFoundError
from credit_service.limit_pools import use_cases
from credit_service.limit_pools.schemas import LimitPool, LimitPoolBody, shown
from shared.days import Day
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.security import Principal

router = api_router("limits")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]


@router.get("/v1/customers/{customer_id}/limit-pool")
async def get_limit_pool(
    customer_id: CustomerId,
    request: Request,
    response: Response,
    session: Reading,
    _: Annotated[Principal, Depends(requires("credit:read"))],
    as_of: Annotated[Day | None, Query(description="Day of the limit; today where none is given")] = None,
) -> LimitPool:
    """Return whether a customer's group shares its limit, and the pool that the customer belongs to itself."""
    account = (await credit_accounts.accounts(session, [customer_id])).get(customer_id)
    if account is None:
        raise CustomerNotFoundError(customer_id)
    own = await use_cases.version_of(session, customer_id)
    pool = use_cases.seen_by(account, await use_cases.pools(session, [account]))
    members = await credit_accounts.members_of(session, pool.pool_id) if pool else []
    accounts = await credit_accounts.accounts(session, members) if members else {}
    set_etag(response, own[0])
    day = as_of or request.app.state.units.clock.today()
    return shown(customer_id, own, pool, list(accounts.values()), as_of=day)


@router.put("/v1/customers/{customer_id}/limit-pool")
async def put_limit_pool(
    customer_id: CustomerId,
    body: LimitPoolBody,
    response: Response,
    uow: Work,
    caller: Annotated[Principal, Depends(requires("limits:approve"))],
    expected: ExpectedVersion,
) -> LimitPool:
    """Have this customer and everyone below it share its limit, or let each stand on its own again.

    A member's order is held when its own limit or the shared one is passed. A member that was never given a limit has only
    the shared one, and none where the pool ends. Members below another pool belong to that one.
    """
    row = await use_cases.share_limit(
        uow,
        customer_id,
        managed_together=body.managed_together,
        by=caller.subject,
        reason=body.reason,
        expected_version=expected,
    )
    account = (await credit_accounts.accounts(uow.session, [customer_id]))[customer_id]
    pool = use_cases.seen_by(account, await use_cases.pools(uow.session, [account]))
    members = await credit_accounts.members_of(uow.session, pool.pool_id) if pool else []
    accounts = await credit_accounts.accounts(uow.session, members) if members else {}
    set_etag(response, row.version)
    own = (row.version, row.managed_together)
    return shown(customer_id, own, pool, list(accounts.values()), as_of=uow.clock.today())
