"""Every query of what invoices took of down-payment requests. Who takes of a request locks its item before."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.documents.tables import DownPaymentSettlementRow

_DEDUCTED = text(
    """
    select s.item_id, i.number, s.deducted
    from down_payment_settlements s join items i on i.item_id = s.request_item_id
    where s.item_id = any(cast(:item_ids as text[]))
    """
)


async def settled_before(session: AsyncSession, request_ids: Collection[str]) -> dict[str, Decimal]:
    """Return what invoices took of requests before, deducted or withdrawn, by request."""
    row = DownPaymentSettlementRow
    statement = (
        select(col(row.request_item_id), func.sum(col(row.deducted) + col(row.withdrawn)).label("taken"))
        .where(col(row.request_item_id).in_(request_ids))
        .group_by(col(row.request_item_id))
    )
    return {one.request_item_id: one.taken for one in await session.execute(statement)}


async def settlements_of(session: AsyncSession, item_ids: Collection[str]) -> list[DownPaymentSettlementRow]:
    """Return the settlements in which items take part, as invoice or as request."""
    row = DownPaymentSettlementRow
    concerned = col(row.item_id).in_(item_ids) | col(row.request_item_id).in_(item_ids)
    return list(
        await session.scalars(select(row).where(concerned).order_by(col(row.item_id), col(row.request_item_id)))
    )


async def deducted_by(session: AsyncSession, item_ids: Collection[str]) -> dict[str, dict[str, Decimal]]:
    """Return what invoices (their first items) deducted of requests, by invoice and the request's number."""
    if not item_ids:
        return {}
    found: dict[str, dict[str, Decimal]] = {}
    for item_id, number, deducted in await session.execute(_DEDUCTED, {"item_ids": list(item_ids)}):
        found.setdefault(item_id, {})[number] = deducted
    return found


async def insert_settlements(session: AsyncSession, rows: Sequence[DownPaymentSettlementRow]) -> None:
    """Keep what an invoice took of requests."""
    session.add_all(rows)
    await session.flush()


LAWS = (
    {
        "name": "down_payments_are_settled_once",
        "checked": "select count(*) from down_payment_settlements",
        "broken": """
            select format('request %s: %s deducted and withdrawn, amount %s', i.number, s.taken, i.amount)
            from items i join (select request_item_id item_id, sum(deducted + withdrawn) taken
                               from down_payment_settlements group by request_item_id) s using (item_id)
            where s.taken > i.amount
            union all
            select format('entry %s: settled %s, posted %s', s.entry_id, s.taken, p.posted)
            from (select entry_id, sum(deducted + withdrawn) taken from down_payment_settlements group by entry_id) s
            left join (select entry_id, sum(debit - credit) posted from journal_lines
                       where account in ('down_payments', 'tax') group by entry_id) p using (entry_id)
            where s.taken <> coalesce(p.posted, 0)
            union all
            select format('entry %s: %s withdrawn of request %s, posted %s', s.entry_id, s.withdrawn, s.request_item_id,
                          coalesce(p.posted, 0))
            from down_payment_settlements s
            left join (select entry_id, item_id, sum(credit - debit) posted from journal_lines
                       where account = 'receivables' and kind = 'credit' group by entry_id, item_id) p
                 on (p.entry_id, p.item_id) = (s.entry_id, s.request_item_id)
            where s.withdrawn <> coalesce(p.posted, 0)""",
    },
)
"""What must hold of documents beside the laws of the items that they make."""
