"""How a request reaches the owner of the exchange rates: on behalf of its caller."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Request

from cashapp_service.exchange_rates.use_cases import AskRate
from shared.http.client import ServiceClient
from shared.http.edge import Authenticated


def ask_rate(request: Request, caller: Authenticated) -> AskRate:
    """Return what asks credit-service for a stored rate with the caller's own token."""
    client: ServiceClient = request.app.state.credit

    async def ask(day: date, currency: str, target: str) -> Decimal | None:
        found = await client.get(f"/v1/exchange-rates/{day}?currency={currency}&target={target}", caller=caller)
        return None if found is None else Decimal(found["rate"])

    return ask


RateOwner = Annotated[AskRate, Depends(ask_rate)]
"""Asks the owner of the exchange rates."""
