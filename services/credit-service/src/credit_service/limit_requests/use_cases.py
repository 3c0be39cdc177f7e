"""What can be done with a limit request."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_service.authorities import use_cases as authorities
from credit_service.authorities.domain import Decider, ensure_another
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import Account, CustomerNotFoundError, Limit, UnknownCustomerError
from credit_service.credit_accounts.use_cases import LimitDecision
from credit_service.limit_requests import repository
from credit_service.limit_requests.domain import (
    LimitRequestDecidedError,
    LimitRequestNotFoundError,
    LimitRequestStatus,
)
from credit_service.limit_requests.tables import LimitRequestRow
from credit_service.releases import use_cases as releases
from shared.ids import new_id
from shared.money import CurrencyMismatchError
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


@dataclass(frozen=True, slots=True)
class Wanted:
    """The limit that is asked for."""

    customer_id: str
    amount: Decimal | None
    currency: str
    valid_until: date | None
    payment_terms: str | None
    reason: str


async def request_limit(uow: UnitOfWork, wanted: Wanted, *, by: Decider) -> LimitRequestRow:
    """Ask for a limit; inside the asker's authority it holds at once.

    Raises `UnknownCustomerError`, and `CurrencyMismatchError` for another currency than the account's.
    """
    try:
        account = await credit_accounts.locked_account(uow, wanted.customer_id)
    except CustomerNotFoundError:
        raise UnknownCustomerError(wanted.customer_id) from None
    if account.currency != wanted.currency:
        raise CurrencyMismatchError(account.currency, wanted.currency)
    row = LimitRequestRow(
        request_id=new_id("lrq"),
        version=0,
        customer_id=wanted.customer_id,
        requested_limit=wanted.amount,
        currency=wanted.currency,
        valid_until=wanted.valid_until,
        payment_terms=wanted.payment_terms,
        reason=wanted.reason,
        status="pending",
        requested_by=by.subject,
        requested_at=uow.clock.now(),
        decided_by=None,
        decided_at=None,
        decision_note=None,
    )
    if await authorities.covers(uow, by.authority, wanted.amount, wanted.currency):
        await _give(uow, account, row, by=by.subject, note="inside the authority of who asked")
    else:
        row.version = 1
    uow.session.add(row)
    return row


async def approve(
    uow: UnitOfWork, request_id: str, *, by: Decider, note: str | None, expected_version: int | None
) -> LimitRequestRow:
    """Give the limit that was asked for by someone else.

    Raises `LimitRequestNotFoundError`, `LimitRequestDecidedError`, `FourEyesError`, `AuthorityExceededError`.
    """
    account, row = await _pending(uow, request_id, expected_version)
    await _ensure_may_decide(uow, row, by)
    await _give(uow, account, row, by=by.subject, note=note)
    return row


async def reject(
    uow: UnitOfWork, request_id: str, *, by: Decider, note: str | None, expected_version: int | None
) -> LimitRequestRow:
    """Refuse the limit that was asked for by someone else; raises as `approve`."""
    _, row = await _pending(uow, request_id, expected_version)
    await _ensure_may_decide(uow, row, by)
    _decide(uow, row, "rejected", by=by.subject, note=note)
    return row


async def _ensure_may_decide(uow: UnitOfWork, row: LimitRequestRow, by: Decider) -> None:
    ensure_another(requested_by=row.requested_by, decided_by=by.subject)
    await authorities.ensure_covered(uow, by.authority, row.requested_limit, row.currency)


async def _pending(uow: UnitOfWork, request_id: str, expected_version: int | None) -> tuple[Account, LimitRequestRow]:
    seen = await repository.find(uow.session, request_id)
    if seen is None:
        raise LimitRequestNotFoundError(request_id)
    account = await credit_accounts.locked_account(uow, seen.customer_id)
    row = await repository.find_for_update(uow.session, request_id)
    assert row is not None, "a limit request is never deleted"
    ensure_fresh(expected_version, row.version)
    if row.status != "pending":
        raise LimitRequestDecidedError(request_id, row.status)
    return account, row


async def _give(uow: UnitOfWork, account: Account, row: LimitRequestRow, *, by: str, note: str | None) -> None:
    _decide(uow, row, "approved", by=by, note=note)
    account = await credit_accounts.change_limit(
        uow,
        account,
        Limit.of(row.requested_limit, row.valid_until),
        payment_terms=row.payment_terms,
        decision=LimitDecision(row.requested_by, by, row.reason, row.request_id),
    )
    await releases.recheck(uow, account)


def _decide(uow: UnitOfWork, row: LimitRequestRow, status: LimitRequestStatus, *, by: str, note: str | None) -> None:
    row.status = status
    row.decided_by = by
    row.decided_at = uow.clock.now()
    row.decision_note = note
    row.version += 1
