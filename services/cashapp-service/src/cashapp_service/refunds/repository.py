"""Every query and lock of refunds. A refund is locked behind its receipts and items (see `items/repository.py`)."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.refunds.domain.refund import POSTED, Part
from cashapp_service.refunds.tables import RefundPartRow, RefundRow, part_rows, to_part
from shared.http.pagination import PageRequest


async def find(session: AsyncSession, refund_id: str) -> RefundRow | None:
    """Return a refund as it is now."""
    return await session.get(RefundRow, refund_id, populate_existing=True)


async def find_for_update(session: AsyncSession, refund_id: str) -> RefundRow | None:
    """Return a refund and lock it to the end of the transaction."""
    return await session.get(RefundRow, refund_id, with_for_update=True, populate_existing=True)


async def parts_of(session: AsyncSession, refund_ids: Collection[str]) -> list[RefundPartRow]:
    """Return the parts of refunds, in their order."""
    statement = select(RefundPartRow).where(col(RefundPartRow.refund_id).in_(list(refund_ids)))
    ordered = statement.order_by(col(RefundPartRow.refund_id), col(RefundPartRow.position))
    return list(await session.scalars(ordered.execution_options(populate_existing=True)))


async def pending_of(session: AsyncSession, source_ids: Collection[str]) -> dict[str, Decimal]:
    """Return how much of receipts and items waits in refunds that are not decided, by id."""
    source = func.coalesce(col(RefundPartRow.receipt_id), col(RefundPartRow.item_id))
    named = col(RefundPartRow.receipt_id).in_(list(source_ids)) | col(RefundPartRow.item_id).in_(list(source_ids))
    statement = (
        select(source, func.sum(col(RefundPartRow.amount)))
        .join(RefundRow, col(RefundRow.refund_id) == col(RefundPartRow.refund_id))
        .where(named, col(RefundRow.status) == "pending")
        .group_by(source)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def posted_parts_of_receipt(session: AsyncSession, receipt_id: str) -> list[tuple[RefundRow, RefundPartRow]]:
    """Return the refunds that hold money of a receipt, locked, each with its part of it."""
    statement = (
        select(RefundRow, RefundPartRow)
        .join(RefundPartRow, col(RefundRow.refund_id) == col(RefundPartRow.refund_id))
        .where(
            col(RefundPartRow.receipt_id) == receipt_id,
            col(RefundPartRow.recharged_item_id).is_(None),
            col(RefundRow.status).in_(POSTED),
        )
        .order_by(col(RefundRow.refund_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def insert_new(session: AsyncSession, row: RefundRow, parts: Sequence[Part]) -> None:
    """Insert a refund with its parts."""
    session.add(row)
    await session.flush()
    session.add_all(part_rows(row.refund_id, parts))
    await session.flush()


async def record_parts(session: AsyncSession, rows: Sequence[RefundPartRow], parts: Sequence[Part]) -> None:
    """Write from where the money of parts was taken."""
    for row, part in zip(rows, parts, strict=True):
        row.from_unapplied, row.from_on_account = part.from_unapplied, part.from_on_account
    await session.flush()


def parts_with_currency(row: RefundRow, parts: Sequence[RefundPartRow]) -> list[Part]:
    """Return the parts of a refund."""
    return [to_part(part, row.currency) for part in parts]


def matching(*, customer_id: str | None, status: str | None, requested_by: str | None) -> Select[Any]:
    """Return the statement that finds refunds."""
    wanted = {"customer_id": customer_id, "status": status, "requested_by": requested_by}
    return select(RefundRow).where(*(getattr(RefundRow, k) == v for k, v in wanted.items() if v is not None))


_CANDIDATES = """
    with credits as (
        select customer_id, company_code, currency, unapplied + on_account as amount, receipt_id, null as item_id,
               value_date as since from receipts
        where status in ('unapplied', 'partially_applied') and unapplied + on_account > 0
        union all
        select customer_id, company_code, currency, -balance, null, item_id, issue_date from items
        where status = 'open' and balance < 0
    ), pending as (
        select p.receipt_id, p.item_id, sum(p.amount) as amount
        from refund_parts p join refunds r using (refund_id) where r.status = 'pending'
        group by p.receipt_id, p.item_id
    ), customers as (
        select c.customer_id, c.company_code, c.currency, sum(c.amount) as credit, min(c.since) as since,
               coalesce(sum(p.amount), 0) as pending,
               array_remove(array_agg(c.receipt_id order by c.receipt_id), null) as receipt_ids,
               array_remove(array_agg(c.item_id order by c.item_id), null) as item_ids
        from credits c
        left join pending p on p.receipt_id = c.receipt_id or p.item_id = c.item_id
        where (cast(:customer_id as text) is null or c.customer_id = :customer_id)
          and (cast(:currency as text) is null or c.currency = :currency)
          and (cast(:after_customer as text) is null
               or (c.customer_id, c.company_code, c.currency) > (:after_customer, :after_company, :after_currency))
        group by c.customer_id, c.company_code, c.currency
        having sum(c.amount) >= :min_credit
    )
    select c.*, o.owed from customers c
    cross join lateral (
        select coalesce(sum(i.balance), 0) as owed from items i
        where i.customer_id = c.customer_id and i.company_code = c.company_code and i.currency = c.currency
          and i.status = 'open' and i.balance > 0) o
    where not :without_debt or o.owed = 0
    order by c.customer_id, c.company_code, c.currency
    limit :rows
"""


async def candidates(
    session: AsyncSession,
    *,
    customer_id: str | None,
    currency: str | None,
    min_credit: Decimal,
    without_debt: bool,
    page: PageRequest,
) -> tuple[Sequence[Any], str | None]:
    """Return a page of credit balances by customer, company code and currency, and the next cursor."""
    after = page.key(3) or [None, None, None]
    values = {
        "customer_id": customer_id,
        "currency": currency,
        "min_credit": min_credit,
        "without_debt": without_debt,
        "after_customer": after[0],
        "after_company": after[1],
        "after_currency": after[2],
        "rows": page.limit + 1,
    }
    rows = (await session.execute(text(_CANDIDATES), values)).all()
    shown = rows[: page.limit]
    more = len(rows) > page.limit
    last = shown[-1] if more else None
    return shown, page.cursor_behind((last.customer_id, last.company_code, last.currency)) if last else None


LAWS = (
    {
        "name": "refunds_are_their_parts",
        "checked": "select count(*) from refunds",
        "broken": """
            select format('refund %s: amount %s, parts %s', r.refund_id, r.amount, coalesce(p.amount, 0))
            from refunds r left join (select refund_id, sum(amount) amount from refund_parts group by refund_id) p
                 using (refund_id)
            where r.amount is distinct from p.amount""",
    },
    {
        "name": "refunds_are_their_postings",
        "checked": "select count(*) from refunds",
        "broken": """
            select format('refund %s (%s): amount %s, posted %s', r.refund_id, r.status, r.amount, coalesce(p.paid, 0))
            from refunds r left join (
                select e.document_id, sum(l.credit - l.debit) paid
                from journal_entries e join journal_lines l using (entry_id)
                where e.kind = 'refund' and l.kind = 'cash'
                  and l.account not in ('unapplied_cash', 'on_account_cash', 'unidentified_cash')
                group by e.document_id) p on p.document_id = r.refund_id
            where coalesce(p.paid, 0) <> case when r.status in ('approved', 'paid') then r.amount else 0 end
            union all
            select format('refund %s (%s): %s of credit memo %s, posted %s', r.refund_id, r.status, p.amount, p.item_id,
                          coalesce(l.paid, 0))
            from refund_parts p join refunds r using (refund_id) left join (
                select e.document_id, l.item_id, sum(l.debit - l.credit) paid
                from journal_entries e join journal_lines l using (entry_id)
                where e.kind = 'refund' and l.kind in ('payment', 'reversal') group by e.document_id, l.item_id) l
                on (l.document_id, l.item_id) = (p.refund_id, p.item_id)
            where p.item_id is not null
              and coalesce(l.paid, 0) <> case when r.status in ('approved', 'paid') then p.amount else 0 end""",
    },
    {
        "name": "recharged_refunds_are_owed_by_a_debit_memo",
        "checked": "select count(*) from refund_parts where recharged_item_id is not null",
        "broken": """
            with charged as (
                select e.document_id, e.receipt_id, l.item_id, l.debit amount
                from journal_entries e join journal_lines l using (entry_id)
                where e.kind = 'refund' and l.kind = 'issue' and l.account = 'receivables')
            select format('refund %s: %s of receipt %s, charged with %s: %s of receipt %s by refund %s', p.refund_id, p.amount,
                          p.receipt_id, p.recharged_item_id, c.amount, c.receipt_id, c.document_id)
            from (select refund_id, receipt_id, part.amount, recharged_item_id, customer_id, company_code, currency
                  from refund_parts part join refunds using (refund_id)) p
            full join charged c on c.item_id = p.recharged_item_id
            left join items i on i.item_id = p.recharged_item_id
            where (p.recharged_item_id is not null or c.item_id is not null)
              and ((c.document_id, c.receipt_id, c.amount) is distinct from (p.refund_id, p.receipt_id, p.amount)
                   or (i.customer_id, i.company_code, i.currency)
                      is distinct from (p.customer_id, p.company_code, p.currency))""",
    },
    {
        "name": "receipt_refunded_is_its_refunds",
        "checked": "select count(*) from receipts",
        "broken": """
            select format('receipt %s: refunded %s, refunds %s', r.receipt_id, r.refunded, coalesce(p.amount, 0))
            from receipts r left join (
                select receipt_id, sum(p.amount) amount from refund_parts p join refunds f using (refund_id)
                where f.status in ('approved', 'paid') and p.recharged_item_id is null
                group by receipt_id) p using (receipt_id)
            where r.refunded <> coalesce(p.amount, 0)""",
    },
)
"""What must hold of refunds and their postings."""
