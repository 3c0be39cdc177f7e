"""One row per version of a strategy: the newest is the one in use, the others say what was in use before."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Field

from collections_service.collection_strategies.domain import Rule, Strategy
from collections_service.rows import Row
from shared.database import DOCUMENT, INSTANT


class CollectionStrategyRow(Row, table=True):
    """A strategy as it was put."""

    __tablename__ = "collection_strategies"

    strategy_id: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    name: str
    portfolio: str | None
    rules: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    follow_up_days: int
    dunning_procedure: str | None
    put_by: str
    put_at: datetime = Field(sa_type=INSTANT)


def strategy_of(row: CollectionStrategyRow) -> Strategy:
    """Return what ranks customers."""
    return Strategy(
        row.strategy_id, row.portfolio, [_rule(one) for one in row.rules], follow_up_days=row.follow_up_days
    )


def _rule(stored: dict[str, Any]) -> Rule:
    amount = stored.get("amount")
    return Rule(
        rule=stored["rule"],
        points=stored["points"],
        amount=None if amount is None else Decimal(amount),
        days=stored.get("days"),
        count=stored.get("count"),
        classes=tuple(stored.get("classes", ())),
    )
