"""Shapes of simulations on the wire."""

from pydantic import ConfigDict, Field

from shared.days import Day
from shared.http.edge import Body


class SimulationBody(Body):
    """Which past orders a draft is tried on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2026-03-02", "days": 31}]})

    until: Day | None = Field(default=None, description="Last day of the orders' decisions; today where none is given")
    days: int = Field(default=31, ge=1, le=366, description="How many days back from there, that day included")
