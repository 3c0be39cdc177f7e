"""Closing and reopening a period as a fact, and refusing what is dated in a closed one.

What has to be done before a period may be closed is not decided here.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.periods import repository
from cashapp_service.periods.domain import Period, PeriodAlreadyError, PeriodClosedError, first_open_day
from cashapp_service.periods.tables import PeriodRow
from shared.days import FIRST_DAY
from shared.unit_of_work import UnitOfWork


async def ensure_open(session: AsyncSession, posting_dates: Iterable[tuple[str, date]]) -> None:
    """Raise `PeriodClosedError` where one of the (company code, posting date) lies in a closed period.

    The periods found open stay so to the end of the transaction. `ledger.post` asks this of every entry.
    """
    earliest: dict[tuple[str, Period], date] = {}
    for company_code, day in posting_dates:
        key = (company_code, Period.of(day))
        earliest[key] = min(day, earliest.get(key, day))
    if not earliest:
        return
    closed = await repository.closed_among(session, earliest)
    if closed:
        company_code, day = closed[0][0], earliest[closed[0]]
        raise PeriodClosedError(company_code, day, await first_open(session, company_code, day))


async def refusals(
    session: AsyncSession, posting_dates: Iterable[tuple[str, date]]
) -> dict[tuple[str, date], PeriodClosedError]:
    """Return the refusals of those of the (company code, posting date) that lie in a closed period, for who posts many.

    The periods found open stay so to the end of the transaction.
    """
    days = {(company_code, day): Period.of(day) for company_code, day in posting_dates}
    if not days:
        return {}
    closed = set(await repository.closed_among(session, {(code, period) for (code, _), period in days.items()}))
    return {
        (code, day): PeriodClosedError(code, day, await first_open(session, code, day))
        for (code, day), period in days.items()
        if (code, period) in closed
    }


async def first_open(session: AsyncSession, company_code: str, on_or_after: date) -> date:
    """Return the first day on or after a day that takes postings: where a date that nobody chose is moved to."""
    closed = await repository.closed_from(session, company_code, Period.of(on_or_after))
    return first_open_day(on_or_after, closed)


async def latest_closed(session: AsyncSession, company_code: str, *, before: Period | None = None) -> Period | None:
    """Return the latest closed period, of all or of those before another: it and all periods before it take no postings."""
    return await repository.latest_closed(session, company_code, before=before)


async def hold(uow: UnitOfWork, company_code: str, period: Period) -> None:
    """Wait for the postings under way and keep others waiting, to the end of the transaction."""
    await repository.find_for_change(uow.session, company_code, period)


async def close_period(uow: UnitOfWork, company_code: str, period: Period, *, by: str) -> PeriodRow:
    """Close a period, after every posting that began before; the caller posts nothing and locks nothing afterwards.

    Raises `PeriodAlreadyError` where it is closed.
    """
    return await _change(uow, company_code, period, status="closed", by=by)


async def reopen_period(uow: UnitOfWork, company_code: str, period: Period, *, by: str) -> PeriodRow:
    """Open a closed period again; raise `PeriodAlreadyError` where it is open."""
    return await _change(uow, company_code, period, status="open", by=by)


async def reopen_latest(uow: UnitOfWork, company_code: str, period: Period, *, by: str) -> PeriodRow:
    """Open the latest closed period again and nothing before it; raise `PeriodAlreadyError` where it is open."""
    row = await reopen_period(uow, company_code, period, by=by)
    if period.first_day > FIRST_DAY and await latest_closed(uow.session, company_code) != period.before:
        await close_period(uow, company_code, period.before, by=by)
    return row


async def _change(uow: UnitOfWork, company_code: str, period: Period, *, status: str, by: str) -> PeriodRow:
    row = await repository.find_for_change(uow.session, company_code, period)
    if (row.status if row else "open") == status:
        raise PeriodAlreadyError(company_code, period, status)
    changed = PeriodRow(
        company_code=company_code,
        period=str(period),
        version=(row.version if row else 0) + 1,
        status=status,
        closed_behind=await repository.last_sequence(uow.session) if status == "closed" else None,
        changed_by=by,
        changed_at=uow.clock.now(),
    )
    stored = await uow.session.merge(changed)
    await uow.session.flush()
    return stored
