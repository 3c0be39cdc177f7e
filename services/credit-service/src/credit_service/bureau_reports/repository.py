"""Queries and locks of purchases and reports. The account is locked before a purchase, the budget of a bureau after it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.bureau_reports.tables import BureauPurchaseRow, BureauReportRow

_LOCK_BUDGET = text("select pg_advisory_xact_lock(hashtextextended(:provider, 9))")
_SPENT = text(
    "select coalesce(sum(cost), 0) from bureau_purchases "
    "where provider = :provider and currency = :currency and charged and ordered_on between :first and :last"
)
_LATEST = text(
    "select distinct on (customer_id) customer_id, report_id, provider, score, recommended_limit, currency, report_date "
    "from bureau_reports where customer_id = any(:ids) and report_date <= :as_of "
    "order by customer_id, report_date desc, obtained_at desc, report_id desc"
)


async def newest_purchase_for_update(
    session: AsyncSession, customer_id: str, provider: str, product: str
) -> BureauPurchaseRow | None:
    """Return the last purchase of one product for a customer as it is now and lock it."""
    statement = (
        select(BureauPurchaseRow)
        .filter_by(customer_id=customer_id, provider=provider, product=product)
        .order_by(BureauPurchaseRow.purchase_id.desc())  # type: ignore[attr-defined]
        .limit(1)
        .with_for_update()
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def newest_report(session: AsyncSession, customer_id: str, provider: str, product: str) -> BureauReportRow | None:
    """Return the report that was obtained last of one product for a customer."""
    statement = (
        select(BureauReportRow)
        .filter_by(customer_id=customer_id, provider=provider, product=product)
        .order_by(BureauReportRow.report_id.desc())  # type: ignore[attr-defined]
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def purchase_for_update(session: AsyncSession, purchase_id: str) -> BureauPurchaseRow | None:
    """Return a purchase as it is now and lock it."""
    return await session.get(BureauPurchaseRow, purchase_id, with_for_update=True, populate_existing=True)


async def spent_for_update(session: AsyncSession, provider: str, currency: str, *, first: date, last: date) -> Decimal:
    """Return what was spent at a bureau from `first` to `last`, and keep others from spending until this transaction ends."""
    await session.execute(_LOCK_BUDGET, {"provider": provider})
    return await spent(session, provider, currency, first=first, last=last)


async def spent(session: AsyncSession, provider: str, currency: str, *, first: date, last: date) -> Decimal:
    """Return what was spent at a bureau from `first` to `last`, both inclusive."""
    month = {"provider": provider, "currency": currency, "first": first, "last": last}
    return Decimal(await session.scalar(_SPENT, month) or 0)


async def waiting_purchases_for_update(session: AsyncSession) -> list[BureauPurchaseRow]:
    """Return and lock the purchases that are still open and that nobody works on at this moment."""
    waiting = select(BureauPurchaseRow).filter_by(status="ordered")
    statement = waiting.order_by(BureauPurchaseRow.purchase_id).with_for_update(skip_locked=True)
    return list((await session.execute(statement)).scalars())


def purchases(*, customer_id: str | None, provider: str | None, status: str | None) -> Select[Any]:
    """Return the statement that lists purchases."""
    wanted = {"customer_id": customer_id, "provider": provider, "status": status}
    return select(BureauPurchaseRow).filter_by(**{name: value for name, value in wanted.items() if value is not None})


async def find_report(session: AsyncSession, customer_id: str, report_id: str) -> BureauReportRow | None:
    """Return a report of a customer."""
    row = await session.get(BureauReportRow, report_id)
    return row if row is not None and row.customer_id == customer_id else None


def reports_of(customer_id: str) -> Select[Any]:
    """Return the statement that lists a customer's reports."""
    return select(BureauReportRow).filter_by(customer_id=customer_id)


def newest(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that gives a customer's newest reports."""
    return reports_of(customer_id).order_by(BureauReportRow.report_id.desc()).limit(count)  # type: ignore[attr-defined]


async def latest(session: AsyncSession, customer_ids: Iterable[str], as_of: date) -> list[Any]:
    """Return of each customer the report with the latest date that is not after `as_of`, as rows of what is in the clear."""
    return list(await session.execute(_LATEST, {"ids": list(customer_ids), "as_of": as_of}))
