"""Queries and the lock of collection strategies."""

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.collection_strategies.tables import CollectionStrategyRow

_COLUMNS = CollectionStrategyRow.metadata.tables["collection_strategies"].c
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:strategy_id, 3))")


async def find(session: AsyncSession, strategy_id: str) -> CollectionStrategyRow | None:
    """Return the version of a strategy that is in use."""
    statement = (
        select(CollectionStrategyRow)
        .where(_COLUMNS.strategy_id == strategy_id)
        .order_by(_COLUMNS.version.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def find_for_update(session: AsyncSession, strategy_id: str) -> CollectionStrategyRow | None:
    """Return the version in use, and let nobody else put another to the end of the transaction."""
    await session.execute(_LOCK, {"strategy_id": strategy_id})
    return await find(session, strategy_id)


async def in_use(session: AsyncSession) -> list[CollectionStrategyRow]:
    """Return every strategy in the version that is in use."""
    statement = (
        select(CollectionStrategyRow)
        .ext(distinct_on(_COLUMNS.strategy_id))
        .order_by(_COLUMNS.strategy_id, _COLUMNS.version.desc())
    )
    return list((await session.execute(statement)).scalars())
