"""Queries of returned payments. The receipts' own lock is held where their events are applied, before any account's."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import case, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.returned_payments.tables import ReturnedPaymentRow

_KNOWN = text("select receipt_id, customer_id from returned_payments where receipt_id = any(:ids)")
_RETURNED = text(
    "select customer_id, array_agg(coalesce(returned_on, value_date) order by coalesce(returned_on, value_date)) "
    "from returned_payments where customer_id = any(:ids) and is_returned group by customer_id"
)
_STATE = ("customer_id", "is_returned", "value_date")


async def known(session: AsyncSession, receipt_ids: Iterable[str]) -> dict[str, str | None]:
    """Return those of the receipts that are known as returned, with their customers."""
    return {row[0]: row[1] for row in await session.execute(_KNOWN, {"ids": list(receipt_ids)})}


async def save(session: AsyncSession, states: Collection[Mapping[str, Any]]) -> None:
    """Store receipts, each once: a state where none newer is known, the latest day of a return in any case."""
    statement = insert(ReturnedPaymentRow).values([dict(state) for state in states])
    new, row = statement.excluded, ReturnedPaymentRow.__table__.c  # type: ignore[attr-defined]
    merged: dict[str, Any] = {name: case((new.version > row.version, new[name]), else_=row[name]) for name in _STATE}
    merged["version"] = func.greatest(row.version, new.version)
    merged["returned_on"] = func.greatest(row.returned_on, new.returned_on)
    await session.execute(statement.on_conflict_do_update(index_elements=["receipt_id"], set_=merged))


async def returned_days(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, tuple[date, ...]]:
    """Return the days of each customer's returned payments, in order; customers without one are left out."""
    rows = await session.execute(_RETURNED, {"ids": list(customer_ids)})
    return {row[0]: tuple(row[1]) for row in rows}
