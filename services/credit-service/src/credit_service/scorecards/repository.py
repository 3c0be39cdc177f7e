"""Queries and locks of scorecards."""

from functools import lru_cache

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.scorecards.domain.scorecard import Scorecard, ScorecardContent

_CURRENT = text(
    "select scorecard_id, version, cast(content as text) from scorecards where scorecard_id = :id "
    "order by version desc limit 1"
)
_VERSION = text(
    "select scorecard_id, version, cast(content as text) from scorecards where scorecard_id = :id and version = :version"
)
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:id, 6))")


@lru_cache(maxsize=64)
def _read(scorecard_id: str, version: int, content: str) -> Scorecard:
    return Scorecard(scorecard_id=scorecard_id, version=version, content=ScorecardContent.model_validate_json(content))


async def current(session: AsyncSession, scorecard_id: str) -> Scorecard | None:
    """Return the version in force."""
    row = (await session.execute(_CURRENT, {"id": scorecard_id})).one_or_none()
    return _read(*row) if row else None


async def of_version(session: AsyncSession, scorecard_id: str, version: int) -> Scorecard:
    """Return one version."""
    return _read(*(await session.execute(_VERSION, {"id": scorecard_id, "version": version})).one())


async def lock(session: AsyncSession, scorecard_id: str) -> None:
    """Wait for whoever writes the next version of this scorecard."""
    await session.execute(_LOCK, {"id": scorecard_id})
