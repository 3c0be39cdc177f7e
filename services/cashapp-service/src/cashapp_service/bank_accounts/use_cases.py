"""What can be done with house bank accounts."""

from collections.abc import Collection, Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.bank_accounts import repository
from cashapp_service.bank_accounts.domain import (
    AccountCurrencyFixedError,
    BankAccount,
    check_ledger_account,
    normalised,
)
from cashapp_service.bank_accounts.tables import BankAccountRow, to_bank_account
from shared.errors import ConflictError
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def put_bank_account(
    uow: UnitOfWork, account: BankAccount, *, expected_version: int | None
) -> tuple[BankAccountRow, bool]:
    """Create or change an account and tell whether it was created; equal content changes nothing.

    Raises `ReservedLedgerAccountError`, `StaleVersionError`, and `AccountCurrencyFixedError` where currency or company
    code would change: its statements are kept in them.
    """
    check_ledger_account(account.ledger_account)
    row = await repository.find_for_update(uow.session, account.account)
    if row is None:
        return await _create(uow, account), True
    ensure_fresh(expected_version, row.version)
    if (row.currency, row.company_code) != (account.currency, account.company_code):
        field = "currency" if row.currency != account.currency else "company_code"
        raise AccountCurrencyFixedError(account.account, field=field)
    if (row.ledger_account, row.name) != (account.ledger_account, account.name):
        row.ledger_account, row.name = account.ledger_account, account.name
        row.version += 1
        await uow.session.flush()
    return row, False


async def _create(uow: UnitOfWork, account: BankAccount) -> BankAccountRow:
    row = BankAccountRow(
        account=account.account,
        version=1,
        currency=account.currency,
        company_code=account.company_code,
        ledger_account=account.ledger_account,
        name=account.name,
    )
    uow.session.add(row)
    try:
        await uow.session.flush()
    except IntegrityError:
        raise ConflictError(f"Account {account.account} is being put by another request: send it again.") from None
    return row


async def find(session: AsyncSession, account: str) -> BankAccount | None:
    """Return an account by its IBAN or number, however written."""
    row = await repository.find(session, normalised(account))
    return to_bank_account(row) if row else None


async def locked(
    uow: UnitOfWork, accounts: Collection[str], *, create: Sequence[BankAccount] = ()
) -> dict[str, BankAccount]:
    """Return accounts by number, locked to the end of the transaction; those in `create` are made where missing."""
    if create:
        await repository.insert_missing(uow.session, create)
    return await repository.find_many_for_update(uow.session, accounts)
