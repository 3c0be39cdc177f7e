"""Queries of assessments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_assessments.tables import CreditAssessmentRow

_LATEST_APPLIED = text(
    "select customer_id, max(as_of) from credit_assessments where customer_id = any(:ids) and applied group by customer_id"
)
_DONE = text("select customer_id from credit_assessments where job_id = :job_id and customer_id = any(:ids)")
_TALLY = text(
    "select risk_class, count(*), count(*) filter (where applied) from credit_assessments where job_id = :job_id "
    "group by risk_class order by risk_class"
)


async def find(session: AsyncSession, assessment_id: str) -> CreditAssessmentRow | None:
    """Return an assessment."""
    return await session.get(CreditAssessmentRow, assessment_id)


def of_customer(customer_id: str) -> Select[Any]:
    """Return the statement that lists a customer's assessments."""
    return select(CreditAssessmentRow).where(CreditAssessmentRow.customer_id == customer_id)  # type: ignore[arg-type]


def newest(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that gives a customer's newest assessments."""
    by_age = CreditAssessmentRow.assessment_id.desc()  # type: ignore[attr-defined]
    return of_customer(customer_id).order_by(by_age).limit(count)


async def add(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store assessments."""
    await session.execute(insert(CreditAssessmentRow), [dict(row) for row in rows])


async def latest_applied(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, date]:
    """Return the day of the latest assessment that each customer's account took over."""
    rows = await session.execute(_LATEST_APPLIED, {"ids": list(customer_ids)})
    return {row[0]: row[1] for row in rows}


async def done(session: AsyncSession, job_id: str, customer_ids: Iterable[str]) -> set[str]:
    """Return those of the customers that a job has assessed already."""
    return set((await session.execute(_DONE, {"job_id": job_id, "ids": list(customer_ids)})).scalars())


async def tally(session: AsyncSession, job_id: str) -> list[tuple[str, int, int]]:
    """Return per risk class how many a job assessed, and how many of them the accounts took over."""
    return [(row[0], row[1], row[2]) for row in await session.execute(_TALLY, {"job_id": job_id})]
