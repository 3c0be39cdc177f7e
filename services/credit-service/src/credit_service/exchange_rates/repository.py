"""Queries of exchange rates."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.exchange_rates.domain import Rates
from credit_service.exchange_rates.tables import ExchangeRateRow

_NEWEST = text(
    "select distinct on (base, currency) base, currency, rate from exchange_rates "
    "where rates_date <= :as_of order by base, currency, rates_date desc"
)


async def newest(session: AsyncSession, as_of: date) -> Rates:
    """Return the newest rates that are not younger than `as_of`."""
    by_base: dict[str, dict[str, Decimal]] = {}
    for base, currency, rate in await session.execute(_NEWEST, {"as_of": as_of}):
        by_base.setdefault(base, {})[currency] = rate
    return Rates(by_base)


async def replace(session: AsyncSession, *, rates_date: date, base: str, rates: Mapping[str, Decimal]) -> None:
    """Store the rates of one day and base in place of those stored before."""
    same = (ExchangeRateRow.rates_date == rates_date, ExchangeRateRow.base == base)
    await session.execute(delete(ExchangeRateRow).where(*same))  # type: ignore[arg-type]
    rows = [
        {"rates_date": rates_date, "base": base, "currency": currency, "rate": rate} for currency, rate in rates.items()
    ]
    await session.execute(insert(ExchangeRateRow), rows)
