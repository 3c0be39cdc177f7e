"""Queries of financial statements."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.financial_statements.tables import FinancialStatementRow

_LATEST = text(
    "select distinct on (customer_id) statement_id from financial_statements "
    "where customer_id = any(:ids) and period_end <= :as_of order by customer_id, period_end desc, statement_id desc"
)


async def find(session: AsyncSession, statement_id: str) -> FinancialStatementRow | None:
    """Return a statement."""
    return await session.get(FinancialStatementRow, statement_id)


async def latest_of_period(session: AsyncSession, customer_id: str, period_end: date) -> FinancialStatementRow | None:
    """Return the statement of a customer's period that was recorded last."""
    statement = (
        of_customer(customer_id)
        .where(FinancialStatementRow.period_end == period_end)  # type: ignore[arg-type]
        .order_by(FinancialStatementRow.statement_id.desc())  # type: ignore[attr-defined]
        .limit(1)
    )
    found: FinancialStatementRow | None = (await session.execute(statement)).scalar_one_or_none()
    return found


async def latest(session: AsyncSession, customer_ids: Iterable[str], as_of: date) -> list[FinancialStatementRow]:
    """Return of each customer the statement of the latest period that had ended on `as_of`, as recorded last."""
    ids = (await session.execute(_LATEST, {"ids": list(customer_ids), "as_of": as_of})).scalars().all()
    statement = select(FinancialStatementRow).where(FinancialStatementRow.statement_id.in_(ids))  # type: ignore[attr-defined]
    return list((await session.execute(statement)).scalars())


def of_customer(customer_id: str) -> Select[Any]:
    """Return the statement that lists a customer's financial statements."""
    return select(FinancialStatementRow).where(FinancialStatementRow.customer_id == customer_id)  # type: ignore[arg-type]


def newest(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that gives a customer's statements of the latest periods, of each the one recorded last first."""
    by_period = (FinancialStatementRow.period_end.desc(), FinancialStatementRow.statement_id.desc())  # type: ignore[attr-defined]
    return of_customer(customer_id).order_by(*by_period).limit(count)
