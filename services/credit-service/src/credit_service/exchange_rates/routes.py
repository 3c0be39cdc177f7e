"""Exchange rates over HTTP."""

from typing import Annotated

from fastapi import Depends

from credit_service.exchange_rates import use_cases
from credit_service.exchange_rates.schemas import ExchangeRates, ExchangeRatesBody
from shared.days import Day
from shared.http.edge import Work, api_router, requires
from shared.security import Principal

router = api_router("exchange rates")


@router.put("/v1/exchange-rates/{date}")
async def put_exchange_rates(
    date: Day, body: ExchangeRatesBody, uow: Work, caller: Annotated[Principal, Depends(requires("policies:write"))]
) -> ExchangeRates:
    """Store the rates that hold from a day on.

    What is converted already keeps the rate it was converted with; documents that waited for a rate are converted now.
    """
    await use_cases.put_rates(uow, rates_date=date, base=body.base, rates=body.rates, requested_by=caller.subject)
    return ExchangeRates(date=date, base=body.base, rates=body.rates)
