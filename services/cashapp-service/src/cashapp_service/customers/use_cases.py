"""Keeping the customers' projection, and asking their owner for one whose event has not arrived yet."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers import repository
from cashapp_service.customers.domain import Customer, CustomerName, Debtor, UnknownCustomerError
from cashapp_service.matching.domain.document_numbers import Kind, keys_of_number
from cashapp_service.matching.domain.names import search_for
from shared.events.credit import CustomerState
from shared.unit_of_work import UnitOfWork

AskOwner = Callable[[str], Awaitable[CustomerState | None]]
"""Asks credit-service for a customer by number; None where there is none."""

ASKED_AT_ONCE = 16


async def apply_state(uow: UnitOfWork, state: CustomerState, version: int) -> None:
    """Take a customer's newer state."""
    await repository.upsert_newer(uow.session, [_row(state, version)])


async def known(uow: UnitOfWork, customer_ids: Iterable[str], ask_owner: AskOwner) -> dict[str, Debtor]:
    """Return of customers that exist, by number, what documents take from them; those not heard of yet are asked for and kept."""
    wanted = set(customer_ids)
    found = await repository.find_debtors(uow.session, wanted)
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
    return await repository.find_debtors(uow.session, wanted)


async def ensure_known(uow: UnitOfWork, customer_id: str, ask_owner: AskOwner) -> None:
    """Raise `UnknownCustomerError` where credit-service has no such customer either."""
    if customer_id not in await known(uow, [customer_id], ask_owner):
        raise UnknownCustomerError(customer_id)


async def below(session: AsyncSession, customer_ids: Iterable[str], *, ancestor: str) -> set[str]:
    """Return those of `customer_ids` that stand below `ancestor` in their group, at any depth."""
    return await repository.below(session, customer_ids, ancestor=ancestor)


async def groups_below(session: AsyncSession, heads: Collection[str]) -> list[tuple[str, str]]:
    """Return each customer that stands below `heads` in their groups, at any depth, behind the one right above it."""
    return await repository.groups_below(session, heads) if heads else []


async def with_marks(session: AsyncSession, *, accounts: Collection[str], keys: Collection[str], most: int) -> set[str]:
    """Return the customers that have an account with one of these fingerprints, at most so many for each, and those whose
    number may be written as one of `keys`, at most so many in all.
    """
    found = await repository.of_accounts(session, accounts, most=most) if accounts else set()
    return found | (await repository.numbered(session, keys, most=most) if keys else set())


async def named_like(
    session: AsyncSession, payer_names: Iterable[str], *, only_learned: bool = False, most: int
) -> list[CustomerName]:
    """Return the names of customers that payers' names may be, and some others; of each mark at most so many."""
    searches = [search for name in sorted(set(payer_names)) if (search := search_for(name))]
    return await repository.named_like(session, searches, only_learned=only_learned, most=most)


async def learn_name(uow: UnitOfWork, customer_id: str, name: str) -> None:
    """Keep a name by which a payer meant a customer, as a person confirmed."""
    await repository.insert_names(uow.session, [{"customer_id": customer_id, "learned": True, "name": name}])


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
        "number_keys": sorted({key.text for key in keys_of_number(state.customer_id, Kind.REFERENCE)}),
    }
