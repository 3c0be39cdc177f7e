"""Queries and the lock of charts of accounts. A chart is locked alone: no posting reads it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.accounts.tables import ChartRow


async def find(session: AsyncSession, company_code: str) -> ChartRow | None:
    """Return a company's own chart."""
    return await session.get(ChartRow, company_code)


async def find_for_update(session: AsyncSession, company_code: str) -> ChartRow | None:
    """Return a company's own chart and lock it to the end of the transaction."""
    return await session.get(ChartRow, company_code, with_for_update=True)


async def find_all(session: AsyncSession) -> list[ChartRow]:
    """Return every company's own chart."""
    return list(await session.scalars(select(ChartRow)))
