"""Queries and locks of house bank accounts. They come first in the lock order, by number: two imports of one account queue."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.bank_accounts.domain import BankAccount
from cashapp_service.bank_accounts.tables import BankAccountRow, to_bank_account


async def find(session: AsyncSession, account: str) -> BankAccountRow | None:
    """Return an account."""
    return await session.get(BankAccountRow, account)


async def find_for_update(session: AsyncSession, account: str) -> BankAccountRow | None:
    """Return an account and lock it to the end of the transaction."""
    return await session.get(BankAccountRow, account, with_for_update=True)


async def find_many_for_update(session: AsyncSession, accounts: Collection[str]) -> dict[str, BankAccount]:
    """Return those accounts that there are, locked to the end of the transaction in the order of their numbers."""
    statement = (
        select(BankAccountRow)
        .where(col(BankAccountRow.account).in_(list(accounts)))
        .order_by(col(BankAccountRow.account))
        .with_for_update()
    )
    return {row.account: to_bank_account(row) for row in await session.scalars(statement)}


async def insert_missing(session: AsyncSession, accounts: Sequence[BankAccount]) -> None:
    """Insert accounts that are not there yet."""
    rows = [
        {
            "account": one.account,
            "version": 1,
            "currency": one.currency,
            "company_code": one.company_code,
            "ledger_account": one.ledger_account,
            "name": one.name,
        }
        for one in sorted(accounts, key=lambda one: one.account)
    ]
    await session.execute(insert(BankAccountRow).on_conflict_do_nothing(), rows)
