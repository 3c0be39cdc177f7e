"""Queries and the lock of known payers. One is locked by itself: putting it touches nothing else."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.payers.tables import PayerRow


async def find(session: AsyncSession, payer_id: str) -> PayerRow | None:
    """Return a payer."""
    return await session.get(PayerRow, payer_id)


async def find_for_update(session: AsyncSession, payer_id: str) -> PayerRow | None:
    """Return a payer and lock it to the end of the transaction."""
    return await session.get(PayerRow, payer_id, with_for_update=True, populate_existing=True)


async def known_as(
    session: AsyncSession, payer_ids: Collection[str], *, account_fingerprint: str | None, name: str | None
) -> list[PayerRow]:
    """Return the payers with one of these ids, this account or this name."""
    told: list[ColumnElement[bool]] = [col(PayerRow.payer_id).in_(payer_ids)]
    # Of what a receipt does not say, nobody is told: not even who is known without it.
    if account_fingerprint is not None:
        told.append(col(PayerRow.account_fingerprint) == account_fingerprint)
    if name is not None:
        told.append(col(PayerRow.name) == name)
    return list(await session.scalars(select(PayerRow).where(or_(*told)).order_by(col(PayerRow.payer_id))))


async def find_all(session: AsyncSession) -> list[PayerRow]:
    """Return every payer, by id."""
    return list(await session.scalars(select(PayerRow).order_by(col(PayerRow.payer_id))))


def all_payers() -> Select[Any]:
    """Return the statement that finds payers."""
    return select(PayerRow)
