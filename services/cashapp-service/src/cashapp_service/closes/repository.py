"""Queries of closes: the facts behind the checklist, the postings of a period, and what is kept of each close.

Lock order: whoever closes or approves a reopening holds the periods' lock (`periods/repository.py`) first, then the request.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.closes.domain import BookTotals, Sum
from cashapp_service.closes.domain.checklist import AGES
from cashapp_service.closes.tables import CloseRow, ReopeningRow
from cashapp_service.periods.domain import Period
from shared.money import exact

_PATIENCE = text("select set_config('lock_timeout', :milliseconds, true)")

_AGE = " ".join(
    f"when :last_day - min(r.value_date) <= {days} then '{name}'" if days else f"else '{name}'" for days, name in AGES
)
_HELD = text(
    f"""
    select currency, age, count(*) how_many, sum(amount) amount from (
        select l.receipt_id, l.currency, sum(l.credit - l.debit) amount, case {_AGE} end age
        from journal_lines l join receipts r using (receipt_id)
        where l.account = :account and l.company_code = :company_code and l.posting_date <= :last_day
        group by l.receipt_id, l.currency having sum(l.credit - l.debit) <> 0) held
    group by currency, age order by currency, age
    """
)
_EXCEPTIONS = text(
    """
    select currency, count(*) how_many, sum(amount) amount from payment_exceptions
    where status <> 'resolved' and value_date <= :last_day and company_code = :company_code
    group by currency order by currency
    """
)
_NOT_RAISED = text(
    """
    select currency, count(*) how_many, sum(balance) amount from items
    where kind = 'down_payment_request' and status = 'open' and submission = 'pending' and company_code = :company_code
          and posting_date <= :last_day
    group by currency order by currency
    """
)
_TOTALS = text(
    """
    select currency, sum(debit) debit, sum(credit) credit from journal_lines
    where company_code = :company_code and posting_date <= :last_day group by currency order by currency
    """
)
_IMPORTS = text(
    """
    select j.id, j.status, j.params ->> 'filename' filename, j.created_at from jobs j
    where j.kind like 'import.%' and (j.status in ('queued', 'running') or (j.status = 'failed' and j.created_at >= :since
          and not exists (select from jobs again where again.kind = j.kind and again.created_at > j.created_at
                          and again.status = 'succeeded' and again.params ->> 'filename' = j.params ->> 'filename')))
    order by j.created_at
    """
)
_CONTROL = text(
    """
    select l.currency, count(distinct l.entry_id) entries, count(*) lines, sum(l.debit) debit, sum(l.credit) credit,
           min(e.sequence) first_sequence, max(e.sequence) last_sequence
    from journal_lines l join journal_entries e using (entry_id)
    where l.company_code = :company_code and l.posting_date between :first_day and :last_day
    group by l.currency order by l.currency
    """
)


_PROOF = text(
    """
    select j.result, j.finished_at from jobs j
    where j.kind = :kind and j.status = 'succeeded'
          and not exists (select from journal_entries e where e.company_code = :company_code and e.posting_date <= :last_day
                          and e.sequence > (j.result ->> 'last_sequence')::bigint)
    order by j.finished_at desc limit 1
    """
)


async def proof(session: AsyncSession, *, kind: str, company_code: str, last_day: date) -> Any:
    """Return (result, finished_at) of the latest proof that covers every entry up to a day, None where there is none."""
    values = {"kind": kind, "company_code": company_code, "last_day": last_day}
    return (await session.execute(_PROOF, values)).one_or_none()


async def be_patient(session: AsyncSession, seconds: float) -> None:
    """Wait no longer for a lock than that, to the end of the transaction."""
    await session.execute(_PATIENCE, {"milliseconds": str(int(seconds * 1000))})


async def held(session: AsyncSession, *, company_code: str, account: str, last_day: date) -> list[Sum]:
    """Return the money of receipts that stood on one cash liability account at the end of a day, by currency and age."""
    values = {"company_code": company_code, "account": account, "last_day": last_day}
    return [sum_of(row, row.age) for row in await session.execute(_HELD, values)]


async def exceptions(session: AsyncSession, *, company_code: str, last_day: date) -> list[Sum]:
    """Return the payment exceptions of a day or before that nobody has settled."""
    rows = await session.execute(_EXCEPTIONS, {"company_code": company_code, "last_day": last_day})
    return [sum_of(row) for row in rows]


async def requests_not_raised(session: AsyncSession, *, company_code: str, last_day: date) -> list[Sum]:
    """Return the open down-payment requests posted up to a day that were never sent to their customers."""
    rows = await session.execute(_NOT_RAISED, {"company_code": company_code, "last_day": last_day})
    return [sum_of(row) for row in rows]


def sum_of(row: Any, age: str | None = None) -> Sum:
    """Return a row of (currency, amount, how_many)."""
    return Sum(row.currency, exact(row.amount, row.currency), row.how_many, age)


async def totals(session: AsyncSession, *, company_code: str, last_day: date) -> list[BookTotals]:
    """Return debit and credit of a company code up to a day."""
    rows = await session.execute(_TOTALS, {"company_code": company_code, "last_day": last_day})
    return [BookTotals(row.currency, exact(row.debit, row.currency), exact(row.credit, row.currency)) for row in rows]


async def unfinished_imports(session: AsyncSession, *, since: date) -> Sequence[Any]:
    """Return imports that wait or run, and those asked for since a day that failed and were not sent again with success."""
    instant = datetime.fromisoformat(f"{since}T00:00:00+00:00")
    return (await session.execute(_IMPORTS, {"since": instant})).all()


async def control(session: AsyncSession, *, company_code: str, period: Period) -> Sequence[Any]:
    """Return by currency how many entries and lines were posted in a period, their sums, and the first and last sequence."""
    values = {"company_code": company_code, "first_day": period.first_day, "last_day": period.last_day}
    return (await session.execute(_CONTROL, values)).all()


async def latest_close(session: AsyncSession, company_code: str, period: Period) -> CloseRow | None:
    """Return the latest close that froze a period: its own, or that of a later one."""
    statement = (
        select(CloseRow)
        .where(col(CloseRow.company_code) == company_code, col(CloseRow.period) >= str(period))
        .order_by(col(CloseRow.period), col(CloseRow.close_id).desc())
        .limit(1)
    )
    return (await session.scalars(statement)).one_or_none()


def closes(*, company_code: str | None, period: str | None) -> Select[Any]:
    """Return the statement that finds closes."""
    statement = select(CloseRow)
    if company_code:
        statement = statement.where(col(CloseRow.company_code) == company_code)
    if period:
        statement = statement.where(col(CloseRow.period) == period)
    return statement


def reopenings(*, company_code: str | None, period: str | None, status: str | None) -> Select[Any]:
    """Return the statement that finds requests to reopen."""
    wanted = {"company_code": company_code, "period": period, "status": status}
    return select(ReopeningRow).where(*(getattr(ReopeningRow, k) == v for k, v in wanted.items() if v))


async def find_reopening(session: AsyncSession, reopening_id: str) -> ReopeningRow | None:
    """Return a request to reopen."""
    return await session.get(ReopeningRow, reopening_id)


async def reopening_for_update(session: AsyncSession, reopening_id: str) -> ReopeningRow | None:
    """Return a request to reopen and lock it to the end of the transaction."""
    return await session.get(ReopeningRow, reopening_id, with_for_update=True, populate_existing=True)


async def pending_reopening(session: AsyncSession, company_code: str, period: Period) -> ReopeningRow | None:
    """Return the request to reopen a period that waits for a decision."""
    statement = reopenings(company_code=company_code, period=str(period), status="pending")
    found: ReopeningRow | None = (await session.scalars(statement)).one_or_none()
    return found


async def history(
    session: AsyncSession, company_code: str, period: Period
) -> tuple[Sequence[CloseRow], Sequence[ReopeningRow]]:
    """Return the closes of a period and the requests to reopen it, newest first."""
    made = closes(company_code=company_code, period=str(period)).order_by(col(CloseRow.close_id).desc())
    asked = reopenings(company_code=company_code, period=str(period), status=None)
    found = await session.scalars(asked.order_by(col(ReopeningRow.reopening_id).desc()))
    return (await session.scalars(made)).all(), found.all()
