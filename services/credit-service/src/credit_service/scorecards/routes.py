"""Scorecards over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response

from credit_service.scorecards import use_cases
from credit_service.scorecards.domain.scorecard import ScorecardContent
from credit_service.scorecards.schemas import ScorecardBody, ScorecardShown, shown
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.security import Principal

router = api_router("scorecards")

ScorecardId = Annotated[
    str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", examples=["default"], description="Which scorecard")
]


@router.get("/v1/scorecards/{scorecard_id}")
async def get_scorecard(
    scorecard_id: ScorecardId,
    response: Response,
    session: Reading,
    _: Annotated[Principal, Depends(requires("credit:read"))],
) -> ScorecardShown:
    """Return the version of a scorecard that is in force: factors with bins, points and weights, classes, limit methods."""
    scorecard = await use_cases.scorecard_of(session, scorecard_id)
    set_etag(response, scorecard.version)
    return shown(scorecard)


@router.put("/v1/scorecards/{scorecard_id}")
async def put_scorecard(
    scorecard_id: ScorecardId,
    body: ScorecardBody,
    response: Response,
    uow: Work,
    caller: Annotated[Principal, Depends(requires("policies:write"))],
    expected: ExpectedVersion,
) -> ScorecardShown:
    """Write the next version of a scorecard, or the first of a new one.

    It holds for assessments from now on; those made keep the version they were made with.
    """
    content = ScorecardContent(**{name: getattr(body, name) for name in ScorecardContent.model_fields})
    scorecard = await use_cases.put_scorecard(
        uow, scorecard_id, content, changed_by=caller.subject, expected_version=expected
    )
    set_etag(response, scorecard.version)
    return shown(scorecard)
