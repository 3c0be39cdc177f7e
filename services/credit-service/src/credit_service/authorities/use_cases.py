"""Compares amounts with authorities, at the rates of the day."""

from decimal import Decimal

from credit_service.authorities.domain import Authority, ensure_covers
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.exchange_rates.domain import Rates
from shared.unit_of_work import UnitOfWork


async def covers(uow: UnitOfWork, authority: Authority, amount: Decimal | None, currency: str) -> bool:
    """Tell whether an amount may be decided today on this authority; None is an unmanaged limit."""
    return authority.covers(amount, currency, await _rates(uow, authority, currency))


async def ensure_covered(uow: UnitOfWork, authority: Authority, amount: Decimal | None, currency: str) -> None:
    """Raise `AuthorityExceededError` where an amount may not be decided today on this authority."""
    ensure_covers(authority, amount, currency, await _rates(uow, authority, currency))


async def _rates(uow: UnitOfWork, authority: Authority, currency: str) -> Rates:
    if currency == authority.currency:
        return Rates()
    return await exchange_rates.rates_of(uow.session, uow.clock.today())
