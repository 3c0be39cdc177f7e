"""Account blocks over HTTP."""

from typing import Annotated

from fastapi import Depends, Path

from credit_service.account_blocks import use_cases
from credit_service.account_blocks.schemas import AccountBlock, BlockBody, UnblockBody
from shared.http.edge import Work, api_router, requires
from shared.security import Principal

router = api_router("credit")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
Analyst = Annotated[Principal, Depends(requires("limits:request"))]


@router.post("/v1/customers/{customer_id}/block")
async def block_account(customer_id: CustomerId, body: BlockBody, uow: Work, caller: Analyst) -> AccountBlock:
    """Block an account: where its policy says so, every new order is held."""
    account = await use_cases.block(
        uow,
        customer_id,
        code=body.reason_code,
        reason=body.reason,
        by=caller.subject,
        may_lift_managers="limits:approve" in caller.scopes,
    )
    return AccountBlock(
        customer_id=customer_id, blocked=account.blocked, reason_code=body.reason_code, version=account.version
    )


@router.post("/v1/customers/{customer_id}/unblock")
async def unblock_account(
    customer_id: CustomerId, uow: Work, caller: Analyst, body: UnblockBody | None = None
) -> AccountBlock:
    """Lift a block; what it alone held is released. A block for `legal` or `hold_orders` is lifted by who approves limits."""
    account = await use_cases.unblock(
        uow,
        customer_id,
        reason=body.reason if body else None,
        by=caller.subject,
        may_lift_managers="limits:approve" in caller.scopes,
    )
    return AccountBlock(customer_id=customer_id, blocked=account.blocked, reason_code=None, version=account.version)
