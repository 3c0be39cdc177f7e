"""Keeping the customers' projection, and asking their owner for one whose event has not arrived yet."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers import repository
from cashapp_service.customers.domain import Customer, UnknownCustomerError
from shared.events.credit import CustomerState
from shared.unit_of_work import UnitOfWork

AskOwner = Callable[[str], Awaitable[CustomerState | None]]
"""Asks credit-service for a customer by number; None where there is none."""

ASKED_AT_ONCE = 16


async def apply_state(uow: UnitOfWork, state: CustomerState, version: int) -> None:
    """Take a customer's newer state."""
    await repository.upsert_newer(uow.session, [_row(state, version)])


async def known(uow: UnitOfWork, customer_ids: Iterable[str], ask_owner: AskOwner) -> dict[str, Customer]:
    """Return the customers that exist, by number; those not heard of yet are asked for and kept."""
    wanted = set(customer_ids)
    found = await repository.find_many(uow.session, wanted)
    unheard = sorted(wanted - found.keys())
    if not unheard:
        return found
    at_once = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(customer_id: str) -> CustomerState | None:
        async with at_once:
            return await ask_owner(customer_id)

    states = [state for state in await asyncio.gather(*map(ask, unheard)) if state is not None]
    if not states:
        return found
    await repository.upsert_newer(uow.session, [_row(state, 0) for state in states])
    return await repository.find_many(uow.session, wanted)


async def known_or_refused(uow: UnitOfWork, customer_id: str, ask_owner: AskOwner) -> Customer:
    """Return a customer; raise `UnknownCustomerError` where credit-service has none either."""
    found = await known(uow, [customer_id], ask_owner)
    if customer_id not in found:
        raise UnknownCustomerError(customer_id)
    return found[customer_id]


async def all_customers(session: AsyncSession) -> list[Customer]:
    """Return every customer."""
    return await repository.find_all(session)


async def below(session: AsyncSession, customer_ids: Iterable[str], *, ancestor: str) -> set[str]:
    """Return those of `customer_ids` that stand below `ancestor` in their group, at any depth."""
    return await repository.below(session, customer_ids, ancestor=ancestor)


async def all_below(session: AsyncSession, ancestor: str) -> set[str]:
    """Return all that stand below `ancestor` in its group, at any depth."""
    return await repository.all_below(session, ancestor)


async def find_many(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, Customer]:
    """Return those of `customer_ids` that are known, by number."""
    return await repository.find_many(session, customer_ids)


def _row(state: CustomerState, version: int) -> dict[str, object]:
    return {
        "customer_id": state.customer_id,
        "version": version,
        "names": [name for name in (state.name, state.legal_name, *state.aliases) if name],
        "currency": state.currency,
        "payment_terms": state.payment_terms,
        "company_code": state.company_code,
        "country": state.country,
        "payment_requirements": state.payment_requirements.model_dump(mode="json"),
        "bank_account_fingerprints": state.bank_account_fingerprints,
        "parent_id": state.parent_id,
    }
