"""What can be done with a credit account itself. Each function locks the account first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts import repository
from credit_service.credit_accounts.domain import (
    ZERO,
    Account,
    CurrencyInUseError,
    CustomerNotFoundError,
    Exposure,
    Limit,
)
from credit_service.credit_accounts.tables import LimitChangeRow
from shared.events.credit import CreditLimitChanged
from shared.money import Money
from shared.unit_of_work import UnitOfWork

RISK_CLASS_AT_START = "C"


@dataclass(frozen=True, slots=True)
class LimitDecision:
    """Who asked for a limit, who approved it, and why."""

    requested_by: str
    approved_by: str
    reason: str
    request_id: str


async def open_account(uow: UnitOfWork, customer_id: str, *, currency: str, payment_terms: str) -> Account:
    """Open the account of a new customer, without credit until a limit is given."""
    await repository.lock_unopened(uow.session, [customer_id])
    account = Account(customer_id, currency, 0, Limit("zero"), RISK_CLASS_AT_START, False, Exposure(), None, 0)
    await repository.add(uow.session, account, payment_terms=payment_terms)
    return account


async def change_currency(uow: UnitOfWork, account: Account, currency: str, *, in_use: bool) -> None:
    """Give a locked account another currency.

    `in_use` tells whether there are orders, items or receipts in the present one. Raises `CurrencyInUseError` then, and where
    a limit was ever given in it.
    """
    if in_use or account.version > 0:
        raise CurrencyInUseError(account.currency)
    await repository.change(uow.session, account.customer_id, currency=currency)


async def change_payment_terms(uow: UnitOfWork, customer_id: str, payment_terms: str) -> None:
    """Take over changed payment terms."""
    await repository.change(uow.session, customer_id, payment_terms=payment_terms)


async def change_limit(
    uow: UnitOfWork, account: Account, limit: Limit, *, payment_terms: str | None, decision: LimitDecision
) -> Account:
    """Give a locked account a new limit, with its line in the journal."""
    changed = replace(account, limit=limit, version=account.version + 1, limit_decided=True)
    values = {
        "limit_state": limit.state,
        "credit_limit": limit.amount,
        "limit_valid_until": limit.valid_until,
        "temporary_limit": limit.temporary,
        "temporary_until": limit.temporary_until,
        "limit_decided": True,
        "version": changed.version,
    } | ({"payment_terms": payment_terms} if payment_terms else {})
    await repository.change(uow.session, account.customer_id, **values)
    uow.session.add(_journal(account, changed, decision, uow))
    uow.publish(_told(changed))
    return changed


async def set_blocked(uow: UnitOfWork, customer_id: str, *, blocked: bool, reason: str | None) -> Account:
    """Block an account or lift its block; what is so already stays unchanged."""
    account = await repository.lock(uow.session, customer_id)
    if account.blocked == blocked:
        return account
    changed = replace(account, blocked=blocked, version=account.version + 1)
    await repository.change(
        uow.session, customer_id, blocked=blocked, block_reason=reason if blocked else None, version=changed.version
    )
    uow.publish(_told(changed))
    return changed


def _journal(old: Account, new: Account, decision: LimitDecision, uow: UnitOfWork) -> LimitChangeRow:
    return LimitChangeRow(
        customer_id=new.customer_id,
        version=new.version,
        old_state=old.limit.state,
        old_limit=old.limit.amount,
        old_valid_until=old.limit.valid_until,
        new_state=new.limit.state,
        new_limit=new.limit.amount,
        new_valid_until=new.limit.valid_until,
        currency=new.currency,
        requested_by=decision.requested_by,
        approved_by=decision.approved_by,
        reason=decision.reason,
        request_id=decision.request_id,
        changed_at=uow.clock.now(),
    )


def _told(account: Account) -> CreditLimitChanged:
    return CreditLimitChanged(
        version=account.version,
        customer_id=account.customer_id,
        limit_state=account.limit.state,
        credit_limit=shown(account.limit.shown, account.currency),
        currency=account.currency,
        limit_valid_until=account.limit.valid_until,
        risk_class=account.risk_class,
        blocked=account.blocked,
    )


def shown(amount: Decimal | None, currency: str) -> Decimal | None:
    """Return an amount with the decimals of its currency."""
    return None if amount is None else Money(amount + ZERO, currency).amount


async def accounts(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Account]:
    """Return accounts without a lock, for an answer that changes nothing."""
    return await repository.facts(session, customer_ids)


async def locked_accounts(uow: UnitOfWork, customer_ids: Iterable[str], *, wait: bool = True) -> dict[str, Account]:
    """Lock and return accounts in the order of their numbers; without `wait` only those that nobody has locked."""
    if wait:
        return await repository.facts_for_update(uow.session, customer_ids)
    return await repository.free_facts_for_update(uow.session, customer_ids)


async def locked_account(uow: UnitOfWork, customer_id: str) -> Account:
    """Lock and return one account; raise `CustomerNotFoundError`."""
    return await repository.lock(uow.session, customer_id)


async def accounts_or_their_place(uow: UnitOfWork, customer_ids: Iterable[str]) -> dict[str, Account]:
    """Lock accounts; where one is not open yet, keep it from being opened until this transaction ends."""
    wanted = set(customer_ids)
    found = await repository.facts_for_update(uow.session, wanted)
    if absent := wanted - found.keys():
        await repository.lock_unopened(uow.session, absent)
        found |= await repository.facts_for_update(uow.session, absent)
    return found


async def save_exposures(uow: UnitOfWork, changed: Sequence[Account]) -> None:
    """Write the exposure of accounts that the caller has locked."""
    if changed:
        await repository.save_exposures(uow.session, changed)


async def save_open_orders(uow: UnitOfWork, changed: Sequence[Account]) -> None:
    """Write what is reserved for orders of accounts that the caller has locked."""
    if changed:
        await repository.save_open_orders(uow.session, changed)


async def payment_terms_of(session: AsyncSession, customer_id: str) -> str:
    """Return the terms agreed; raise `CustomerNotFoundError`."""
    row = await repository.find(session, customer_id)
    if row is None:
        raise CustomerNotFoundError(customer_id)
    return row.payment_terms
