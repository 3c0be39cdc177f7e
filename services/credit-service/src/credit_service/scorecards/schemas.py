"""Shapes of scorecards on the wire."""

from typing import Any

from pydantic import ConfigDict, Field

from credit_service.scorecards.domain.default import DEFAULT
from credit_service.scorecards.domain.scorecard import Scorecard, ScorecardContent

EXAMPLE: dict[str, Any] = DEFAULT.model_dump(mode="json")


class ScorecardBody(ScorecardContent):
    """The next version of a scorecard."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [EXAMPLE]})


class ScorecardShown(ScorecardContent):
    """The version of a scorecard that is in force."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        title="Scorecard",
        json_schema_extra={"examples": [{"scorecard_id": "default", "version": 1, **EXAMPLE}]},
    )

    scorecard_id: str = Field(description="Which scorecard")
    version: int = Field(description="Grows by one with each change; the ETag")


def shown(scorecard: Scorecard) -> ScorecardShown:
    """Return a scorecard as it is shown."""
    content = {name: getattr(scorecard.content, name) for name in ScorecardContent.model_fields}
    return ScorecardShown(scorecard_id=scorecard.scorecard_id, version=scorecard.version, **content)
