"""Queries of applications. They are changed only under their receipt's lock."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.applications.domain.plan import Plan
from cashapp_service.applications.domain.unearned import GrantedDiscount, UnearnedDiscount
from cashapp_service.applications.tables import AllocationRow, ApplicationRow
from cashapp_service.receipts.domain import Receipt
from shared.bulk import InsertRows
from shared.database import DriverStatement
from shared.money import codes_by_decimals

_TABLE = ApplicationRow.metadata.tables["applications"]
_ALLOCATIONS = AllocationRow.metadata.tables["allocations"]
_INSERT = InsertRows(_TABLE)
_ALLOCATE = InsertRows(_ALLOCATIONS)
_FIND = (
    select(ApplicationRow)
    .where(col(ApplicationRow.application_id) == bindparam("application_id"))
    .execution_options(populate_existing=True)
)
_TAKEN = (
    select(_ALLOCATIONS.c.currency, func.sum(_ALLOCATIONS.c.payment), func.sum(_ALLOCATIONS.c.tolerance))
    .join(_TABLE, _TABLE.c.application_id == _ALLOCATIONS.c.application_id)
    .where(_TABLE.c.receipt_id == bindparam("receipt_id"), _TABLE.c.status == "active")
    .group_by(_ALLOCATIONS.c.currency)
)
_MARK_REVERSED = DriverStatement(
    "update applications set status = 'reversed', reversed_on = :reversed_on, version = version + 1"
    " where application_id = :application_id"
)


async def insert_new(
    session: AsyncSession, plans: Sequence[tuple[Receipt, Plan, str]], *, by: str, at: datetime
) -> None:
    """Insert applications, each with its receipt and the method that found it."""
    heads = [
        {
            "application_id": plan.application_id,
            "version": 1,
            "receipt_id": plan.entry.receipt_id,
            "customer_id": receipt.customer_id,
            "company_code": plan.entry.company_code,
            "currency": plan.entry.currency,
            "posting_date": plan.posting_date,
            "status": "active",
            "reversed_on": None,
            "from_unapplied": plan.cash.from_unapplied,
            "from_on_account": plan.cash.from_on_account,
            "to_on_account": plan.cash.to_on_account,
            "method": method,
            "applied_by": by,
            "applied_at": at,
        }
        for receipt, plan, method in plans
    ]
    await _INSERT.run(session, heads)
    await _ALLOCATE.run(session, [row for _, plan, _ in plans for row in _allocations(plan)])


def _allocations(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "application_id": plan.application_id,
            "position": position,
            "item_id": one.item_id,
            "number": one.number,
            "customer_id": one.customer_id,
            "currency": one.currency,
            "payment": one.payment,
            "receipt_amount": one.receipt_amount,
            "exchange_rate": one.exchange_rate,
            "exchange_difference": one.exchange_difference,
            "credit": one.credit,
            "discount": one.discount,
            "discount_earned": one.discount_earned,
            "discount_taken_back": one.discount_taken_back,
            "tolerance": one.tolerance,
            "residual": one.residual,
            "residual_item_id": one.residual_item_id,
            "shortfall": one.shortfall,
            "shortfall_amount": one.shortfall_amount,
            "reason_code": one.reason_code,
            "short_payment_id": one.short_payment_id,
            "short_payment_version": one.short_payment_version,
        }
        for position, one in enumerate(plan.allocations)
    ]


async def find(session: AsyncSession, application_id: str) -> ApplicationRow | None:
    """Return an application as it is now."""
    return await session.scalar(_FIND, {"application_id": application_id})


async def active_of_receipt(session: AsyncSession, receipt_id: str) -> dict[str, ApplicationRow]:
    """Return a receipt's applications that stand, by id."""
    statement = select(ApplicationRow).where(
        col(ApplicationRow.receipt_id) == receipt_id, col(ApplicationRow.status) == "active"
    )
    found = await session.scalars(statement.execution_options(populate_existing=True))
    return {row.application_id: row for row in found}


async def allocations_of(session: AsyncSession, application_ids: Sequence[str]) -> Sequence[Any]:
    """Return the allocations of applications, in their order; there may be ten thousand, so not as rows of the session."""
    statement = select(_ALLOCATIONS).where(_ALLOCATIONS.c.application_id.in_(application_ids))
    return (await session.execute(statement.order_by(_ALLOCATIONS.c.application_id, _ALLOCATIONS.c.position))).all()


async def discounts_granted(session: AsyncSession, item_ids: Collection[str]) -> list[GrantedDiscount]:
    """Return the discounts that applications grant of items as long as they stand, the latest application first.

    The caller has locked the items: nobody else applies to them, or takes back.
    """
    head, one = _TABLE.c, _ALLOCATIONS.c
    statement = (
        select(
            one.application_id,
            head.receipt_id,
            one.position,
            head.posting_date,
            head.company_code,
            one.item_id,
            one.customer_id,
            one.currency,
            (one.discount - one.discount_taken_back).label("discount"),
            one.discount_earned.label("earned"),
        )
        .join(_TABLE, head.application_id == one.application_id)
        .where(one.item_id.in_(item_ids), head.status == "active", one.discount > one.discount_taken_back)
        .order_by(one.application_id.desc(), one.position)
    )
    return [GrantedDiscount(**row) for row in (await session.execute(statement)).mappings()]


async def discounts_taken_back(
    session: AsyncSession, application_ids: Collection[str]
) -> dict[tuple[str, str], Decimal]:
    """Return what was taken back of the discounts of applications, by application and item, where anything was."""
    one = _ALLOCATIONS.c
    statement = select(one.application_id, one.item_id, one.discount_taken_back).where(
        one.application_id.in_(application_ids), one.discount_taken_back != 0
    )
    return {(application_id, item_id): amount for application_id, item_id, amount in await session.execute(statement)}


async def take_discounts_back(session: AsyncSession, taken_back: Sequence[UnearnedDiscount]) -> None:
    """Write what is taken back of granted discounts, which makes the next version of their applications.

    Applications are written behind the items that they concern, and here in the order of their ids.
    """
    connection = await session.connection()
    ids = sorted({one.granted.application_id for one in taken_back})
    for application_id in ids:
        await connection.execute(
            update(_TABLE).where(_TABLE.c.application_id == application_id).values(version=_TABLE.c.version + 1)
        )
    of_one = (_ALLOCATIONS.c.application_id == bindparam("id"), _ALLOCATIONS.c.position == bindparam("at"))
    await connection.execute(
        update(_ALLOCATIONS)
        .where(*of_one)
        .values(discount_taken_back=_ALLOCATIONS.c.discount_taken_back + bindparam("more")),
        [{"id": one.granted.application_id, "at": one.granted.position, "more": one.amount} for one in taken_back],
    )


async def taken_by_receipt(session: AsyncSession, receipt_id: str) -> Sequence[Any]:
    """Return (currency, paid, written off as tolerance) of all applications of a receipt that stand."""
    return (await session.execute(_TAKEN, {"receipt_id": receipt_id})).all()


async def mark_reversed(session: AsyncSession, application_id: str, *, reversed_on: date) -> None:
    """Mark an application as reversed."""
    await _MARK_REVERSED.run(session, {"application_id": application_id, "reversed_on": reversed_on})


def matching(
    *, receipt_id: str | None, item_id: str | None, customer_id: str | None, status: str | None
) -> Select[Any]:
    """Return the statement that finds applications; `customer_id` is who paid."""
    wanted = {"receipt_id": receipt_id, "customer_id": customer_id, "status": status}
    statement = select(ApplicationRow).where(
        *(getattr(ApplicationRow, name) == value for name, value in wanted.items() if value is not None)
    )
    if item_id is not None:
        taken = select(col(AllocationRow.application_id)).where(col(AllocationRow.item_id) == item_id)
        statement = statement.where(col(ApplicationRow.application_id).in_(taken))
    return statement


_COARSER_OR_FINER = {
    Decimal(5).scaleb(-decimals - 1): "', '".join(codes)
    for decimals, codes in codes_by_decimals().items()
    if decimals != 2
}
_CASES = " ".join(f"when currency in ('{codes}') then {half}" for half, codes in _COARSER_OR_FINER.items())
_HALF_A_UNIT = f"case {_CASES} else 0.005 end"
"""Half of the smallest unit of a row's currency: so much may be owed to rounding once."""

LAWS = (
    {
        "name": "applications_are_reversed_exactly_once",
        "checked": "select count(*) from applications",
        "broken": """
            select format('application %s (%s): posted %s times, reversed %s times', a.application_id, a.status,
                          coalesce(e.posted, 0), coalesce(e.reversed, 0))
            from applications a full join (
                select application_id, count(*) filter (where kind = 'application') posted,
                       count(*) filter (where kind = 'reversal') reversed,
                       max(posting_date) filter (where kind in ('application', 'reversal')) last
                from journal_entries where application_id is not null group by application_id) e using (application_id)
            where (e.posted, e.reversed) is distinct from (1, case a.status when 'active' then 0 else 1 end)
               or a.reversed_on <> e.last""",
    },
    {
        "name": "applications_are_their_postings",
        "checked": "select count(*) from allocations",
        "broken": """
            with allocated as (
                select application_id, item_id, w.payment, w.credit, w.tolerance from allocations w
                join applications a using (application_id) where a.status = 'active'),
            posted as (
                select application_id, item_id,
                       coalesce(sum(credit - debit) filter (where kind in ('payment', 'reversal')), 0) payment,
                       coalesce(sum(credit - debit) filter (where kind = 'credit'), 0) credit,
                       coalesce(sum(credit - debit) filter (where kind = 'tolerance'), 0) tolerance
                from journal_lines where account = 'receivables' and application_id is not null
                     and kind in ('payment', 'reversal', 'credit', 'tolerance')
                group by application_id, item_id)
            select format('application %s, item %s: allocated %s, credit %s, tolerance %s; posted %s, %s, %s', application_id,
                          item_id, w.payment, w.credit, w.tolerance, p.payment, p.credit, p.tolerance)
            from allocated w full join posted p using (application_id, item_id)
            where (coalesce(w.payment, 0), coalesce(w.credit, 0), coalesce(w.tolerance, 0))
                  <> (coalesce(p.payment, 0), coalesce(p.credit, 0), coalesce(p.tolerance, 0))""",
    },
    {
        "name": "applications_are_of_their_receipt_and_their_items",
        "checked": "select count(*) from allocations",
        "broken": """
            select format('application %s: customer %s, company %s, %s; receipt %s: %s, %s, %s', a.application_id,
                          a.customer_id, a.company_code, a.currency, r.receipt_id, r.customer_id, r.company_code, r.currency)
            from applications a join receipts r using (receipt_id)
            where (a.customer_id, a.company_code, a.currency)
                  is distinct from (r.customer_id, r.company_code, r.currency)
            union all
            select format('application %s: %s of customer %s in %s; item %s: %s, %s', w.application_id, w.number,
                          w.customer_id, w.currency, i.item_id, i.customer_id, i.currency)
            from allocations w join items i using (item_id)
            where (w.number, w.customer_id, w.currency) <> (i.number, i.customer_id, i.currency)
            union all
            select format('entry %s of application %s: receipt %s, company %s', e.entry_id, a.application_id, e.receipt_id,
                          e.company_code)
            from journal_entries e join applications a using (application_id)
            where (e.receipt_id, e.company_code) is distinct from (a.receipt_id, a.company_code)""",
    },
    {
        "name": "residual_items_are_what_was_carried",
        "checked": "select count(*) from allocations where residual_item_id is not null",
        "broken": """
            with posted as (
                select application_id, item_id, sum(credit - debit) amount from journal_lines
                where account = 'receivables' and kind in ('issue', 'residual') and application_id is not null
                group by application_id, item_id)
            select format('application %s (%s), item %s: %s to be carried into %s of %s, taken %s, arrived %s', a.application_id,
                          a.status, w.item_id, w.residual, i.number, i.amount, coalesce(p.amount, 0), -coalesce(r.amount, 0))
            from allocations w join applications a using (application_id) left join items i on i.item_id = w.residual_item_id
            left join posted p on (p.application_id, p.item_id) = (w.application_id, w.item_id)
            left join posted r on (r.application_id, r.item_id) = (w.application_id, w.residual_item_id)
            where (w.residual_item_id is not null or w.residual <> 0)
              and ((i.customer_id, i.currency) is distinct from (w.customer_id, w.currency) or i.amount < w.residual
                   or coalesce(p.amount, 0) + coalesce(r.amount, 0) <> 0
                   or coalesce(p.amount, 0) <> w.residual and (a.status = 'active' or p.amount <> 0))""",
    },
    {
        "name": "applications_take_what_they_allocate",
        "checked": "select count(*) from applications",
        "broken": """
            select format('application %s: took %s, allocated %s', application_id, from_unapplied + from_on_account,
                          coalesce(w.amount, 0))
            from applications a
            left join (select application_id, sum(receipt_amount) amount from allocations group by application_id) w
                 using (application_id)
            where a.from_unapplied + a.from_on_account <> coalesce(w.amount, 0)""",
    },
    {
        "name": "items_carry_the_discount_that_was_not_granted",
        "checked": "select count(*) from items",
        "broken": """
            select format('item %s (%s): carries %s of its discount, its parts %s', i.number, i.item_id, i.discount_carried,
                          coalesce(p.left_over, 0))
            from items i left join (
                select w.item_id, sum(w.discount_earned - w.discount + w.discount_taken_back) left_over from allocations w
                join applications a using (application_id)
                where a.status = 'active' and w.discount_earned <> w.discount - w.discount_taken_back
                group by w.item_id) p using (item_id)
            where i.discount_carried <> coalesce(p.left_over, 0)""",
    },
    {
        "name": "no_discount_is_granted_that_no_part_has_earned",
        "checked": "select count(*) from items",
        "broken": f"""
            select format('item %s (%s): %s more discount than its parts have earned', number, item_id, -discount_carried)
            from items where discount_carried < 0 and -discount_carried > {_HALF_A_UNIT}""",
    },
    {
        "name": "discounts_of_applications_are_their_postings",
        "checked": "select count(*) from allocations",
        "broken": """
            with granted as (
                select application_id, item_id, w.discount - w.discount_taken_back as amount from allocations w
                join applications a using (application_id) where a.status = 'active' and w.discount <> 0),
            posted as (
                select application_id, item_id, sum(credit - debit) as amount from journal_lines
                where account = 'receivables' and kind = 'discount' and application_id is not null
                group by application_id, item_id)
            select format('application %s, item %s: granted %s of discount, posted %s', application_id, item_id,
                          coalesce(g.amount, 0), coalesce(p.amount, 0))
            from granted g full join posted p using (application_id, item_id)
            where coalesce(g.amount, 0) <> coalesce(p.amount, 0)""",
    },
    {
        "name": "exchanged_money_is_worth_what_it_pays",
        "checked": "select count(*) from allocations",
        "broken": f"""
            select format('application %s, item %s: paid %s %s and a difference of %s with %s at %s', application_id, item_id,
                          payment, currency, exchange_difference, receipt_amount, exchange_rate)
            from allocations where exchange_rate is not null
                 and abs(payment + exchange_difference - receipt_amount * exchange_rate) > {_HALF_A_UNIT}""",
    },
    {
        "name": "exchange_differences_are_posted_as_gain_or_loss",
        "checked": "select count(*) from applications",
        "broken": """
            with told as (
                select application_id, w.currency, sum(exchange_difference) as amount from allocations w
                join applications a using (application_id) where a.status = 'active' and exchange_difference <> 0
                group by application_id, w.currency),
            posted as (
                select application_id, currency, sum(credit - debit) as amount from journal_lines
                where account in ('exchange_gain', 'exchange_loss') and application_id is not null
                group by application_id, currency)
            select format('application %s: differences %s, posted %s %s', application_id, coalesce(t.amount, 0),
                          coalesce(p.amount, 0), currency)
            from told t full join posted p using (application_id, currency)
            where coalesce(t.amount, 0) <> coalesce(p.amount, 0)""",
    },
)
"""What must hold of applications and their postings."""
