"""Queries of applications. They are changed only under their receipt's lock."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.applications.domain.plan import Plan
from cashapp_service.applications.tables import AllocationRow, ApplicationRow
from cashapp_service.receipts.domain import Receipt

_TABLE = ApplicationRow.metadata.tables["applications"]


async def insert_new(
    session: AsyncSession, plans: Sequence[tuple[Receipt, Plan, str]], *, by: str, at: datetime
) -> None:
    """Insert applications, each with its receipt and the method that found it."""
    heads = [
        {
            "application_id": plan.application_id,
            "receipt_id": plan.entry.receipt_id,
            "customer_id": receipt.customer_id,
            "company_code": plan.entry.company_code,
            "currency": plan.entry.currency,
            "posting_date": plan.posting_date,
            "status": "active",
            "from_unapplied": plan.cash.from_unapplied,
            "from_on_account": plan.cash.from_on_account,
            "to_on_account": plan.cash.to_on_account,
            "method": method,
            "applied_by": by,
            "applied_at": at,
        }
        for receipt, plan, method in plans
    ]
    await session.execute(insert(ApplicationRow), heads)
    allocations = [row for _, plan, _ in plans for row in _allocations(plan)]
    if allocations:
        await session.execute(insert(AllocationRow), allocations)


def _allocations(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "application_id": plan.application_id,
            "position": position,
            "item_id": one.item_id,
            "number": one.number,
            "payment": one.payment,
            "credit": one.credit,
            "discount": one.discount,
            "tolerance": one.tolerance,
            "residual": one.residual,
            "residual_item_id": one.residual_item_id,
            "shortfall": one.shortfall,
            "shortfall_amount": one.shortfall_amount,
            "reason_code": one.reason_code,
        }
        for position, one in enumerate(plan.allocations)
    ]


async def find(session: AsyncSession, application_id: str) -> ApplicationRow | None:
    """Return an application as it is now."""
    return await session.get(ApplicationRow, application_id, populate_existing=True)


async def of_receipt(session: AsyncSession, receipt_id: str) -> list[ApplicationRow]:
    """Return a receipt's applications, the oldest first."""
    statement = select(ApplicationRow).where(col(ApplicationRow.receipt_id) == receipt_id)
    ordered = statement.order_by(col(ApplicationRow.application_id)).execution_options(populate_existing=True)
    return list(await session.scalars(ordered))


async def allocations_of(session: AsyncSession, application_ids: Sequence[str]) -> list[AllocationRow]:
    """Return the allocations of applications, in their order."""
    statement = select(AllocationRow).where(col(AllocationRow.application_id).in_(application_ids))
    return list(
        await session.scalars(statement.order_by(col(AllocationRow.application_id), col(AllocationRow.position)))
    )


async def mark_reversed(session: AsyncSession, application_id: str, *, reversed_on: date) -> None:
    """Mark an application as reversed."""
    await (await session.connection()).execute(
        update(_TABLE)
        .where(_TABLE.c.application_id == application_id)
        .values(status="reversed", reversed_on=reversed_on)
    )


LAWS = (
    {
        "name": "applications_are_their_postings",
        "checked": "select count(*) from applications",
        "broken": """
            select format('application %s (%s): allocated %s, posted %s', a.application_id, a.status, w.payment, p.posted)
            from applications a
            left join (select application_id, sum(payment) payment from allocations group by application_id) w
                 using (application_id)
            left join (select application_id, sum(credit - debit) posted from journal_lines
                       where account = 'receivables' and kind in ('payment', 'reversal') group by application_id) p
                 using (application_id)
            where coalesce(p.posted, 0) <> case a.status when 'active' then coalesce(w.payment, 0) else 0 end""",
    },
    {
        "name": "applications_take_what_they_allocate",
        "checked": "select count(*) from applications",
        "broken": """
            select format('application %s: took %s, allocated %s', application_id, from_unapplied + from_on_account,
                          coalesce(w.payment, 0))
            from applications a
            left join (select application_id, sum(payment) payment from allocations group by application_id) w
                 using (application_id)
            where a.from_unapplied + a.from_on_account <> coalesce(w.payment, 0)""",
    },
)
"""What must hold of applications and their postings."""
