"""Shapes of manual holds on the wire."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from credit_service.holds.schemas import EXAMPLE, HoldShown
from shared.days import Day
from shared.http.edge import Body
from shared.texts import Key

_REASON: dict[str, Any] = {"reason_code": "insolvency_rumour", "note": "Wait for the bureau's answer."}


class CustomerHoldBody(Body):
    """Why a customer's orders are held."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REASON]})

    reason_code: str = Field(min_length=1, max_length=50, description="Why, in a word for lists")
    note: str = Field(default="", max_length=4000, description="What is said with it, in words")
    as_of: Day | None = Field(default=None, description="Business day of the hold; today where none is given")


class ManualHoldBody(CustomerHoldBody):
    """Why an order is held."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"order_id": "SO-1001", **_REASON}]})

    order_id: Key = Field(description="The ERP's order number")


class CustomerHolds(BaseModel):
    """The holds of a customer's orders that are manual now and were not before."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [EXAMPLE]}]})

    data: list[HoldShown] = Field(description="The entries, in order")
