"""What can be done with exchange rates."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.exchange_rates import repository
from credit_service.exchange_rates.domain import MissingExchangeRateError, Rates
from shared.jobs import enqueue
from shared.unit_of_work import UnitOfWork

CONVERT_WAITING = "exposure.convert_waiting"
"""The job that converts documents which waited for a rate; `exposure` does it."""
POOL_RATES = "limit_pools.take_rates"
"""The job that converts at the newest rates what the members of a pool owe; `limit_pools` does it."""


async def put_rates(
    uow: UnitOfWork, *, rates_date: date, base: str, rates: Mapping[str, Decimal], requested_by: str
) -> None:
    """Store the rates of a day and have what waited for them converted."""
    await repository.replace(uow.session, rates_date=rates_date, base=base, rates=rates)
    for kind in (CONVERT_WAITING, POOL_RATES):
        await enqueue(uow, prefix="crj", kind=kind, requested_by=requested_by, params={})


async def rates_of(session: AsyncSession, as_of: date) -> Rates:
    """Return the newest rates that are not younger than `as_of`."""
    return await repository.newest(session, as_of)


async def rates_for_document(session: AsyncSession, document_date: date) -> Rates:
    """Return the rates of a document's day, and where there is none yet the newest: a late rate is better than no count."""
    found = await repository.newest(session, document_date)
    latest = await repository.newest(session, date.max)
    return Rates({base: {**rates, **found.by_base.get(base, {})} for base, rates in latest.by_base.items()})


async def rate_for_document(session: AsyncSession, currency: str, target: str, *, document_date: date) -> Decimal:
    """Return the rate that converts a document of that day, to be kept with it; raise `MissingExchangeRateError`."""
    if currency == target:
        return Decimal(1)
    rate = (await rates_for_document(session, document_date)).between(currency, target)
    if rate is None:
        raise MissingExchangeRateError(currency, target)
    return rate
