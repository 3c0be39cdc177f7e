"""Every query and lock of write-offs. One is locked behind its items (see `items/repository.py`)."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.write_offs.domain.write_off import Share
from cashapp_service.write_offs.tables import WriteOffItemRow, WriteOffRow, item_rows, to_share


async def find(session: AsyncSession, write_off_id: str) -> WriteOffRow | None:
    """Return a write-off as it is now."""
    return await session.get(WriteOffRow, write_off_id, populate_existing=True)


async def find_for_update(session: AsyncSession, write_off_id: str) -> WriteOffRow | None:
    """Return a write-off and lock it to the end of the transaction."""
    return await session.get(WriteOffRow, write_off_id, with_for_update=True, populate_existing=True)


async def find_by_request(session: AsyncSession, request_id: str) -> WriteOffRow | None:
    """Return the write-off that carries a request out."""
    return (await session.scalars(select(WriteOffRow).where(col(WriteOffRow.request_id) == request_id))).one_or_none()


async def items_of(session: AsyncSession, write_off_ids: Collection[str]) -> list[WriteOffItemRow]:
    """Return what write-offs take of which items, in their order."""
    statement = select(WriteOffItemRow).where(col(WriteOffItemRow.write_off_id).in_(list(write_off_ids)))
    ordered = statement.order_by(col(WriteOffItemRow.write_off_id), col(WriteOffItemRow.position))
    return list(await session.scalars(ordered.execution_options(populate_existing=True)))


async def shares_of(session: AsyncSession, row: WriteOffRow) -> list[Share]:
    """Return what a write-off takes of which items."""
    return [to_share(one, row.currency) for one in await items_of(session, [row.write_off_id])]


async def pending_of(session: AsyncSession, item_ids: Collection[str]) -> dict[str, Decimal]:
    """Return how much of items waits in write-offs that are not decided, by item."""
    statement = (
        select(col(WriteOffItemRow.item_id), func.sum(col(WriteOffItemRow.amount)))
        .join(WriteOffRow, col(WriteOffRow.write_off_id) == col(WriteOffItemRow.write_off_id))
        .where(col(WriteOffItemRow.item_id).in_(list(item_ids)), col(WriteOffRow.status) == "pending")
        .group_by(col(WriteOffItemRow.item_id))
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def insert_new(session: AsyncSession, row: WriteOffRow, shares: Sequence[Share]) -> None:
    """Insert a write-off with its items."""
    session.add(row)
    await session.flush()
    session.add_all(item_rows(row.write_off_id, shares))
    await session.flush()


async def set_recovered(session: AsyncSession, write_off_id: str, item_id: str, recovered: Decimal) -> None:
    """Write how much of a written-off item was recovered; the caller has locked the write-off."""
    row = await session.get_one(WriteOffItemRow, (write_off_id, item_id), populate_existing=True)
    row.recovered = recovered
    await session.flush()


def matching(
    *, customer_id: str | None, status: str | None, requested_by: str | None, item_id: str | None
) -> Select[Any]:
    """Return the statement that finds write-offs."""
    wanted = {"customer_id": customer_id, "status": status, "requested_by": requested_by}
    statement = select(WriteOffRow).where(*(getattr(WriteOffRow, k) == v for k, v in wanted.items() if v is not None))
    if item_id:
        with_item = select(col(WriteOffItemRow.write_off_id)).where(col(WriteOffItemRow.item_id) == item_id)
        statement = statement.where(col(WriteOffRow.write_off_id).in_(with_item))
    return statement


LAWS = (
    {
        "name": "write_offs_are_their_items",
        "checked": "select count(*) from write_offs",
        "broken": """
            select format('write-off %s: amount %s, items %s', w.write_off_id, w.amount, coalesce(p.amount, 0))
            from write_offs w
            left join (select write_off_id, sum(amount) amount from write_off_items group by write_off_id) p
                 using (write_off_id)
            where w.amount is distinct from p.amount""",
    },
    {
        "name": "write_offs_are_their_postings",
        "checked": "select count(*) from write_offs",
        "broken": """
            select format('write-off %s (%s): amount %s, posted %s', w.write_off_id, w.status, w.amount,
                          coalesce(p.lost, 0))
            from write_offs w left join (
                select e.document_id, sum(l.debit - l.credit) lost
                from journal_entries e join journal_lines l using (entry_id)
                where e.kind = 'write_off' and l.account in ('bad_debt', 'allowance') group by e.document_id) p
                on p.document_id = w.write_off_id
            where coalesce(p.lost, 0) <> case w.status when 'approved' then w.amount else 0 end""",
    },
    {
        "name": "written_off_is_what_write_offs_took_and_did_not_recover",
        "checked": "select count(*) from (select distinct item_id from write_off_items) written_off",
        "broken": """
            select format('item %s: written off %s by postings, %s by write-offs', item_id, coalesce(p.posted, 0),
                          coalesce(w.amount, 0))
            from (select item_id, sum(credit - debit) posted from journal_lines
                  where account = 'receivables' and kind = 'write_off' group by item_id) p
            full join (select i.item_id, sum(i.amount - i.recovered) amount
                       from write_off_items i join write_offs using (write_off_id) where status = 'approved'
                       group by i.item_id) w using (item_id)
            where coalesce(p.posted, 0) <> coalesce(w.amount, 0)""",
    },
)
"""What must hold of write-offs and their postings."""
