"""Queries of the call log."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.activities.domain import Contacts
from collections_service.activities.tables import ActivityRow

_COLUMNS = ActivityRow.metadata.tables["activities"].c


def matching(customer_id: str | None, kind: str | None, collector: str | None) -> Select[Any]:
    """Return the statement that finds activities by customer, kind and user."""
    statement = select(ActivityRow)
    for column, wanted in (
        (_COLUMNS.customer_id, customer_id),
        (_COLUMNS.kind, kind),
        (_COLUMNS.collector, collector),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    return statement


_CONTACTS = text(
    """
    select customer_id, max(occurred_on) filter (where kind <> 'note'),
           (array_agg(next_action_on order by occurred_on desc, activity_id desc)
                filter (where next_action_on is not null))[1]
    from activities where occurred_on <= :as_of group by customer_id
    """
)


async def contacts(session: AsyncSession, as_of: date) -> dict[str, Contacts]:
    """Return each customer's contacts up to and with a day."""
    rows = await session.execute(_CONTACTS, {"as_of": as_of})
    return {row[0]: Contacts(row[1], row[2]) for row in rows}
