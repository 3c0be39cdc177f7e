"""Queries and locks of mass changes.

The selection of accounts reads columns of the customer and the account beside each other, to choose in the database. A mass
change is locked before the accounts of its lines; nobody who holds an account asks for one.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, String, column, exists, func, insert, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from credit_service.mass_limit_changes.domain.selection import Selection
from credit_service.mass_limit_changes.tables import MassLimitChangeLineRow, MassLimitChangeRow

_ACCOUNTS = table(
    "credit_accounts", column("customer_id", String), column("risk_class", String), column("currency", String)
)
_CUSTOMERS = table(
    "customers", column("customer_id", String), column("country", String), column("credit_analyst", String)
)
_REVIEWS = table("account_reviews", column("customer_id", String), column("reviewed_on"))


async def chosen(session: AsyncSession, selection: Selection) -> Sequence[str]:
    """Return the customers whose accounts a selection names, by number; the use of the limit is not looked at."""
    accounts, customers = _ACCOUNTS.c, _CUSTOMERS.c
    statement = select(accounts.customer_id).order_by(accounts.customer_id)
    if selection.customer_ids:
        statement = statement.where(accounts.customer_id.in_(selection.customer_ids))
    if selection.risk_classes:
        statement = statement.where(accounts.risk_class.in_(selection.risk_classes))
    if selection.currency is not None:
        statement = statement.where(accounts.currency == selection.currency)
    for criterion, value in ((customers.credit_analyst, selection.analyst), (customers.country, selection.country)):
        if value is not None:
            statement = statement.where(
                accounts.customer_id.in_(select(customers.customer_id).where(criterion == value))
            )
    if selection.not_reviewed_since is not None:
        reviewed = exists().where(
            _REVIEWS.c.customer_id == accounts.customer_id, _REVIEWS.c.reviewed_on >= selection.not_reviewed_since
        )
        statement = statement.where(~reviewed)
    customer_ids: Sequence[str] = (await session.execute(statement)).scalars().all()
    return customer_ids


async def add_lines(session: AsyncSession, lines: Sequence[dict[str, Any]]) -> None:
    """Write lines of a preview."""
    if lines:
        await session.execute(insert(MassLimitChangeLineRow), lines)


async def find(session: AsyncSession, mass_change_id: str) -> MassLimitChangeRow | None:
    """Return a mass change."""
    return await session.get(MassLimitChangeRow, mass_change_id)


async def find_for_update(session: AsyncSession, mass_change_id: str) -> MassLimitChangeRow | None:
    """Return a mass change as it is now and lock it."""
    return await session.get(MassLimitChangeRow, mass_change_id, with_for_update=True, populate_existing=True)


async def largest_raises(session: AsyncSession, mass_change_id: str) -> Sequence[tuple[str, bool, Decimal]]:
    """Return, by currency, whether a limit would be unmanaged and the largest amount of those that need authority."""
    line = MassLimitChangeLineRow
    statement = (
        select(col(line.currency), func.bool_or(col(line.new_limit).is_(None) & (col(line.new_state) == "unmanaged")))
        .add_columns(func.coalesce(func.max(line.new_limit), 0))
        .where(col(line.mass_change_id) == mass_change_id, col(line.status) == "planned", col(line.raises))
        .group_by(col(line.currency))
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(statement)]


async def next_planned(session: AsyncSession, mass_change_id: str, *, most: int) -> Sequence[MassLimitChangeLineRow]:
    """Return the next lines that are still to be applied, by customer."""
    statement = lines_of(mass_change_id, status="planned").order_by(col(MassLimitChangeLineRow.customer_id)).limit(most)
    lines: Sequence[MassLimitChangeLineRow] = (await session.execute(statement)).scalars().all()
    return lines


async def counted(session: AsyncSession, mass_change_id: str) -> dict[str, int]:
    """Return how many lines there are in each state."""
    line = MassLimitChangeLineRow
    statement = (
        select(col(line.status), func.count())
        .where(col(line.mass_change_id) == mass_change_id)
        .group_by(col(line.status))
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


def lines_of(mass_change_id: str, *, status: str | None = None, above_authority_of: str | None = None) -> Select[Any]:
    """Return the statement that lists the lines of a mass change."""
    line = MassLimitChangeLineRow
    statement = select(line).where(col(line.mass_change_id) == mass_change_id)
    if status is not None:
        statement = statement.where(col(line.status) == status)
    if above_authority_of is not None:
        statement = statement.where(col(line.above_authority_of).contains([above_authority_of]))
    return statement


def matching(*, status: str | None) -> Select[Any]:
    """Return the statement that lists mass changes."""
    statement = select(MassLimitChangeRow)
    return statement if status is None else statement.where(col(MassLimitChangeRow.status) == status)
