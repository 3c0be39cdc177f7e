"""Queries and locks of credit accounts.

Order of locks in this service, for every transaction: document (advisory), then accounts by number, then limit pools by number
(only who grants on them), then nothing else that waits: orders, holds and projection rows are changed only by who holds the lock
of their account. The consumer applies many events in one transaction and so takes accounts as they come; who decides checks
therefore never waits while it holds one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts.domain import Account, Cover, CreditChange, CustomerNotFoundError, Exposure, Limit
from credit_service.credit_accounts.tables import (
    CreditAccountRow,
    LimitChangeRow,
    decided_columns,
    limit_change_columns,
)

_NUMBERS = frozenset(
    {"credit_limit", "open_orders", "open_items", "special", "unapplied", "delivered"}
    | {"insured_amount", "insured_cover", "temporary_limit"}
)
_COLUMNS = (
    "customer_id, currency, version, limit_state, credit_limit, limit_valid_until, risk_class, blocked, "
    "open_orders, open_items, special, unapplied, delivered, oldest_due_date, unconverted, payment_terms, score, "
    "next_review_on, dunning_level, broken_promises, returned_payments, insured_amount, insured_cover, insured_until, "
    "temporary_limit, temporary_until, limit_decided, pool_id, pool_rate"
)
# A decimal is read as its text, which is several times faster than PostgreSQL's binary form.
_READ_COLUMNS = ", ".join(
    f"cast({name} as text) as {name}" if name in _NUMBERS else name for name in _COLUMNS.split(", ")
)
FACTS = (
    "with policies as materialized (select risk_class, max(version) as version from credit_policies group by risk_class) "
    f"select {_READ_COLUMNS}, (select version from policies p where p.risk_class = a.risk_class) as policy_version "
    "from credit_accounts a "
    "where customer_id = any(cast(:ids as text[])) order by customer_id"
)
"""Reads accounts, for `account_of`; followed by one of the clauses below it locks them."""
LOCKED = " for no key update of a"
LOCKED_IF_FREE = " for no key update of a skip locked"
_READ = text(FACTS)
_LOCK = text(FACTS + LOCKED)
_LOCK_FREE = text(FACTS + LOCKED_IF_FREE)
_LOCK_UNOPENED = text("select pg_advisory_xact_lock(hashtextextended(:name, 2))")
_SAVE_EXPOSURES = text(
    "update credit_accounts a set open_orders = n.open_orders, open_items = n.open_items, special = n.special, "
    "unapplied = n.unapplied, delivered = n.delivered, oldest_due_date = n.oldest_due_date, unconverted = n.unconverted "
    "from unnest(cast(:ids as text[]), cast(:open_orders as numeric[]), cast(:open_items as numeric[]), "
    "cast(:special as numeric[]), cast(:unapplied as numeric[]), cast(:delivered as numeric[]), cast(:oldest as date[]), "
    "cast(:unconverted as int[])) "
    "as n(customer_id, open_orders, open_items, special, unapplied, delivered, oldest_due_date, unconverted) "
    "where a.customer_id = n.customer_id"
)
SAVE_OPEN_ORDERS = (
    "update credit_accounts a set open_orders = n.open_orders "
    "from unnest(cast(:accounts as text[]), cast(cast(:open_orders as text[]) as numeric[])) "
    "as n(customer_id, open_orders) where a.customer_id = n.customer_id"
)
_SAVE_ASSESSED = text(
    "update credit_accounts a set score = n.score, risk_class = n.risk_class, next_review_on = n.next_review_on, "
    "version = n.version from unnest(cast(:ids as text[]), cast(:scores as int[]), cast(:classes as text[]), "
    "cast(:reviews as date[]), cast(:versions as int[])) as n(customer_id, score, risk_class, next_review_on, version) "
    "where a.customer_id = n.customer_id"
)
_CUSTOMER_IDS = text(
    "select customer_id from credit_accounts where customer_id > :after order by customer_id limit :limit"
)
_COUNT = text("select count(*) from credit_accounts")
_SAVE_OPEN_ORDERS = text(SAVE_OPEN_ORDERS)
_POOLED = text(
    "select pool_id, coalesce(sum(exposure * pool_rate), 0), count(*) filter (where pool_rate is null and exposure <> 0) "
    "from credit_accounts where pool_id = any(:ids) group by pool_id"
)
_MEMBERS = text("select customer_id from credit_accounts where pool_id = :pool_id order by customer_id")
_FOREIGN_MEMBERS = text(
    "select a.customer_id from credit_accounts a join credit_accounts h on h.customer_id = a.pool_id "
    "where a.currency <> h.currency"
)
_SAVE_POOLS = text(
    "update credit_accounts a set pool_id = n.pool_id, pool_rate = n.pool_rate from unnest(cast(:ids as text[]), "
    "cast(:pools as text[]), cast(:rates as numeric[])) as n(customer_id, pool_id, pool_rate) "
    "where a.customer_id = n.customer_id"
)


def account_of(row: Sequence[Any]) -> Account:
    """Return the account in a row of `FACTS`."""
    (
        customer_id,
        currency,
        version,
        state,
        limit,
        until,
        risk_class,
        blocked,
        orders,
        items,
        special,
        cash,
        delivered,
        due,
        unconverted,
        terms,
        score,
        review,
        dunning,
        broken,
        returned,
        insured,
        cover,
        insured_until,
        temporary,
        temporary_until,
        decided,
        pool_id,
        pool_rate,
        policy,
    ) = row
    return Account(
        customer_id,
        currency,
        version,
        Limit(state, _number(limit), until, _number(temporary), temporary_until),
        risk_class,
        blocked,
        Exposure(Decimal(orders), Decimal(items), Decimal(special), Decimal(cash), Decimal(delivered)),
        due,
        unconverted,
        policy,
        terms,
        score,
        review,
        dunning,
        tuple(broken),
        tuple(returned),
        Cover(Decimal(insured), Decimal(cover), insured_until),
        decided,
        pool_id,
        pool_rate,
    )


def _number(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)


async def _accounts(session: AsyncSession, statement: Any, customer_ids: Iterable[str]) -> dict[str, Account]:
    rows = await session.execute(statement, {"ids": sorted(set(customer_ids))})
    return {row[0]: account_of(row) for row in rows}


async def find(session: AsyncSession, customer_id: str) -> CreditAccountRow | None:
    """Return an account's row as it is now."""
    return await session.get(CreditAccountRow, customer_id, populate_existing=True)


async def change(session: AsyncSession, customer_id: str, **values: Any) -> None:
    """Write columns of an account that the caller has locked."""
    mine = CreditAccountRow.customer_id == customer_id
    await session.execute(update(CreditAccountRow).where(mine).values(**values))  # type: ignore[arg-type]


async def add(session: AsyncSession, account: Account, *, payment_terms: str) -> None:
    """Open an account."""
    values = {
        "customer_id": account.customer_id,
        "currency": account.currency,
        "version": account.version,
        "limit_state": account.limit.state,
        "credit_limit": account.limit.amount,
        "limit_valid_until": account.limit.valid_until,
        "risk_class": account.risk_class,
        "payment_terms": payment_terms,
        "blocked": account.blocked,
        "open_orders": account.exposure.open_orders,
        "open_items": account.exposure.open_items,
        "special": account.exposure.special,
        "unapplied": account.exposure.unapplied,
        "delivered": account.exposure.delivered,
        "oldest_due_date": account.oldest_due_date,
        "unconverted": account.unconverted,
        "dunning_level": account.dunning_level,
        "broken_promises": list(account.broken_promises),
        "returned_payments": list(account.returned_payments),
        "insured_amount": account.cover.insured,
        "insured_cover": account.cover.paid,
        "limit_decided": account.limit_decided,
    }
    await session.execute(insert(CreditAccountRow).values(**values))


def limit_changes(customer_id: str) -> Select[Any]:
    """Return the statement that lists the journal of one limit."""
    return select(LimitChangeRow).where(LimitChangeRow.customer_id == customer_id)  # type: ignore[arg-type]


async def customers_with_increase_ended(session: AsyncSession, as_of: date) -> Sequence[str]:
    """Return the customers whose temporary increase ended before `as_of`."""
    ended = CreditAccountRow.temporary_until < as_of  # type: ignore[operator]
    statement = select(CreditAccountRow.customer_id).where(ended)  # type: ignore[call-overload]
    customers: Sequence[str] = (await session.execute(statement)).scalars().all()
    return customers


def numbers_of(*, risk_class: str | None, blocked: bool | None) -> Select[Any]:
    """Return the statement that gives the numbers of customers by their accounts' risk class and block."""
    statement: Select[Any] = select(CreditAccountRow.customer_id)  # type: ignore[call-overload]
    if risk_class is not None:
        statement = statement.where(CreditAccountRow.risk_class == risk_class)  # type: ignore[arg-type]
    if blocked is not None:
        statement = statement.where(CreditAccountRow.blocked == blocked)  # type: ignore[arg-type]
    return statement


async def facts(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Account]:
    """Return accounts without a lock."""
    return await _accounts(session, _READ, customer_ids)


async def facts_for_update(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Account]:
    """Return accounts and lock them, in the order of their numbers."""
    return await _accounts(session, _LOCK, customer_ids)


async def lock(session: AsyncSession, customer_id: str) -> Account:
    """Return one account and lock it; raise `CustomerNotFoundError`."""
    account = (await facts_for_update(session, [customer_id])).get(customer_id)
    if account is None:
        raise CustomerNotFoundError(customer_id)
    return account


async def free_facts_for_update(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Account]:
    """Return and lock those accounts that nobody else has locked, without waiting."""
    return await _accounts(session, _LOCK_FREE, customer_ids)


async def lock_unopened(session: AsyncSession, customer_ids: Iterable[str]) -> None:
    """Wait for whoever opens these accounts, or counts documents for them, at this moment."""
    for customer_id in sorted(set(customer_ids)):
        await session.execute(_LOCK_UNOPENED, {"name": customer_id})


async def save_exposures(session: AsyncSession, accounts: Sequence[Account]) -> None:
    """Write exposure, oldest due date and unconverted documents of accounts that the caller has locked."""
    await session.execute(
        _SAVE_EXPOSURES,
        {
            "ids": [one.customer_id for one in accounts],
            "open_orders": [one.exposure.open_orders for one in accounts],
            "open_items": [one.exposure.open_items for one in accounts],
            "special": [one.exposure.special for one in accounts],
            "unapplied": [one.exposure.unapplied for one in accounts],
            "delivered": [one.exposure.delivered for one in accounts],
            "oldest": [one.oldest_due_date for one in accounts],
            "unconverted": [one.unconverted for one in accounts],
        },
    )


def open_orders_columns(accounts: Sequence[Account]) -> dict[str, Any]:
    """Return the parameters of `SAVE_OPEN_ORDERS`."""
    return {
        "accounts": [one.customer_id for one in accounts],
        "open_orders": [str(one.exposure.open_orders) for one in accounts],
    }


async def save_open_orders(session: AsyncSession, accounts: Sequence[Account]) -> None:
    """Write the reserved amounts of accounts that the caller has locked."""
    await session.execute(_SAVE_OPEN_ORDERS, open_orders_columns(accounts))


async def pooled_exposures(session: AsyncSession, pool_ids: Iterable[str]) -> dict[str, tuple[Decimal, int]]:
    """Return what the members of each pool owe in its currency, and how many of them owe something without a rate."""
    rows = await session.execute(_POOLED, {"ids": list(pool_ids)})
    return {pool_id: (exposure, unconverted) for pool_id, exposure, unconverted in rows}


async def members_of(session: AsyncSession, pool_id: str) -> list[str]:
    """Return the customers that share a limit."""
    return list((await session.execute(_MEMBERS, {"pool_id": pool_id})).scalars())


async def foreign_members(session: AsyncSession) -> list[str]:
    """Return the members of any pool in another currency than its own."""
    return list((await session.execute(_FOREIGN_MEMBERS)).scalars())


async def save_pools(session: AsyncSession, accounts: Sequence[Account]) -> None:
    """Write the pools of accounts that the caller has locked, with the rates to their currencies."""
    parameters = {
        "ids": [one.customer_id for one in accounts],
        "pools": [one.pool_id for one in accounts],
        "rates": [one.pool_rate for one in accounts],
    }
    await session.execute(_SAVE_POOLS, parameters)


async def save_decided(session: AsyncSession, accounts: Sequence[Account]) -> None:
    """Write what was decided about accounts that the caller has locked."""
    await session.execute(update(CreditAccountRow), [decided_columns(one) for one in accounts])


async def add_limit_changes(session: AsyncSession, changes: Sequence[CreditChange], *, at: datetime) -> None:
    """Write the lines that tell of these changes."""
    await session.execute(insert(LimitChangeRow), [limit_change_columns(one, at) for one in changes])


async def save_reviews(session: AsyncSession, days: Mapping[str, date]) -> None:
    """Write when accounts that the caller has locked are to be reviewed next."""
    rows = [{"customer_id": customer_id, "next_review_on": day} for customer_id, day in days.items()]
    await session.execute(update(CreditAccountRow), rows)


async def save_assessed(session: AsyncSession, accounts: Sequence[Account]) -> None:
    """Write score, risk class, review date and version of accounts that the caller has locked."""
    await session.execute(
        _SAVE_ASSESSED,
        {
            "ids": [one.customer_id for one in accounts],
            "scores": [one.score for one in accounts],
            "classes": [one.risk_class for one in accounts],
            "reviews": [one.next_review_on for one in accounts],
            "versions": [one.version for one in accounts],
        },
    )


async def customer_ids(session: AsyncSession, *, after: str, limit: int) -> list[str]:
    """Return the next customers by number behind `after`."""
    return list((await session.execute(_CUSTOMER_IDS, {"after": after, "limit": limit})).scalars())


async def count(session: AsyncSession) -> int:
    """Return how many accounts there are."""
    return int((await session.execute(_COUNT)).scalar_one())
