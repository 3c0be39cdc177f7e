"""Exchange rates over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query

from credit_service.exchange_rates import use_cases
from credit_service.exchange_rates.domain import NoRateError
from credit_service.exchange_rates.schemas import ExchangeRates, ExchangeRatesBody, RateBetween
from shared.days import Day
from shared.http.edge import Reading, Work, api_router, requires
from shared.money import CurrencyCode
from shared.security import Principal

router = api_router("exchange rates")


@router.get("/v1/exchange-rates/{date}")
async def get_exchange_rate(
    date: Annotated[Day, Path(description="The day on which the rate holds")],
    session: Reading,
    _: Annotated[Principal, Depends(requires("credit:read"))],
    currency: Annotated[CurrencyCode, Query(description="ISO 4217 code of what is converted")],
    target: Annotated[CurrencyCode, Query(description="ISO 4217 code of what it is converted to")],
) -> RateBetween:
    """Return the newest rate stored for a day or before it; a 404 where none leads from one currency to the other."""
    rate = (await use_cases.rates_of(session, date)).between(currency, target)
    if rate is None:
        raise NoRateError(currency, target)
    return RateBetween(date=date, currency=currency, target=target, rate=rate)


@router.put("/v1/exchange-rates/{date}")
async def put_exchange_rates(
    date: Day, body: ExchangeRatesBody, uow: Work, caller: Annotated[Principal, Depends(requires("policies:write"))]
) -> ExchangeRates:
    """Store the rates that hold from a day on.

    What is converted already keeps the rate it was converted with; documents that waited for a rate are converted now.
    """
    await use_cases.put_rates(uow, rates_date=date, base=body.base, rates=body.rates, requested_by=caller.subject)
    return ExchangeRates(date=date, base=body.base, rates=body.rates)
