"""Queries and locks of insurances and their alarms. The account is locked before both."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_insurance.tables import CreditInsuranceRow, InsuranceAlarmRow


async def find(session: AsyncSession, customer_id: str) -> CreditInsuranceRow | None:
    """Return a customer's insurance as it is now."""
    return await session.get(CreditInsuranceRow, customer_id, populate_existing=True)


async def starting(session: AsyncSession, as_of: date) -> list[CreditInsuranceRow]:
    """Return the insurances that have begun by `as_of` and do not stand on their accounts yet."""
    statement = (
        select(CreditInsuranceRow)
        .filter_by(applied=False)
        .where(CreditInsuranceRow.valid_from <= as_of)  # type: ignore[arg-type]
        .order_by(CreditInsuranceRow.customer_id)
    )
    return list((await session.execute(statement)).scalars())


async def begun(session: AsyncSession, as_of: date) -> list[CreditInsuranceRow]:
    """Return the insurances that have begun by `as_of`, whether they have ended or not."""
    statement = select(CreditInsuranceRow).where(CreditInsuranceRow.valid_from <= as_of)  # type: ignore[arg-type]
    return list((await session.execute(statement.order_by(CreditInsuranceRow.customer_id))).scalars())


async def not_closed(
    session: AsyncSession, customer_ids: Iterable[str], kinds: Iterable[str]
) -> dict[tuple[str, str], InsuranceAlarmRow]:
    """Return the alarms of these kinds that are not closed, by customer and kind, as they are now."""
    statement = (
        select(InsuranceAlarmRow)
        .where(InsuranceAlarmRow.customer_id.in_(list(customer_ids)))  # type: ignore[attr-defined]
        .where(InsuranceAlarmRow.kind.in_(list(kinds)))  # type: ignore[attr-defined]
        .where(InsuranceAlarmRow.status != "closed")  # type: ignore[arg-type]
        .execution_options(populate_existing=True)
    )
    return {(row.customer_id, row.kind): row for row in (await session.execute(statement)).scalars()}


async def find_alarm(session: AsyncSession, alarm_id: str) -> InsuranceAlarmRow | None:
    """Return an alarm as it is now."""
    return await session.get(InsuranceAlarmRow, alarm_id, populate_existing=True)


def alarms(*, status: str | None, kind: str | None, customer_id: str | None) -> Select[Any]:
    """Return the statement that lists alarms."""
    wanted = {"status": status, "kind": kind, "customer_id": customer_id}
    return select(InsuranceAlarmRow).filter_by(**{name: value for name, value in wanted.items() if value is not None})


def newest_alarms(customer_id: str, *, count: int) -> Select[Any]:
    """Return the statement that gives a customer's newest alarms."""
    mine = alarms(status=None, kind=None, customer_id=customer_id)
    return mine.order_by(InsuranceAlarmRow.alarm_id.desc()).limit(count)  # type: ignore[attr-defined]
