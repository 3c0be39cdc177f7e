"""What can be done with a customer."""

from typing import Any

from sqlalchemy.exc import IntegrityError

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import UnknownCustomerError
from credit_service.customers import repository
from credit_service.customers.domain import fingerprint, search_text
from credit_service.customers.tables import CustomerRow, public_state
from credit_service.exposure import use_cases as exposure
from credit_service.orders import use_cases as orders
from credit_service.receivables import use_cases as receivables
from shared.errors import ConflictError
from shared.events.credit import CustomerCreated, CustomerUpdated
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def put_customer(
    uow: UnitOfWork, *, customer_id: str, content: dict[str, Any], expected_version: int | None
) -> tuple[CustomerRow, bool]:
    """Create or replace a customer and tell whether it was created; equal content changes nothing.

    Raises `UnknownCustomerError` for a parent that does not exist, `StaleVersionError`, `CurrencyInUseError`, and
    `ConflictError` where the same customer is being created at the same time.
    """
    parent_id = content["parent_id"]
    if parent_id is not None and (parent_id == customer_id or await repository.find(uow.session, parent_id) is None):
        raise UnknownCustomerError(parent_id)
    row = await repository.find_for_update(uow.session, customer_id)
    if row is None:
        return await _create(uow, customer_id, content), True
    ensure_fresh(expected_version, row.version)
    if any(getattr(row, name) != value for name, value in content.items()):
        await _follow(uow, row, content)
        _fill(row, content)
        row.version += 1
        uow.publish(CustomerUpdated(version=row.version, customer=_told(row)))
    return row, False


async def _create(uow: UnitOfWork, customer_id: str, content: dict[str, Any]) -> CustomerRow:
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
    return row


async def _follow(uow: UnitOfWork, row: CustomerRow, content: dict[str, Any]) -> None:
    """Have the credit account follow a changed currency and changed terms; terms agreed with a limit stay otherwise."""
    currency, terms = content["currency"], content["payment_terms"]
    if currency != row.currency:
        account = await credit_accounts.locked_account(uow, row.customer_id)
        counted = await receivables.has_documents(uow.session, row.customer_id)
        in_use = counted or await orders.has_orders(uow.session, row.customer_id)
        await credit_accounts.change_currency(uow, account, currency, in_use=in_use)
    if terms != row.payment_terms:
        await credit_accounts.change_payment_terms(uow, row.customer_id, terms)


def _fill(row: CustomerRow, content: dict[str, Any]) -> None:
    for name, value in content.items():
        setattr(row, name, value)
    row.search_text = search_text(row.customer_id, row.name, row.legal_name, *row.aliases)


def _told(row: CustomerRow) -> Any:
    return public_state(row, [fingerprint(account) for account in row.bank_accounts])
