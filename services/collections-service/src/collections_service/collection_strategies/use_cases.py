"""What can be done with a collection strategy."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.collection_strategies import repository
from collections_service.collection_strategies.domain import Strategy
from collections_service.collection_strategies.tables import CollectionStrategyRow, strategy_of
from shared.security import Principal
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def put_strategy(
    uow: UnitOfWork, strategy_id: str, content: dict[str, Any], *, caller: Principal, expected_version: int | None
) -> tuple[CollectionStrategyRow, bool]:
    """Put the next version of a strategy and tell whether it was its first; equal content changes nothing.

    Raises `StaleVersionError`.
    """
    present = await repository.find_for_update(uow.session, strategy_id)
    if present is not None:
        ensure_fresh(expected_version, present.version)
        if all(getattr(present, name) == value for name, value in content.items()):
            return present, False
    row = CollectionStrategyRow(
        strategy_id=strategy_id,
        version=present.version + 1 if present else 1,
        put_by=caller.subject,
        put_at=uow.clock.now(),
        **content,
    )
    uow.session.add(row)
    return row, present is None


async def strategies_in_use(session: AsyncSession) -> list[Strategy]:
    """Return every strategy that may rank customers."""
    return [strategy_of(row) for row in await repository.in_use(session)]
