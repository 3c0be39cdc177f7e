"""Shapes of collection strategies on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from collections_service.collection_strategies.domain import THRESHOLDS, RuleName
from shared.http.edge import Body
from shared.money import NonNegativeAmount

_EXAMPLE: dict[str, Any] = {
    "name": "Key accounts",
    "portfolio": "collector",
    "rules": [
        {"rule": "past_due_amount", "amount": "10000.00", "points": 15},
        {"rule": "days_past_due", "days": 30, "points": 10},
        {"rule": "broken_promises", "count": 1, "points": 20},
        {"rule": "risk_class", "classes": ["D", "E"], "points": 10},
    ],
    "follow_up_days": 7,
}


class RuleBody(Body):
    """One rule with its points and its one threshold."""

    rule: RuleName = Field(
        description="`past_due_amount`, `collectible_amount` and `disputed_amount` take `amount`, `days_past_due` and "
        "`no_contact` take `days`, `broken_promises` and `orders_on_hold` take `count`, `risk_class` takes `classes`, "
        "`promise_due` and `follow_up_due` take none"
    )
    points: int = Field(ge=-1000, le=1000, description="Added to the priority where the rule matches")
    amount: NonNegativeAmount | None = Field(default=None, description="At least, in the currency of what is owed")
    days: int | None = Field(default=None, ge=0, le=3650, description="At least")
    count: int | None = Field(default=None, ge=1, le=1000, description="At least")
    classes: list[Annotated[str, Field(min_length=1, max_length=10)]] = Field(
        default=[], max_length=20, description="Any of these risk classes"
    )

    @model_validator(mode="after")
    def _its_own_threshold(self) -> "RuleBody":
        wanted = THRESHOLDS[self.rule]
        given = [name for name in ("amount", "days", "count", "classes") if getattr(self, name) not in (None, [])]
        if given != ([wanted] if wanted else []):
            raise PydanticCustomError(
                "threshold", "The rule {rule} takes {wanted}.", {"rule": self.rule, "wanted": wanted or "no threshold"}
            )
        return self


class StrategyBody(Body):
    """A strategy as it is put."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: str = Field(min_length=1, max_length=200, description="What people call it")
    portfolio: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="The collector whose customers it ranks; null for nobody's own",
    )
    rules: list[RuleBody] = Field(
        max_length=100, description="The priority is the sum of the points of those that match"
    )
    follow_up_days: int = Field(
        default=7, ge=1, le=365, description="Days from a contact to the next where none is planned"
    )
    dunning_procedure: str | None = Field(default=None, max_length=64, description="Name of the dunning procedure")


class Strategy(StrategyBody):
    """A strategy and its version."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                _EXAMPLE
                | {"id": "key-accounts", "version": 2, "put_by": "credit_manager", "put_at": "2026-11-22T09:30:00Z"}
            ]
        },
    )

    id: str = Field(description="As in the address")
    version: int = Field(description="Grows by one with each change; the ETag")
    put_by: str = Field(description="Who put this version")
    put_at: datetime = Field(description="Instant in UTC")
