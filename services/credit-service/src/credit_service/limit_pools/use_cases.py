"""What can be done with limit pools: share a limit, follow the groups of the master data, and add up what a pool owes."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import ZERO, Account, CustomerNotFoundError
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.exchange_rates.domain import Rates
from credit_service.holds import use_cases as holds
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.limit_pools import repository
from credit_service.limit_pools.domain import RECHECK_POOL, Pool, pool_of
from credit_service.limit_pools.tables import LimitPoolRow
from shared.jobs import enqueue
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def locked(uow: UnitOfWork, accounts: Iterable[Account], *, wait: bool = True) -> set[str]:
    """Lock the pools of locked accounts, without `wait` only those that nobody has locked; return the locked ones.

    No account may be locked afterwards.
    """
    pool_ids = {one.pool_id for one in accounts if one.pool_id is not None}
    return await repository.lock(uow.session, pool_ids, wait=wait) if pool_ids else set()


async def pools(session: AsyncSession, accounts: Iterable[Account]) -> dict[str, Pool]:
    """Return the pools of these accounts with what their members owe as of now.

    Who grants has locked the pool in a statement before: a sum that was begun earlier could miss the last grant.
    """
    pool_ids = {one.pool_id for one in accounts if one.pool_id is not None}
    if not pool_ids:
        return {}
    sums = await credit_accounts.pooled_exposures(session, pool_ids)
    heads = await credit_accounts.accounts(session, pool_ids)
    return {
        pool_id: Pool(pool_id, head.currency, None, head.limit, head.cover, *sums.get(pool_id, (ZERO, 0)))
        for pool_id, head in heads.items()
    }


def seen_by(account: Account, known: Mapping[str, Pool]) -> Pool | None:
    """Return the pool of an account as it sees it."""
    return known[account.pool_id].seen_by(account.pool_rate) if account.pool_id is not None else None


async def share_limit(
    uow: UnitOfWork, pool_id: str, *, managed_together: bool, by: str, reason: str | None, expected_version: int | None
) -> LimitPoolRow:
    """Have a customer's group share its limit, or each member stand on its own again; what is so already stays unchanged.

    Raises `CustomerNotFoundError`, `StaleVersionError`.
    """
    await repository.lock_tree(uow.session)
    if not await credit_accounts.accounts(uow.session, [pool_id]):
        raise CustomerNotFoundError(pool_id)
    row = await repository.find(uow.session, pool_id)
    ensure_fresh(expected_version, row.version if row else 0)
    if row is None:
        row = LimitPoolRow(
            pool_id=pool_id, version=0, managed_together=False, changed_by=by, changed_at=uow.clock.now()
        )
    before = row.managed_together
    if before == managed_together:
        return row
    # Before the pool's row is written: who grants on it has locked an account first.
    await credit_accounts.locked_accounts(uow, await repository.below(uow.session, pool_id))
    uow.session.add(row)
    row.version += 1
    row.managed_together = managed_together
    row.changed_by, row.changed_at = by, uow.clock.now()
    await uow.session.flush()
    old, new = {"managed_together": before}, {"managed_together": managed_together}
    await _regroup(uow, pool_id, by=by)
    await journal.record(uow, Entry(pool_id, "limit_pool.changed", by, old=old, new=new, reason=reason))
    return row


async def place(uow: UnitOfWork, customer_id: str, parent_id: str | None, *, by: str) -> None:
    """Have a customer, with everyone below it, follow a changed parent. The caller has no account locked but its own."""
    await repository.lock_tree(uow.session)
    await repository.place(uow.session, customer_id, parent_id)
    await _regroup(uow, customer_id, by=by)


async def _regroup(uow: UnitOfWork, customer_id: str, *, by: str) -> None:
    """Give the pool that it belongs to now to each account from this customer downwards, with a rate to its currency."""
    below = await repository.below(uow.session, customer_id)
    parents = {**await repository.above(uow.session, customer_id), **below}
    heads = await repository.heads(uow.session, {*parents, *filter(None, parents.values())})
    homes = {one: pool_of(one, parents, heads) for one in below}
    accounts = await credit_accounts.locked_accounts(uow, below)
    moving = [account for account in accounts.values() if account.pool_id != homes[account.customer_id]]
    rates = await exchange_rates.rates_for_document(uow.session, uow.clock.today())
    currencies = await _currencies(uow.session, filter(None, homes.values()))
    moved = [_joined(account, homes[account.customer_id], currencies, rates) for account in moving]
    await credit_accounts.save_pools(uow, moved)
    for old, new in zip(moving, moved, strict=True):
        entry = Entry(new.customer_id, "limit_pool.joined" if new.pool_id else "limit_pool.left", by)
        entry = replace(entry, old={"pool_id": old.pool_id}, new={"pool_id": new.pool_id, "rate": _text(new.pool_rate)})
        await journal.record(uow, entry)
    # Who left takes its exposure along, and who joined may find more room: held orders of both are looked at again.
    alone = {new.customer_id for new in moved if new.pool_id is None}
    for pool_id in sorted({pool_id for one in (*moving, *moved) if (pool_id := one.pool_id)}):
        left = [old.customer_id for old in moving if old.pool_id == pool_id and old.customer_id in alone]
        await want_recheck(uow, pool_id, left=left)


async def _currencies(session: AsyncSession, pool_ids: Iterable[str]) -> dict[str, str]:
    heads = await credit_accounts.accounts(session, set(pool_ids))
    return {pool_id: head.currency for pool_id, head in heads.items()}


def _joined(account: Account, pool_id: str | None, currencies: Mapping[str, str], rates: Rates) -> Account:
    rate = None if pool_id is None else rates.between(account.currency, currencies[pool_id])
    return replace(account, pool_id=pool_id, pool_rate=rate)


def _text(rate: Decimal | None) -> str | None:
    return None if rate is None else str(rate)


async def version_of(session: AsyncSession, customer_id: str) -> tuple[int, bool]:
    """Return the version of a customer's own pool and whether its group shares its limit; 0 where it never did."""
    row = await repository.find(session, customer_id)
    return (row.version, row.managed_together) if row else (0, False)


async def take_rates(uow: UnitOfWork) -> int:
    """Take the newest rates for members in another currency than their pool's, and return how many have other ones now."""
    members = await credit_accounts.foreign_members(uow)
    rates = await exchange_rates.rates_for_document(uow.session, uow.clock.today())
    currencies = await _currencies(uow.session, {one.pool_id for one in members if one.pool_id})
    converted = [_joined(one, one.pool_id, currencies, rates) for one in members]
    changed = [
        new for old, new in zip(members, converted, strict=True) if new.pool_rate and new.pool_rate != old.pool_rate
    ]
    await credit_accounts.save_pools(uow, changed)
    for pool_id in sorted({one.pool_id for one in changed if one.pool_id}):
        await want_recheck(uow, pool_id)
    return len(changed)


async def want_recheck(
    uow: UnitOfWork, pool_id: str, *, days: Mapping[str, date] | None = None, left: Collection[str] = ()
) -> None:
    """Have a job look again at what is held of a pool's members, where anything is; once for a transaction and these days.

    Nobody else may: who holds one account must not wait for those of the others. `days` are the business days that
    members have seen with what has changed; those who `left` to stand on their own are looked at too.
    """
    members = await credit_accounts.members_of(uow.session, pool_id)
    if not await holds.customers_held(uow, {*members, *left}):
        return
    told = ",".join([*(f"{customer_id}={day}" for customer_id, day in sorted((days or {}).items())), *sorted(left)])
    seen = hashlib.sha256(told.encode()).hexdigest()[:16]
    await enqueue(
        uow,
        prefix="crj",
        kind=RECHECK_POOL,
        requested_by="system",
        params={
            "pool_id": pool_id,
            "days": {one: day.isoformat() for one, day in (days or {}).items()},
            "left": sorted(left),
        },
        natural_key=f"{RECHECK_POOL}:{await repository.transaction(uow.session)}:{seen}:{pool_id}",
    )
