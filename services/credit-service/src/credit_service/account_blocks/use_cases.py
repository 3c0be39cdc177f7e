"""Blocks accounts and lifts their blocks."""

from credit_service.account_blocks.domain import MANAGERS, ManagersBlockError
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import Account
from credit_service.releases import use_cases as releases
from shared.unit_of_work import UnitOfWork


async def block(
    uow: UnitOfWork, customer_id: str, *, code: str, reason: str, by: str, may_lift_managers: bool
) -> Account:
    """Stop every new order of a customer, and have what is held name the block.

    Raises `CustomerNotFoundError`, and `ManagersBlockError` where it would replace a manager's block.
    """
    account = await credit_accounts.locked_account(uow, customer_id)
    if code not in MANAGERS and not may_lift_managers:
        await _ensure_not_a_managers(uow, customer_id)
    account = await credit_accounts.block(uow, account, code=code, reason=reason, by=by)
    return await releases.recheck(uow, account)


async def unblock(
    uow: UnitOfWork, customer_id: str, *, reason: str | None, by: str, may_lift_managers: bool
) -> Account:
    """Lift a block and look again at what it held; raise `CustomerNotFoundError`, `ManagersBlockError`."""
    account = await credit_accounts.locked_account(uow, customer_id)
    if not may_lift_managers:
        await _ensure_not_a_managers(uow, customer_id)
    account = await credit_accounts.unblock(uow, account, reason=reason, by=by)
    return await releases.recheck(uow, account)


async def _ensure_not_a_managers(uow: UnitOfWork, customer_id: str) -> None:
    block = await credit_accounts.block_of(uow.session, customer_id)
    if block is not None and block.code in MANAGERS:
        raise ManagersBlockError(block.code)
