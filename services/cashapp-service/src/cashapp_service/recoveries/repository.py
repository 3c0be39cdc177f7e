"""Queries and the lock of recoveries. One changes only under the locks of its receipt, item and write-off."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.recoveries.tables import RecoveryRow


async def find(session: AsyncSession, recovery_id: str) -> RecoveryRow | None:
    """Return a recovery as it is now."""
    return await session.get(RecoveryRow, recovery_id, populate_existing=True)


async def active_of_receipt(session: AsyncSession, receipt_id: str) -> dict[str, RecoveryRow]:
    """Return the recoveries that a receipt has paid and that stand, by id."""
    statement = select(RecoveryRow).where(
        col(RecoveryRow.receipt_id) == receipt_id, col(RecoveryRow.status) == "active"
    )
    found = await session.scalars(statement.execution_options(populate_existing=True))
    return {row.recovery_id: row for row in found}


async def insert_new(session: AsyncSession, row: RecoveryRow) -> None:
    """Insert a recovery."""
    session.add(row)
    await session.flush()


def matching(*, write_off_id: str) -> Select[Any]:
    """Return the statement that finds the recoveries of a write-off."""
    return select(RecoveryRow).where(col(RecoveryRow.write_off_id) == write_off_id)


LAWS = (
    {
        "name": "recoveries_are_their_postings",
        "checked": "select count(*) from recoveries",
        "broken": """
            select format('recovery %s (%s): amount %s, posted %s', r.recovery_id, r.status, r.amount,
                          coalesce(p.income, 0))
            from recoveries r left join (
                select e.document_id, sum(l.credit - l.debit) income
                from journal_entries e join journal_lines l using (entry_id)
                where e.kind = 'recovery' and l.account = 'recoveries' group by e.document_id) p
                on p.document_id = r.recovery_id
            where coalesce(p.income, 0) <> case r.status when 'active' then r.amount else 0 end""",
    },
    {
        "name": "write_off_recovered_is_its_recoveries",
        "checked": "select count(*) from write_off_items",
        "broken": """
            select format('write-off %s, item %s: recovered %s, recoveries %s', w.write_off_id, w.number, w.recovered,
                          coalesce(p.amount, 0))
            from write_off_items w left join (
                select write_off_id, item_id, sum(amount) amount from recoveries where status = 'active'
                group by write_off_id, item_id) p using (write_off_id, item_id)
            where w.recovered <> coalesce(p.amount, 0)""",
    },
)
"""What must hold of recoveries and their postings."""
