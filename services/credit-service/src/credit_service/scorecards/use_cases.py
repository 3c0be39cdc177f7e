"""What can be done with a scorecard."""

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.scorecards import repository
from credit_service.scorecards.domain.scorecard import Scorecard, ScorecardContent, ScorecardNotFoundError
from credit_service.scorecards.tables import ScorecardRow
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def scorecard_of(session: AsyncSession, scorecard_id: str) -> Scorecard:
    """Return the version in force; raise `ScorecardNotFoundError`."""
    scorecard = await repository.current(session, scorecard_id)
    if scorecard is None:
        raise ScorecardNotFoundError(scorecard_id)
    return scorecard


async def scorecard_of_version(session: AsyncSession, scorecard_id: str, version: int) -> Scorecard:
    """Return one version, which never changes."""
    return await repository.of_version(session, scorecard_id, version)


async def put_scorecard(
    uow: UnitOfWork, scorecard_id: str, content: ScorecardContent, *, changed_by: str, expected_version: int | None
) -> Scorecard:
    """Write the next version of a scorecard, or the first of a new one; equal content changes nothing.

    Assessments keep the version they were made with. Raises `StaleVersionError`.
    """
    await repository.lock(uow.session, scorecard_id)
    present = await repository.current(uow.session, scorecard_id)
    ensure_fresh(expected_version, present.version if present else 0)
    if present is not None and present.content == content:
        return present
    scorecard = Scorecard(scorecard_id=scorecard_id, version=present.version + 1 if present else 1, content=content)
    uow.session.add(
        ScorecardRow(
            scorecard_id=scorecard_id,
            version=scorecard.version,
            content=content.model_dump(mode="json"),
            changed_by=changed_by,
            changed_at=uow.clock.now(),
        )
    )
    return scorecard
