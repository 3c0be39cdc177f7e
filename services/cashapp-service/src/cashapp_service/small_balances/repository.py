"""Queries and the lock of runs over small balances. A run is locked behind its items (see `items/repository.py`)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, Text, any_, bindparam, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.small_balances.domain import SmallBalance
from cashapp_service.small_balances.tables import SmallBalanceItemRow, SmallBalanceRunRow, to_small_balance

_ITEMS = SmallBalanceItemRow.metadata.tables["small_balance_items"]


async def find(session: AsyncSession, run_id: str) -> SmallBalanceRunRow | None:
    """Return a run as it is now."""
    return await session.get(SmallBalanceRunRow, run_id, populate_existing=True)


async def find_for_update(session: AsyncSession, run_id: str) -> SmallBalanceRunRow | None:
    """Return a run and lock it to the end of the transaction."""
    return await session.get(SmallBalanceRunRow, run_id, with_for_update=True, populate_existing=True)


async def insert_new(
    session: AsyncSession, row: SmallBalanceRunRow, found: Sequence[SmallBalance], *, outcome: str
) -> None:
    """Insert a run with the items that it found."""
    session.add(row)
    await session.flush()
    rows = [
        {
            "run_id": row.run_id,
            "item_id": one.item_id,
            "number": one.number,
            "customer_id": one.customer_id,
            "company_code": one.company_code,
            "balance": one.balance,
            "outcome": outcome,
        }
        for one in found
    ]
    if rows:
        await session.execute(insert(SmallBalanceItemRow), rows)


async def balances_of(session: AsyncSession, run: SmallBalanceRunRow, outcome: str) -> list[SmallBalance]:
    """Return the items of a run with this outcome."""
    statement = items(run.run_id).where(col(SmallBalanceItemRow.outcome) == outcome)
    return [to_small_balance(row, run.currency) for row in await session.scalars(statement)]


async def waiting_among(session: AsyncSession, item_ids: Collection[str]) -> set[str]:
    """Return those of the items that wait in a run that is not decided."""
    statement = (
        select(col(SmallBalanceItemRow.item_id))
        .join(SmallBalanceRunRow, col(SmallBalanceRunRow.run_id) == col(SmallBalanceItemRow.run_id))
        .where(
            col(SmallBalanceItemRow.item_id) == any_(literal(list(item_ids), ARRAY(Text))),
            col(SmallBalanceRunRow.status) == "pending",
        )
    )
    return set(await session.scalars(statement))


async def record_outcomes(session: AsyncSession, run_id: str, reasons: Mapping[str, str | None]) -> None:
    """Write what became of a run's items: posted, or skipped for a reason."""
    statement = update(_ITEMS).where(_ITEMS.c.run_id == run_id, _ITEMS.c.item_id == bindparam("id"))
    rows = [
        {"id": item_id, "became": "skipped" if reason else "posted", "why": reason}
        for item_id, reason in reasons.items()
    ]
    if rows:
        values = statement.values(outcome=bindparam("became"), reason=bindparam("why"))
        await (await session.connection()).execute(values, rows)


def matching(*, status: str | None) -> Select[Any]:
    """Return the statement that finds runs."""
    statement = select(SmallBalanceRunRow)
    return statement.where(col(SmallBalanceRunRow.status) == status) if status else statement


def items(run_id: str) -> Select[Any]:
    """Return the statement that finds what a run found."""
    return select(SmallBalanceItemRow).where(col(SmallBalanceItemRow.run_id) == run_id)


LAWS = (
    {
        "name": "small_balances_are_cleared_once",
        "checked": "select count(*) from small_balance_items",
        "broken": """
            select format('run %s (%s), item %s (%s): balance %s, cleared %s', s.run_id, r.status, s.number, s.outcome,
                          s.balance, coalesce(p.cleared, 0))
            from small_balance_items s join small_balance_runs r using (run_id)
            left join (select e.document_id, l.item_id, sum(l.credit - l.debit) cleared
                       from journal_entries e join journal_lines l using (entry_id)
                       where e.kind = 'write_off' and l.account = 'receivables' and l.kind = 'tolerance'
                       group by e.document_id, l.item_id) p on p.document_id = s.run_id and p.item_id = s.item_id
            where coalesce(p.cleared, 0)
                  <> case when r.status = 'posted' and s.outcome = 'posted' then s.balance else 0 end""",
    },
)
"""What must hold of runs over small balances and their postings."""
