"""What can be done with a customer."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import CustomerNotFoundError
from credit_service.customers import repository
from credit_service.customers.domain.hierarchy import HierarchyCycleError, UnknownParentError
from credit_service.customers.domain.search import search_text
from credit_service.customers.domain.secrets import fingerprint, with_secrets_kept, without_secrets
from credit_service.customers.schemas import Customer, shown
from credit_service.customers.tables import CustomerRow, public_state
from credit_service.dunning import use_cases as dunning
from credit_service.exposure import use_cases as exposure
from credit_service.fulfilment import use_cases as fulfilment
from credit_service.guarantees import use_cases as guarantees
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.limit_pools import use_cases as limit_pools
from credit_service.orders import use_cases as orders
from credit_service.promises import use_cases as promises
from credit_service.receivables import use_cases as receivables
from credit_service.releases import use_cases as releases
from credit_service.returned_payments import use_cases as returned_payments
from shared.errors import ConflictError
from shared.events.credit import CustomerCreated, CustomerUpdated
from shared.security import Principal
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def put_customer(
    uow: UnitOfWork, *, customer_id: str, content: dict[str, Any], expected_version: int | None, by: str
) -> tuple[CustomerRow, bool]:
    """Create or replace a customer and tell whether it was created; equal content changes nothing.

    What changed is told by the event and, with old and new values, by the journal. Raises `UnknownParentError`,
    `HierarchyCycleError`, `StaleVersionError`, `CurrencyInUseError`, `MaskedSecretError`, and `ConflictError` where the same
    customer is being created at the same time.
    """
    row = await repository.find_for_update(uow.session, customer_id)
    if row is not None:
        ensure_fresh(expected_version, row.version)
    content = with_secrets_kept(
        content, tax_id=row.tax_id if row else None, bank_accounts=row.bank_accounts if row else []
    )
    old_parent = row.parent_id if row is not None else None
    await _ensure_parent(uow, customer_id, content["parent_id"], old_parent=old_parent)
    if row is None:
        return await _create(uow, customer_id, content, by), True
    old = {name: getattr(row, name) for name, value in content.items() if getattr(row, name) != value}
    if old:
        if "parent_id" in old:
            await limit_pools.place(uow, customer_id, content["parent_id"], by=by)
        await _follow(uow, row, content)
        _fill(row, content)
        row.version += 1
        uow.publish(CustomerUpdated(version=row.version, customer=_told(row), changed=sorted(old)))
        await _record(uow, "customer.updated", row, by, old=old, new={name: content[name] for name in old})
    return row, False


async def ensure_known(session: AsyncSession, customer_id: str) -> None:
    """Raise `CustomerNotFoundError` where there is no such customer."""
    if await repository.find(session, customer_id) is None:
        raise CustomerNotFoundError(customer_id)


async def customer_shown_to(session: AsyncSession, customer_id: str, caller: Principal) -> Customer:
    """Return a customer as `caller` may see it; raise `CustomerNotFoundError`."""
    row = await repository.find(session, customer_id)
    if row is None:
        raise CustomerNotFoundError(customer_id)
    return shown(row, caller)


async def countries(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, str]:
    """Return the country of each of these customers."""
    return await repository.countries(session, customer_ids)


async def _ensure_parent(uow: UnitOfWork, customer_id: str, parent_id: str | None, *, old_parent: str | None) -> None:
    if parent_id is None or parent_id == old_parent:
        return
    if parent_id == customer_id:
        raise HierarchyCycleError(customer_id, parent_id)
    # Two customers that are put below each other at the same time would each see no cycle.
    await repository.lock_hierarchy(uow.session)
    if await repository.find(uow.session, parent_id) is None:
        raise UnknownParentError(parent_id)
    if await repository.is_above(uow.session, above=customer_id, below=parent_id):
        raise HierarchyCycleError(customer_id, parent_id)


async def names_and_analysts(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, tuple[str, str | None]]:
    """Return the name and the credit analyst of each customer."""
    return await repository.names_and_analysts(session, customer_ids)


async def customers_of(session: AsyncSession, credit_analyst: str) -> list[str]:
    """Return the numbers of an analyst's customers."""
    return await repository.customers_of(session, credit_analyst)


async def legal_name_and_country(session: AsyncSession, customer_id: str) -> tuple[str, str]:
    """Return what a company is looked for by elsewhere; raise `CustomerNotFoundError`."""
    row = await repository.find(session, customer_id)
    if row is None:
        raise CustomerNotFoundError(customer_id)
    return row.legal_name or row.name, row.country


async def _create(uow: UnitOfWork, customer_id: str, content: dict[str, Any], by: str) -> CustomerRow:
    row = CustomerRow(customer_id=customer_id, version=1, search_text="", **content)
    _fill(row, content)
    uow.session.add(row)
    try:
        await uow.session.flush()
    except IntegrityError:
        raise ConflictError(f"Customer {customer_id} is being put by another request: send it again.") from None
    uow.publish(CustomerCreated(version=1, customer=_told(row)))
    account = await credit_accounts.open_account(
        uow, customer_id, currency=row.currency, payment_terms=row.payment_terms
    )
    await exposure.adopt_documents(uow, account)
    await promises.settle(uow, [customer_id])
    await returned_payments.settle(uow, [customer_id], days={})
    await dunning.settle(uow, [customer_id], days={})
    if row.parent_id is not None:
        await limit_pools.place(uow, customer_id, row.parent_id, by=by)
    await _record(
        uow, "customer.created", row, by, old={}, new={name: value for name, value in content.items() if value}
    )
    return row


async def _follow(uow: UnitOfWork, row: CustomerRow, content: dict[str, Any]) -> None:
    """Have the credit account follow a changed currency and changed terms; terms agreed with a limit stay otherwise."""
    currency, terms = content["currency"], content["payment_terms"]
    if currency != row.currency:
        account = await credit_accounts.locked_account(uow, row.customer_id)
        in_use = account.pool_id is not None or await _has_documents(uow, row.customer_id)
        await credit_accounts.change_currency(uow, account, currency, in_use=in_use)
    if terms != row.payment_terms:
        account = await credit_accounts.locked_account(uow, row.customer_id)
        await credit_accounts.change_payment_terms(uow, row.customer_id, terms)
        await releases.recheck(uow, replace(account, payment_terms=terms))


async def _has_documents(uow: UnitOfWork, customer_id: str) -> bool:
    """Tell whether anything was converted to the account's currency."""
    askers = (
        receivables.has_documents,
        orders.has_orders,
        fulfilment.has_deliveries,
        guarantees.has_guarantees,
    )
    for has in askers:
        if await has(uow.session, customer_id):
            return True
    return False


def _fill(row: CustomerRow, content: dict[str, Any]) -> None:
    for name, value in content.items():
        setattr(row, name, value)
    row.search_text = search_text(
        row.customer_id, names=(row.name, row.legal_name, *row.aliases), contacts=row.contacts
    )


def _told(row: CustomerRow) -> Any:
    return public_state(row, [fingerprint(account) for account in row.bank_accounts])


async def _record(
    uow: UnitOfWork, kind: str, row: CustomerRow, by: str, *, old: dict[str, Any], new: dict[str, Any]
) -> None:
    entry = Entry(row.customer_id, kind, by, old=without_secrets(old), new=without_secrets(new))
    await journal.record(uow, entry)
