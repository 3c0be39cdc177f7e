"""Shapes of cancellations on the wire."""

from pydantic import ConfigDict, Field

from shared.http.edge import Body


class CancelBody(Body):
    """Why an order is withdrawn."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Ordered twice by mistake."}]})

    note: str = Field(default="", max_length=4000, description="What is said with it, in words")
