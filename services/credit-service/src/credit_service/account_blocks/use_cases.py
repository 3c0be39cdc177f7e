"""Blocks accounts and lifts their blocks."""

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import Account
from credit_service.releases import use_cases as releases
from shared.unit_of_work import UnitOfWork


async def block(uow: UnitOfWork, customer_id: str, *, reason: str) -> Account:
    """Stop every new order of a customer; raise `CustomerNotFoundError`."""
    return await credit_accounts.set_blocked(uow, customer_id, blocked=True, reason=reason)


async def unblock(uow: UnitOfWork, customer_id: str) -> Account:
    """Lift a block and look again at what it held; raise `CustomerNotFoundError`."""
    account = await credit_accounts.set_blocked(uow, customer_id, blocked=False, reason=None)
    return await releases.recheck(uow, account)
