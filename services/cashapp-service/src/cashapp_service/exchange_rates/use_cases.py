"""Asking for the rates of a day. It may take seconds, or fail: whoever asks holds no locks."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import date
from decimal import Decimal

from cashapp_service.exchange_rates.domain import MissingRate, StoredRates
from shared.errors import ForbiddenError, UnavailableError

AskRate = Callable[[date, str, str], Awaitable[Decimal | None]]
"""Asks how many units of the second currency one unit of the first was worth on a day; None where no rate is stored.

Raises `UnavailableError` where that cannot be told, `ForbiddenError` where it is not told the caller.
"""


async def stored_rates(day: date, currency: str, others: Collection[str], ask_rate: AskRate) -> StoredRates:
    """Return what a unit of a currency was worth on a day in others; a rate that cannot be had is missing, and no refusal."""
    wanted = sorted(others)
    found = await asyncio.gather(*(_rate(day, currency, one, ask_rate) for one in wanted))
    return StoredRates(
        known={one: rate for one, rate in zip(wanted, found, strict=True) if isinstance(rate, Decimal)},
        missing=tuple(one for one in found if isinstance(one, MissingRate)),
    )


async def _rate(day: date, currency: str, other: str, ask_rate: AskRate) -> Decimal | MissingRate:
    beginning = f"Items in {other} that the receipt names are not proposed:"
    try:
        rate = await ask_rate(day, currency, other)
    except (UnavailableError, ForbiddenError) as refusal:
        return MissingRate(other, "cannot_be_asked", f"{beginning} {refusal.detail}", refusal)
    if rate is not None:
        return rate
    remedy = f"no rate of {currency} to {other} is stored for {day}: store it with PUT /v1/exchange-rates/{day}"
    return MissingRate(other, "not_stored", f"{beginning} {remedy}, or apply the receipt with a rate of your own.")
