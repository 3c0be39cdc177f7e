"""What can be done with a limit request. The account is locked first, so that two decisions never meet."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.authorities import use_cases as authorities
from credit_service.authorities.domain import Decider, ensure_another
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import (
    Account,
    CustomerNotFoundError,
    LimitChangeKind,
    LimitDecision,
    NotAnIncreaseError,
    UnknownCustomerError,
)
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.limit_requests import repository
from credit_service.limit_requests.domain import (
    INSIDE_AUTHORITY,
    ONLY_LOWERS,
    LimitRequestDecidedError,
    LimitRequestNotFoundError,
    LimitRequestOutdatedError,
    LimitRequestStatus,
    NotYourRequestError,
    Wanted,
    lapses_on,
)
from credit_service.limit_requests.schemas import LimitRequest, shown
from credit_service.limit_requests.tables import LimitRequestRow
from credit_service.releases import use_cases as releases
from shared.ids import new_id
from shared.money import CurrencyMismatchError
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


async def request_limit(uow: UnitOfWork, wanted: Wanted, *, by: Decider, waits_days: int) -> LimitRequestRow:
    """Ask for a limit; inside the asker's authority it holds at once, else it waits for somebody else for `waits_days`.

    A pending request takes the place of the one of its kind that waited. Raises `UnknownCustomerError`,
    `CurrencyMismatchError` for another currency than the account's, `InvalidPaymentTermsError`,
    `TemporaryIncreaseError`, `NotAnIncreaseError`.
    """
    wanted.ensure_sound()
    try:
        account = await credit_accounts.locked_account(uow, wanted.customer_id)
    except CustomerNotFoundError:
        raise UnknownCustomerError(wanted.customer_id) from None
    if account.currency != wanted.currency:
        raise CurrencyMismatchError(account.currency, wanted.currency)
    wanted.applied_to(account.limit)
    row = _asked(uow, account, wanted, by=by.subject, waits_days=waits_days)
    if wanted.only_lowers(account):
        await _give(uow, account, row, by=by.subject, note=ONLY_LOWERS)
    elif await authorities.covers(uow, by.authority, wanted.amount, wanted.currency):
        await _give(uow, account, row, by=by.subject, note=INSIDE_AUTHORITY)
    else:
        await _wait(uow, row)
    uow.session.add(row)
    return row


def _asked(uow: UnitOfWork, account: Account, wanted: Wanted, *, by: str, waits_days: int) -> LimitRequestRow:
    return LimitRequestRow(
        request_id=new_id("lrq"),
        version=1,
        customer_id=wanted.customer_id,
        requested_limit=wanted.amount,
        currency=wanted.currency,
        temporary=wanted.temporary,
        valid_until=wanted.valid_until,
        payment_terms=wanted.payment_terms,
        risk_class=wanted.risk_class,
        review_on=wanted.review_on,
        reason=wanted.reason,
        evidence=list(wanted.evidence),
        limit_when_asked=account.limit.shown,
        status="pending",
        requested_by=by,
        requested_at=uow.clock.now(),
        lapses_on=lapses_on(uow.clock.today(), waits_days),
        decided_by=None,
        decided_at=None,
        decision_note=None,
    )


async def _wait(uow: UnitOfWork, row: LimitRequestRow) -> None:
    """Have a request wait, in place of the one of its kind that the same person asked for before; another's stays."""
    before = await repository.pending_for_update(
        uow.session, row.customer_id, requested_by=row.requested_by, temporary=row.temporary
    )
    if before is not None:
        await _end(uow, before, "superseded", by=row.requested_by, note=f"superseded by {row.request_id}")
        await uow.session.flush()
    asked = "unmanaged" if row.requested_limit is None else f"{row.requested_limit} {row.currency}"
    new = {"status": "pending", "requested_limit": asked}
    await journal.record(
        uow, Entry(row.customer_id, "limit_request.asked", row.requested_by, row.request_id, {}, new, row.reason)
    )


async def approve(
    uow: UnitOfWork, request_id: str, *, by: Decider, note: str | None, expected_version: int | None
) -> LimitRequestRow:
    """Give the limit that was asked for by someone else.

    Raises `LimitRequestNotFoundError`, `LimitRequestDecidedError`, `FourEyesError`, `AuthorityExceededError`, and
    `LimitRequestOutdatedError` where it has lapsed, the account has another currency, or it is no increase any more.
    """
    account, row = await _pending(uow, request_id, expected_version)
    await _ensure_may_decide(uow, row, by)
    if row.currency != account.currency:
        raise LimitRequestOutdatedError(request_id, f"the account is kept in {account.currency} now")
    if row.lapses_on < uow.clock.today():
        raise LimitRequestOutdatedError(request_id, f"it waited longer than until {row.lapses_on}")
    row.version += 1
    try:
        await _give(uow, account, row, by=by.subject, note=note)
    except NotAnIncreaseError:
        raise LimitRequestOutdatedError(request_id, "the limit below it is not lower any more") from None
    return row


async def reject(
    uow: UnitOfWork, request_id: str, *, by: Decider, note: str | None, expected_version: int | None
) -> LimitRequestRow:
    """Refuse the limit that was asked for by someone else; raises as `approve`, and does not care whether it lapsed."""
    _, row = await _pending(uow, request_id, expected_version)
    await _ensure_may_decide(uow, row, by)
    await _end(uow, row, "rejected", by=by.subject, note=note)
    return row


async def withdraw(
    uow: UnitOfWork, request_id: str, *, by: str, note: str | None, expected_version: int | None
) -> LimitRequestRow:
    """Take back one's own request; raises `NotYourRequestError` beside what `_pending` raises."""
    _, row = await _pending(uow, request_id, expected_version)
    if row.requested_by != by:
        raise NotYourRequestError
    await _end(uow, row, "withdrawn", by=by, note=note)
    return row


async def end_outlived(uow: UnitOfWork, as_of: date) -> int:
    """Expire the pending requests whose time was over before `as_of`; return how many."""
    customers = await repository.customers_with_outlived(uow.session, as_of)
    await credit_accounts.locked_accounts(uow, customers)
    outlived = [row for row in await repository.outlived_for_update(uow.session, as_of) if row.customer_id in customers]
    for row in outlived:
        await _end(uow, row, "expired", by="system", note=f"nobody decided it before {as_of}")
    return len(outlived)


async def _ensure_may_decide(uow: UnitOfWork, row: LimitRequestRow, by: Decider) -> None:
    ensure_another(requested_by=row.requested_by, decided_by=by.subject)
    await authorities.ensure_covered(uow, by.authority, row.requested_limit, row.currency)


async def _pending(uow: UnitOfWork, request_id: str, expected_version: int | None) -> tuple[Account, LimitRequestRow]:
    """Return a pending request, its account locked.

    Raises `LimitRequestNotFoundError`, `StaleVersionError`, `LimitRequestDecidedError`.
    """
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


def _wanted(row: LimitRequestRow) -> Wanted:
    return Wanted(
        row.customer_id,
        row.requested_limit,
        row.currency,
        row.valid_until,
        row.reason,
        row.payment_terms,
        row.risk_class,
        row.review_on,
        row.temporary,
        tuple(row.evidence),
    )


async def _give(uow: UnitOfWork, account: Account, row: LimitRequestRow, *, by: str, note: str | None) -> None:
    kind: LimitChangeKind = "temporary" if row.temporary else "limit"
    limit = _wanted(row).applied_to(account.limit)
    _decide(uow, row, "approved", by=by, note=note)
    account = await credit_accounts.change_limit(
        uow,
        account,
        limit,
        payment_terms=row.payment_terms,
        risk_class=row.risk_class,
        next_review_on=row.review_on,
        decision=LimitDecision(row.requested_by, by, row.reason, row.request_id, tuple(row.evidence), kind),
    )
    await releases.recheck(uow, account)


async def _end(uow: UnitOfWork, row: LimitRequestRow, status: LimitRequestStatus, *, by: str, note: str | None) -> None:
    """End a pending request without giving what it asks for."""
    _decide(uow, row, status, by=by, note=note)
    row.version += 1
    old, new = {"status": "pending"}, {"status": status}
    await journal.record(uow, Entry(row.customer_id, f"limit_request.{status}", by, row.request_id, old, new, note))


def _decide(uow: UnitOfWork, row: LimitRequestRow, status: LimitRequestStatus, *, by: str, note: str | None) -> None:
    row.status = status
    row.decided_by = by
    row.decided_at = uow.clock.now()
    row.decision_note = note


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[LimitRequest]:
    """Return a customer's newest limit requests for its credit file."""
    return [shown(row) for row in await session.scalars(repository.newest(customer_id, count=SHOWN_MAX))]
