"""Gathers what the collectible amount is made of."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.collectible.domain import Position, collectible_amount
from collections_service.promises import use_cases as promises
from collections_service.promises.domain import PromisesStanding
from collections_service.receivables import use_cases as receivables
from collections_service.receivables.domain import Standing
from shared.money import Money


async def positions(session: AsyncSession, *, as_of: date, collector: str | None = None) -> list[Position]:
    """Return the position of every customer as of a day, or of those of one collector, by number and currency."""
    promised = await promises.standings(session, as_of)
    return [
        _position(standing, promised.get((standing.customer_id, standing.currency)))
        for standing in await receivables.standings(session, as_of=as_of, collector=collector)
    ]


def _position(standing: Standing, promised: PromisesStanding | None) -> Position:
    open_promises = promised.open if promised else Money.zero(standing.currency)
    return Position(
        standing=standing,
        open_promises=open_promises,
        promise_due_on=promised.due_on if promised else None,
        broken_promises=promised.broken if promised else 0,
        collectible=collectible_amount(
            overdue=standing.past_due,
            due=standing.due,
            open_promises=open_promises,
            disputed=standing.disputed,
            unapplied=standing.unapplied,
        ),
    )
