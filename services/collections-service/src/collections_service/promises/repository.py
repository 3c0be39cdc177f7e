"""Queries of promises. Whoever changes one has its customer's lock (`receivables/repository.py` states the order)."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.promises.domain import PromisesStanding
from collections_service.promises.tables import PromiseRow
from shared.money import Money

_COLUMNS = PromiseRow.metadata.tables["promises"].c


async def find(session: AsyncSession, promise_id: str) -> PromiseRow | None:
    """Return a promise as it is now, also where it was read before."""
    return await session.get(PromiseRow, promise_id, populate_existing=True)


_PROMISING = text(
    "select distinct customer_id, currency from promises where customer_id = any(:customer_ids) and status <> 'withdrawn'"
)


async def promising(session: AsyncSession, customer_ids: Collection[str]) -> set[tuple[str, str]]:
    """Return (customer, currency) of those of the customers that have promises that were not withdrawn."""
    rows = await session.execute(_PROMISING, {"customer_ids": list(customer_ids)})
    return {(row[0], row[1]) for row in rows}


async def standing_in(session: AsyncSession, customer_id: str, currency: str) -> list[PromiseRow]:
    """Return a customer's promises in one currency that were not withdrawn; its lock must be held."""
    statement = (
        select(PromiseRow)
        .where(_COLUMNS.customer_id == customer_id, _COLUMNS.currency == currency, _COLUMNS.status != "withdrawn")
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(statement)).scalars())


def matching(customer_id: str | None, status: str | None) -> Select[Any]:
    """Return the statement that finds promises by customer and status."""
    statement = select(PromiseRow)
    if customer_id is not None:
        statement = statement.where(_COLUMNS.customer_id == customer_id)
    if status is not None:
        statement = statement.where(_COLUMNS.status == status)
    return statement


_PASS_DAY = text(
    "update promises set judged_on = :as_of "
    "where judged_on is null and status <> 'withdrawn' and promised_on + tolerance_days < :as_of "
    "returning customer_id, currency, status"
)


async def pass_day(session: AsyncSession, as_of: date) -> set[tuple[str, str]]:
    """Note that the last day of promises has passed; return (customer, currency) of those that are open."""
    rows = await session.execute(_PASS_DAY, {"as_of": as_of})
    return {(row.customer_id, row.currency) for row in rows if row.status == "open"}


_STANDINGS = text(
    """
    select customer_id, currency,
           coalesce(sum(amount - kept_amount) filter (where promised_on + tolerance_days >= :as_of), 0),
           min(promised_on) filter (where promised_on + tolerance_days >= :as_of and promised_on <= :as_of),
           count(*) filter (where promised_on + tolerance_days < :as_of)
    from promises
    where status not in ('kept', 'withdrawn') and made_on <= :as_of and promised_on > cast(:as_of as date) - 365
    group by customer_id, currency
    """
)


async def standings(session: AsyncSession, as_of: date) -> dict[tuple[str, str], PromisesStanding]:
    """Return by (customer, currency) what promises say as of a day, whether it was run already or not."""
    rows = await session.execute(_STANDINGS, {"as_of": as_of})
    return {(row[0], row[1]): PromisesStanding(Money(row[2], row[1]), row[3], row[4]) for row in rows}
