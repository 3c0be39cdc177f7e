"""What can be done with a credit account itself. Each function locks the account first."""

from collections.abc import Iterable, Sequence
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
    CurrencyInUseError,
    Exposure,
    Limit,
    LimitChangeKind,
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
class LimitDecision:
    """Who asked for a change of the credit, who approved it, why, and what speaks for it.

    `request_id` is the document behind it: a limit request, a mass change, a recommendation.
    """

    requested_by: str
    approved_by: str
    reason: str
    request_id: str
    evidence: tuple[str, ...] = ()
    kind: LimitChangeKind = "limit"


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
    changed = replace(
        account,
        limit=limit,
        payment_terms=payment_terms or account.payment_terms,
        risk_class=risk_class or account.risk_class,
        next_review_on=next_review_on or account.next_review_on,
        version=account.version + 1,
        limit_decided=account.limit_decided or decision.kind not in ("terms", "temporary_ended"),
    )
    await repository.change(uow.session, account.customer_id, **_columns(changed))
    uow.session.add(_line(account, changed, decision, uow))
    await _record(uow, account, changed, decision)
    uow.publish(_told(changed))
    if changed.risk_class == account.risk_class:
        return changed
    return await repository.lock(uow.session, account.customer_id)  # with the policy of the new class


async def schedule_review(uow: UnitOfWork, account: Account, next_review_on: date) -> Account:
    """Set when a locked account is to be reviewed next. Others are not told, so it has the same version."""
    await repository.change(uow.session, account.customer_id, next_review_on=next_review_on)
    return replace(account, next_review_on=next_review_on)


async def end_temporary_increases(uow: UnitOfWork, as_of: date) -> int:
    """Write down that increases ended before `as_of`, which they do by their date alone; return how many."""
    customers = await repository.customers_with_increase_ended(uow.session, as_of)
    count = 0
    for account in (await repository.facts_for_update(uow.session, customers)).values():
        until = account.limit.temporary_until
        if until is None or until >= as_of:
            continue
        reason = f"the temporary increase held until {until}"
        ended = LimitDecision("system", "system", reason, f"day:{as_of}", kind="temporary_ended")
        await change_limit(uow, account, account.limit.lasting, decision=ended)
        count += 1
    return count


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


def _columns(account: Account) -> dict[str, Any]:
    """Return the columns that a decision about the credit may change."""
    return {
        "version": account.version,
        "limit_state": account.limit.state,
        "credit_limit": account.limit.amount,
        "limit_valid_until": account.limit.valid_until,
        "temporary_limit": account.limit.temporary,
        "temporary_until": account.limit.temporary_until,
        "limit_decided": account.limit_decided,
        "payment_terms": account.payment_terms,
        "risk_class": account.risk_class,
        "next_review_on": account.next_review_on,
    }


def _line(old: Account, new: Account, decision: LimitDecision, uow: UnitOfWork) -> LimitChangeRow:
    return LimitChangeRow(
        customer_id=new.customer_id,
        version=new.version,
        kind=decision.kind,
        old_state=old.limit.state,
        old_limit=old.limit.amount,
        old_valid_until=old.limit.valid_until,
        old_temporary=old.limit.temporary,
        old_temporary_until=old.limit.temporary_until,
        old_risk_class=old.risk_class,
        old_payment_terms=old.payment_terms,
        new_state=new.limit.state,
        new_limit=new.limit.amount,
        new_valid_until=new.limit.valid_until,
        new_temporary=new.limit.temporary,
        new_temporary_until=new.limit.temporary_until,
        new_risk_class=new.risk_class,
        new_payment_terms=new.payment_terms,
        currency=new.currency,
        requested_by=decision.requested_by,
        approved_by=decision.approved_by,
        reason=decision.reason,
        evidence=list(decision.evidence),
        request_id=decision.request_id,
        changed_at=uow.clock.now(),
    )


async def _record(uow: UnitOfWork, old: Account, new: Account, decision: LimitDecision) -> None:
    """Tell the credit file what has changed."""
    before, after = _as_filed(old), _as_filed(new)
    changed = [name for name, value in after.items() if before[name] != value]
    await journal.record(
        uow,
        Entry(
            customer_id=new.customer_id,
            kind="limit.changed",
            actor=decision.approved_by,
            subject=decision.request_id,
            old={name: before[name] for name in changed},
            new={name: after[name] for name in changed},
            reason=decision.reason,
        ),
    )


def _as_filed(account: Account) -> dict[str, Any]:
    """Return what a decision may change, as JSON values: the limit `unmanaged` or its amount."""
    limit, currency = account.limit, account.currency

    def written(value: Decimal | date | None) -> str | None:
        return str(shown(value, currency) if isinstance(value, Decimal) else value) if value is not None else None

    return {
        "limit": "unmanaged" if limit.shown is None else written(limit.shown),
        "valid_until": written(limit.valid_until),
        "temporary_limit": written(limit.temporary),
        "temporary_until": written(limit.temporary_until),
        "risk_class": account.risk_class,
        "payment_terms": account.payment_terms,
        "next_review_on": written(account.next_review_on),
    }


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
