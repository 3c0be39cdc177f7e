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
from shared.http.pagination import InvalidCursorError, PageRequest, decode_cursor, encode_cursor


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


def decode_rank(cursor: str) -> Rank:
    """Return the rank in a cursor; raise `InvalidCursorError`."""
    match decode_cursor(cursor, length=4):
        case [int(priority), Decimal() as collectible, str(customer_id), str(currency)] if collectible.is_finite():
            return priority, collectible, customer_id, currency
    raise InvalidCursorError


def page_of(entries: list[Entry], page: PageRequest) -> tuple[list[Entry], str | None]:
    """Return one page of a ranked list, and the cursor of the next."""
    if page.cursor is not None:
        behind = decode_rank(page.cursor)
        entries = [entry for entry in entries if entry.rank > behind]
    shown = entries[: page.limit]
    return shown, encode_cursor(shown[-1].rank) if len(entries) > page.limit else None
