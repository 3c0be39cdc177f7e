"""What can be done with guarantees: note one or its changed terms, and end it."""

from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import ZERO, Account
from credit_service.credit_decisions.domain.decision import EXPOSURE_MAX, AbsurdAmountError
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.guarantees import repository
from credit_service.guarantees.domain import GuaranteeNotFoundError, GuaranteeStatus, Terms
from credit_service.guarantees.schemas import GuaranteeShown
from credit_service.guarantees.tables import GuaranteeRow
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.releases import use_cases as releases
from shared.money import rounded
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def put_guarantee(
    uow: UnitOfWork, customer_id: str, guarantee_id: str, terms: Terms, *, by: str, expected_version: int | None
) -> tuple[GuaranteeRow, Account, bool]:
    """Note a guarantee, or its changed terms, and tell whether it is new; equal terms change nothing.

    One whose last day is over has ended. Raises `CustomerNotFoundError`, `StaleVersionError`, `MissingExchangeRateError` and
    `AbsurdAmountError`.
    """
    account = await credit_accounts.locked_account(uow, customer_id)
    row = await repository.find(uow.session, customer_id, guarantee_id)
    if row is not None:
        ensure_fresh(expected_version, row.version)
    status: GuaranteeStatus = "ended" if terms.is_over(uow.clock.today()) else "valid"
    if row is not None and row.terms == terms and row.status == status:
        return row, account, False
    before, old = (row.counts, row.terms.written()) if row else (ZERO, {})
    rate = await _rate(uow, row, terms, account)
    values = _values(terms, rate, account.currency) | {"changed_at": uow.clock.now()}
    kept = _filled(row, customer_id=customer_id, guarantee_id=guarantee_id, **values)
    kept.move_to(status, by=by, at=uow.clock.now())
    uow.session.add(kept)
    await _journal(uow, kept, "guarantee.put", old, terms.written() | {"rate": str(rate)}, by=by)
    return kept, await _counted(uow, account, kept.counts - before), row is None


async def end_guarantee(
    uow: UnitOfWork, customer_id: str, guarantee_id: str, *, by: str, note: str
) -> tuple[GuaranteeRow, Account]:
    """Have a guarantee count no more; one that has ended already stays so. Raises `GuaranteeNotFoundError`."""
    account = await credit_accounts.locked_account(uow, customer_id)
    row = await repository.find(uow.session, customer_id, guarantee_id)
    if row is None:
        raise GuaranteeNotFoundError(customer_id, guarantee_id)
    if row.status == "ended":
        return row, account
    return row, await _end(uow, account, row, by=by, reason=note)


async def end_guarantees(uow: UnitOfWork, as_of: date) -> int:
    """End the guarantees whose last day lies before `as_of`; return how many ended."""
    customers = {row.customer_id for row in await repository.over(uow.session, as_of)}
    accounts = await credit_accounts.locked_accounts(uow, customers)
    rows = await repository.over(uow.session, as_of, accounts.keys()) if accounts else []
    for row in rows:
        accounts[row.customer_id] = await _end(
            uow, accounts[row.customer_id], row, by="system", reason="its last day is over", day=as_of
        )
    return len(rows)


async def _end(
    uow: UnitOfWork, account: Account, row: GuaranteeRow, *, by: str, reason: str, day: date | None = None
) -> Account:
    before = row.counts
    row.move_to("ended", by=by, at=uow.clock.now())
    await _journal(uow, row, "guarantee.ended", {"status": "valid"}, {"status": "ended"}, by=by, reason=reason)
    return await _counted(uow, account, row.counts - before, day)


async def _counted(uow: UnitOfWork, account: Account, moved: Decimal, day: date | None = None) -> Account:
    """Move special exposure and look again at what is held."""
    await uow.session.flush()
    exposure = replace(account.exposure, special=account.exposure.special + moved)
    if exposure.special >= EXPOSURE_MAX or abs(exposure.total) >= EXPOSURE_MAX:
        raise AbsurdAmountError
    account = replace(account, exposure=exposure)
    await credit_accounts.save_exposures(uow, [account])
    return await releases.recheck(uow, account, day=day)


async def _rate(uow: UnitOfWork, row: GuaranteeRow | None, terms: Terms, account: Account) -> Decimal:
    """Return the rate that is kept with the guarantee, found anew where it has another currency."""
    if row is not None and row.currency == terms.currency:
        return row.rate
    today = uow.clock.today()
    return await exchange_rates.rate_for_document(uow.session, terms.currency, account.currency, document_date=today)


def _values(terms: Terms, rate: Decimal, account_currency: str) -> dict[str, Any]:
    account_amount = rounded(terms.amount * rate, account_currency)
    if account_amount >= EXPOSURE_MAX:
        raise AbsurdAmountError
    return asdict(terms) | {"rate": rate, "account_amount": account_amount}


def _filled(row: GuaranteeRow | None, **values: Any) -> GuaranteeRow:
    if row is None:
        return GuaranteeRow(version=0, status="ended", changed_by="", **values)
    for name, value in values.items():
        setattr(row, name, value)
    return row


async def _journal(
    uow: UnitOfWork,
    row: GuaranteeRow,
    kind: str,
    old: dict[str, object],
    new: dict[str, object],
    *,
    by: str,
    reason: str | None = None,
) -> None:
    changed = {name: value for name, value in new.items() if old.get(name) != value}
    was = {name: old[name] for name in changed if name in old}
    await journal.record(uow, Entry(row.customer_id, kind, by, row.guarantee_id, was, changed, reason or None))


async def has_guarantees(session: AsyncSession, customer_id: str) -> bool:
    """Tell whether any guarantee for the customer is known."""
    return await repository.has_guarantees(session, customer_id)


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[GuaranteeShown]:
    """Return a customer's guarantees, running and ended, for its credit file; what changed last comes first."""
    account = (await credit_accounts.accounts(session, [customer_id]))[customer_id]
    changed_last = repository.changed_last(customer_id, count=SHOWN_MAX)
    return [GuaranteeShown.of(row, account.currency) for row in await session.scalars(changed_last)]
