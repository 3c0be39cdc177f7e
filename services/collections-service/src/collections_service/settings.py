"""Settings of collections-service."""

from pydantic import Field

from shared.settings import Settings


class CollectionsSettings(Settings):
    """What collections-service needs beside what every process needs."""

    promise_tolerance_days: int = Field(
        default=2, ge=0, le=30, description="Days after the promised one on which money still keeps a promise"
    )
