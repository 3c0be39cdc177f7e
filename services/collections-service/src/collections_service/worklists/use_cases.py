"""Ranks customers: gather how they stand, ask the rules, sort."""

from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.activities import use_cases as activities
from collections_service.activities.domain import NEVER
from collections_service.collectible import use_cases as collectible
from collections_service.collection_strategies import use_cases as collection_strategies
from collections_service.collection_strategies.domain import strategy_for
from collections_service.worklists.domain import Entry, Rank, entry_for, ranked
from shared.http.pagination import InvalidCursorError, PageRequest


async def rank_customers(session: AsyncSession, *, as_of: date, collector: str | None) -> list[Entry]:
    """Return whom to call as of a day, the most urgent first: everybody, or one collector's customers."""
    strategies = await collection_strategies.strategies_in_use(session)
    contacts = await activities.contacts(session, as_of)
    return ranked(
        entry_for(
            position,
            contacts.get(position.standing.customer_id, NEVER),
            strategy_for(position.standing.collector, strategies),
            as_of,
        )
        for position in await collectible.positions(session, as_of=as_of, collector=collector)
    )


def rank_before(page: PageRequest) -> Rank | None:
    """Return the rank behind which a page begins, None for the first; raise `InvalidCursorError`."""
    match page.key(4):
        case None:
            return None
        case [int(priority), Decimal() as collectible, str(customer_id), str(currency)] if collectible.is_finite():
            return priority, collectible, customer_id, currency
    raise InvalidCursorError


def page_of(entries: list[Entry], page: PageRequest) -> tuple[list[Entry], str | None]:
    """Return one page of a ranked list, and the cursor of the next."""
    behind = rank_before(page)
    if behind is not None:
        entries = [entry for entry in entries if entry.rank > behind]
    shown = entries[: page.limit]
    return shown, page.cursor_behind(shown[-1].rank) if len(entries) > page.limit else None
