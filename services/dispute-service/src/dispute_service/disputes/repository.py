"""Queries and locks of dispute cases. The lock order of this service stands in `dispute_service.items.repository`."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispute_service.disputes.domain.case import DisputeNotFoundError
from dispute_service.disputes.domain.status import WORKED
from dispute_service.disputes.tables import Case, DisputeCreditRow, DisputedItemRow, DisputeHistoryRow, DisputeRow

_LOCK_NOT_AVAILABLE = "55P03"


async def find(session: AsyncSession, dispute_id: str) -> Case:
    """Return a case; raise `DisputeNotFoundError`."""
    row = await session.get(DisputeRow, dispute_id)
    if row is None:
        raise DisputeNotFoundError(dispute_id)
    return (await with_items(session, [row]))[0]


async def item_ids_of(session: AsyncSession, dispute_id: str) -> list[str]:
    """Return the items of a case, which never change after it was opened; none where there is no such case."""
    statement = select(DisputedItemRow.item_id).where(col(DisputedItemRow.dispute_id) == dispute_id)  # type: ignore[call-overload]
    return list(await session.scalars(statement))


async def cases_of_items_for_update(
    session: AsyncSession, item_ids: Collection[str], *, nowait: bool = False
) -> list[Case]:
    """Return every case that claims some of these items, oldest first, locked."""
    of_items = select(col(DisputedItemRow.dispute_id)).where(col(DisputedItemRow.item_id).in_(item_ids))
    statement = (
        select(DisputeRow)
        .where(col(DisputeRow.dispute_id).in_(of_items))
        .order_by(col(DisputeRow.serial))
        .with_for_update(nowait=nowait)
        .execution_options(populate_existing=True)
    )
    return await with_items(session, (await session.scalars(statement)).all())


async def try_cases_of_items_for_update(session: AsyncSession, item_ids: Collection[str]) -> list[Case] | None:
    """Return the same without waiting, None where another transaction has one of the cases."""
    try:
        return await cases_of_items_for_update(session, item_ids, nowait=True)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        return None


async def with_items(session: AsyncSession, rows: Sequence[DisputeRow]) -> list[Case]:
    """Return the cases of these rows, in their order."""
    items: dict[str, list[DisputedItemRow]] = {row.dispute_id: [] for row in rows}
    if not items:
        return []
    statement = (
        select(DisputedItemRow)
        .where(col(DisputedItemRow.dispute_id).in_(items))
        .order_by(col(DisputedItemRow.dispute_id), col(DisputedItemRow.position))
        .execution_options(populate_existing=True)
    )
    for item in await session.scalars(statement):
        items[item.dispute_id].append(item)
    return [Case(row, items[row.dispute_id]) for row in rows]


async def add(session: AsyncSession, cases: Sequence[Case]) -> None:
    """Write new cases; their rows get their serial numbers, in this order."""
    session.add_all([case.row for case in cases])
    await session.flush()
    session.add_all([item for case in cases for item in case.items])


async def record_credit(session: AsyncSession, credit: DisputeCreditRow) -> bool:
    """Keep a credit that was posted for a case; tell whether it was not known before."""
    once = insert(DisputeCreditRow).values(**credit.model_dump()).on_conflict_do_nothing()
    return (await session.execute(once.returning(col(DisputeCreditRow.posting_id)))).first() is not None


def add_history(session: AsyncSession, line: DisputeHistoryRow) -> None:
    """Add a line to a case's history."""
    session.add(line)


async def history(session: AsyncSession, dispute_id: str) -> list[DisputeHistoryRow]:
    """Return a case's history, oldest first."""
    statement = select(DisputeHistoryRow).where(col(DisputeHistoryRow.dispute_id) == dispute_id)
    return list(await session.scalars(statement.order_by(col(DisputeHistoryRow.position))))


async def late_for_update(session: AsyncSession, as_of: date) -> list[Case]:
    """Return the cases that somebody should have answered before `as_of`, oldest first, locked."""
    statement = (
        select(DisputeRow)
        .where(col(DisputeRow.status).in_(WORKED), col(DisputeRow.due_on) < as_of)
        .order_by(col(DisputeRow.serial))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return await with_items(session, (await session.scalars(statement)).all())


def matching(*, item_id: str | None, **equal: str | None) -> Select[Any]:
    """Return the statement that finds cases whose columns equal what is given, and that claim `item_id` where given."""
    statement = select(DisputeRow)
    for name, value in equal.items():
        if value is not None:
            statement = statement.where(getattr(DisputeRow, name) == value)
    if item_id is not None:
        of_item = select(col(DisputedItemRow.dispute_id)).where(col(DisputedItemRow.item_id) == item_id)
        statement = statement.where(col(DisputeRow.dispute_id).in_(of_item))
    return statement
