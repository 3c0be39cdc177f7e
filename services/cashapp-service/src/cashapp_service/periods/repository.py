"""Queries and locks of periods.

Whoever posts shares the lock of the company code's periods, whoever closes or reopens one holds it alone: a posting that began
before the close is committed before it, or finds the period closed. It is one lock for all periods, since a close freezes those
before it too. The lock comes last in the lock order, behind items; who holds it alone locks nothing else of the sub-ledger
afterwards and posts nothing.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.periods.domain import Period
from cashapp_service.periods.tables import PeriodRow
from shared.database import DriverStatement

_CLOSED = DriverStatement(
    "select company_code, period from closed_periods(cast(:company_codes as text[]), cast(:periods as text[])) "
    "order by company_code, period"
)
_CLOSED_FROM = DriverStatement(
    "select period from periods where company_code = :company_code and period >= :first and status = 'closed'"
)
_LAST_SEQUENCE = text("select coalesce(max(sequence), 0) from journal_entries")
_LOCK = text("select pg_advisory_xact_lock(period_lock(:company_code, :period))")


async def closed_among(session: AsyncSession, periods: Collection[tuple[str, Period]]) -> list[tuple[str, Period]]:
    """Share the locks of periods (company code, period) and return those that are closed."""
    values = {"company_codes": [one for one, _ in periods], "periods": [str(period) for _, period in periods]}
    return [(code, Period.parse(period)) for code, period in await _CLOSED.run(session, values)]


async def closed_from(session: AsyncSession, company_code: str, period: Period) -> set[Period]:
    """Return the closed periods of a company code from `period` on."""
    found = await _CLOSED_FROM.run(session, {"company_code": company_code, "first": str(period)})
    return {Period.parse(one) for (one,) in found}


async def latest_closed(session: AsyncSession, company_code: str, *, before: Period | None) -> Period | None:
    """Return the latest closed period of a company code, of those before `before` where it is given."""
    statement = select(func.max(col(PeriodRow.period))).where(
        col(PeriodRow.company_code) == company_code, col(PeriodRow.status) == "closed"
    )
    if before is not None:
        statement = statement.where(col(PeriodRow.period) < str(before))
    found = await session.scalar(statement)
    return Period.parse(found) if found else None


async def find(session: AsyncSession, company_code: str, period: Period) -> PeriodRow | None:
    """Return a period, None where it was never closed."""
    return await session.get(PeriodRow, (company_code, str(period)), populate_existing=True)


async def find_for_change(session: AsyncSession, company_code: str, period: Period) -> PeriodRow | None:
    """Hold a period's lock alone, to the end of the transaction, and return it; None where it was never closed."""
    await session.execute(_LOCK, {"company_code": company_code, "period": str(period)})
    return await find(session, company_code, period)


async def last_sequence(session: AsyncSession) -> int:
    """Return the sequence of the journal's last entry, zero where there is none."""
    return int((await session.execute(_LAST_SEQUENCE)).scalar_one())


async def of_company(session: AsyncSession, company_code: str) -> Sequence[PeriodRow]:
    """Return the periods of a company code that were ever closed, the oldest first."""
    statement = select(PeriodRow).where(col(PeriodRow.company_code) == company_code)
    return (await session.scalars(statement.order_by(col(PeriodRow.period)))).all()
