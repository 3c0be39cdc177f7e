"""What can be done with a credit account itself. Each function locks the account first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts import repository, schemas
from credit_service.credit_accounts.domain import (
    ZERO,
    Account,
    Block,
    Cover,
    CreditChange,
    CurrencyInUseError,
    Exposure,
    Limit,
    LimitDecision,
    fallen_back,
)
from credit_service.credit_accounts.schemas import LimitChange
from credit_service.credit_accounts.tables import LimitChangeRow
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from shared.events.credit import CreditLimitChanged
from shared.money import Money
from shared.unit_of_work import UnitOfWork

RISK_CLASS_AT_START = "C"


@dataclass(frozen=True, slots=True)
class AssessedRisk:
    """What an assessment gives an account."""

    score: int
    risk_class: str
    next_review_on: date


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
    uow: UnitOfWork,
    account: Account,
    limit: Limit,
    *,
    decision: LimitDecision,
    payment_terms: str | None = None,
    risk_class: str | None = None,
    next_review_on: date | None = None,
) -> Account:
    """Give a locked account a limit and, where stated, terms, risk class and review date, with one line in the journal."""
    change = CreditChange.of(
        account,
        limit,
        decision,
        payment_terms=payment_terms,
        risk_class=risk_class,
        next_review_on=next_review_on,
    )
    return (await change_credit(uow, [change]))[0]


async def change_credit(uow: UnitOfWork, changes: Sequence[CreditChange]) -> list[Account]:
    """Carry out decisions about locked accounts, one of each, with one line in the journal of limits each."""
    if not changes:
        return []
    await repository.save_decided(uow.session, [change.new for change in changes])
    await repository.add_limit_changes(uow.session, changes, at=uow.clock.now())
    await journal.record_all(uow, [_entry(change) for change in changes])
    uow.publish(*(_told(change.new) for change in changes))
    # An account of another class comes back with the policy of that class.
    moved = {change.new.customer_id for change in changes if change.new.risk_class != change.old.risk_class}
    fresh = await repository.facts_for_update(uow.session, moved) if moved else {}
    return [fresh.get(change.new.customer_id, change.new) for change in changes]


def _entry(change: CreditChange) -> Entry:
    """Return what the credit file is told of a change."""
    old, new = change.filed()
    decision = change.decision
    return Entry(
        change.new.customer_id, "limit.changed", decision.approved_by, decision.request_id, old, new, decision.reason
    )


async def schedule_reviews(uow: UnitOfWork, days: Mapping[str, date]) -> None:
    """Set when locked accounts are to be reviewed next. Others are not told, so they have the same version."""
    if days:
        await repository.save_reviews(uow.session, days)


async def end_temporary_increases(uow: UnitOfWork, as_of: date) -> int:
    """Write down that increases ended before `as_of`, which they do by their date alone; return how many."""
    customers = await repository.customers_with_increase_ended(uow.session, as_of)
    accounts = (await repository.facts_for_update(uow.session, customers)).values()
    ended = [one for one in accounts if one.limit.temporary_until and one.limit.temporary_until < as_of]
    for_day = f"day:{as_of}"
    await change_credit(
        uow, [CreditChange.of(one, one.limit.lasting, fallen_back(one.limit, for_day)) for one in ended]
    )
    return len(ended)


async def take_assessed(uow: UnitOfWork, assessed: Sequence[tuple[Account, AssessedRisk]]) -> list[Account]:
    """Give locked accounts score, risk class and review date, and return those that changed; the caller keeps the journal."""
    changed = []
    for account, risk in assessed:
        taken = replace(account, score=risk.score, risk_class=risk.risk_class, next_review_on=risk.next_review_on)
        if taken != account:
            changed.append(replace(taken, version=account.version + 1))
    if changed:
        await repository.save_assessed(uow.session, changed)
        uow.publish(*map(_told, changed))
    return changed


async def customer_ids(session: AsyncSession, *, after: str, limit: int) -> list[str]:
    """Return the next customers by number behind `after`, for who goes through all of them."""
    return await repository.customer_ids(session, after=after, limit=limit)


async def count(session: AsyncSession) -> int:
    """Return how many accounts there are."""
    return await repository.count(session)


async def change_cover(uow: UnitOfWork, account: Account, cover: Cover) -> Account:
    """Take over what a locked account is insured for; the caller keeps the journal of the insurance."""
    changed = replace(account, cover=cover, version=account.version + 1)
    await repository.change(
        uow.session,
        account.customer_id,
        insured_amount=cover.insured,
        insured_cover=cover.paid,
        insured_until=cover.valid_until,
        version=changed.version,
    )
    uow.publish(_told(changed))
    return changed


async def block(
    uow: UnitOfWork, account: Account, *, code: str, reason: str, by: str, subject: str | None = None
) -> Account:
    """Block a locked account. On one that is blocked, the new reason takes the place of the old one."""
    before = await block_of(uow.session, account.customer_id)
    if before is not None and (before.code, before.reason) == (code, reason):
        return account
    columns = {"block_code": code, "block_reason": reason, "blocked_by": by, "blocked_at": uow.clock.now()}
    blocked = await _set_blocked(uow, account, columns, blocked=True)
    old = {"blocked": account.blocked} | ({"code": before.code, "reason": before.reason} if before else {})
    new = {"blocked": True, "code": code}
    await journal.record(uow, Entry(account.customer_id, "account.blocked", by, subject, old, new, reason))
    return blocked


async def unblock(uow: UnitOfWork, account: Account, *, reason: str | None, by: str) -> Account:
    """Lift the block of a locked account; one that is not blocked stays unchanged."""
    before = await block_of(uow.session, account.customer_id)
    if before is None:
        return account
    columns = {"block_code": None, "block_reason": None, "blocked_by": None, "blocked_at": None}
    free = await _set_blocked(uow, account, columns, blocked=False)
    old = {"blocked": True, "code": before.code, "reason": before.reason}
    await journal.record(
        uow, Entry(account.customer_id, "account.unblocked", by, None, old, {"blocked": False}, reason)
    )
    return free


async def _set_blocked(uow: UnitOfWork, account: Account, columns: dict[str, Any], *, blocked: bool) -> Account:
    """Write a block; others are told only where it begins or ends."""
    changed = account
    if account.blocked != blocked:
        changed = replace(account, blocked=blocked, version=account.version + 1)
        uow.publish(_told(changed))
    await repository.change(uow.session, account.customer_id, blocked=blocked, version=changed.version, **columns)
    return changed


async def note_conduct(uow: UnitOfWork, account: Account, after: Account) -> bool:
    """Write how far a locked account's customer is dunned, broken promises, returned payments; tell whether that is news."""
    if after == account:
        return False
    await repository.change(
        uow.session,
        account.customer_id,
        dunning_level=after.dunning_level,
        broken_promises=list(after.broken_promises),
        returned_payments=list(after.returned_payments),
    )
    old, new = _conduct(account), _conduct(after)
    news = {name for name in new if new[name] != old[name]}
    entry = Entry(
        account.customer_id,
        "account.conduct_changed",
        "system",
        old={name: old[name] for name in news},
        new={name: new[name] for name in news},
    )
    await journal.record(uow, entry)
    return True


def _conduct(account: Account) -> dict[str, Any]:
    return {
        "dunning_level": account.dunning_level,
        "broken_promises": [day.isoformat() for day in account.broken_promises],
        "returned_payments": [day.isoformat() for day in account.returned_payments],
    }


async def block_of(session: AsyncSession, customer_id: str) -> Block | None:
    """Return the block of an account, None where it is not blocked."""
    row = await repository.find(session, customer_id)
    if row is None or not row.blocked:
        return None
    assert row.block_code is not None, "a check of the table"
    assert row.blocked_at is not None, "a check of the table"
    return Block(row.block_code, row.block_reason or "", row.blocked_by or "", row.blocked_at)


def _told(account: Account) -> CreditLimitChanged:
    return CreditLimitChanged(
        version=account.version,
        customer_id=account.customer_id,
        limit_state=account.limit.state,
        credit_limit=shown(account.limit.shown, account.currency),
        currency=account.currency,
        limit_valid_until=account.limit.valid_until,
        temporary_limit=shown(account.limit.temporary, account.currency),
        temporary_until=account.limit.temporary_until,
        risk_class=account.risk_class,
        blocked=account.blocked,
    )


def shown(amount: Decimal | None, currency: str) -> Decimal | None:
    """Return an amount with the decimals of its currency."""
    return None if amount is None else Money(amount + ZERO, currency).amount


async def accounts(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Account]:
    """Return accounts without a lock, for an answer that changes nothing."""
    return await repository.facts(session, customer_ids)


def numbers_of(*, risk_class: str | None, blocked: bool | None) -> Select[Any]:
    """Return the statement that gives the numbers of the customers with such accounts, to restrict a list by."""
    return repository.numbers_of(risk_class=risk_class, blocked=blocked)


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


async def pooled_exposures(session: AsyncSession, pool_ids: Iterable[str]) -> dict[str, tuple[Decimal, int]]:
    """Return what the members of each pool owe in its currency, and how many of them owe something without a rate."""
    return await repository.pooled_exposures(session, pool_ids)


async def members_of(session: AsyncSession, pool_id: str) -> list[str]:
    """Return the customers that share a limit."""
    return await repository.members_of(session, pool_id)


async def foreign_members(uow: UnitOfWork) -> list[Account]:
    """Lock and return the members of any pool in another currency than its own."""
    customer_ids = await repository.foreign_members(uow.session)
    locked = (await repository.facts_for_update(uow.session, customer_ids)).values() if customer_ids else ()
    return [one for one in locked if one.pool_id is not None]


async def save_pools(uow: UnitOfWork, changed: Sequence[Account]) -> None:
    """Write the pools of accounts that the caller has locked, with the rates to their currencies."""
    if changed:
        await repository.save_pools(uow.session, changed)


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[LimitChange]:
    """Return a customer's newest limit changes for its credit file."""
    newest = repository.limit_changes(customer_id).order_by(LimitChangeRow.version.desc()).limit(SHOWN_MAX)  # type: ignore[attr-defined]
    return [schemas.shown(row) for row in await session.scalars(newest)]
