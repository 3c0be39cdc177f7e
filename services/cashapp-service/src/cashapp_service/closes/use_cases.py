"""Closing a period by its checklist, and reopening it with four eyes.

The one thing to know: the checks are made under the lock that a posting shares, so that what is posted beside a close is seen by
them or refused. The laws of the books take longest to prove, so that is done before, without a lock.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.closes import repository
from cashapp_service.closes.domain import (
    CompanyFacts,
    FourEyesError,
    NotAcceptableError,
    NotTheLatestClosedError,
    NotYourReopeningError,
    PeriodNotOverError,
    PeriodNotReadyError,
    PostingsUnderWayError,
    ReopeningDecidedError,
    ReopeningNotFoundError,
    ReopeningPendingError,
    checks_of,
    missing_of,
)
from cashapp_service.closes.domain.checklist import NEVER_ACCEPTED
from cashapp_service.closes.schemas import (
    CloseCheck,
    ControlTotal,
    PeriodClose,
    Reopening,
    check_shown,
    close_shown,
    reopening_shown,
)
from cashapp_service.closes.tables import CloseRow, ReopeningRow
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Account, LawVerdict
from cashapp_service.periods import use_cases as periods
from cashapp_service.periods.domain import Period, PeriodAlreadyError
from cashapp_service.reconciliations import use_cases as reconciliations
from cashapp_service.reconciliations.schemas import CashReconciliation, shown
from cashapp_service.submissions import use_cases as submissions
from shared.days import FIRST_DAY
from shared.events.cashapp import PeriodClosed, PeriodReopened, PeriodState
from shared.ids import new_id
from shared.money import exact
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh

LOCK_NOT_AVAILABLE = "55P03"


PROOF_KIND = "ledger.proof"
"""The kind of the job that proves the books ahead of a close."""


@dataclass(frozen=True, slots=True)
class OnTheSpot:
    """How the laws of the books are proved while somebody waits, and up to how many entries of the journal that is done.

    A larger one would take longer than any answer may: its proof is made ahead, by a job.
    """

    prove: Callable[[], Awaitable[Sequence[LawVerdict]]]
    entries_max: int


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdicts on the laws of the books, and when they were made; None where they are made on the spot.

    Without verdicts there is no proof: one has to be made ahead.
    """

    verdicts: Sequence[LawVerdict]
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a period stands. `closed` is the close that froze it, None where it is open or was frozen without a close."""

    is_closed: bool
    closed: CloseRow | None
    pending_reopening: str | None
    checks: list[CloseCheck]
    reconciliations: list[CashReconciliation]


async def standing(session: AsyncSession, company_code: str, period: Period, on_the_spot: OnTheSpot) -> Standing:
    """Return where a period stands: its checklist as of now, or as it was when it was closed.

    The laws of the books are proved `on_the_spot` where no proof made before covers the period; for a closed one they are not.
    """
    latest = await periods.latest_closed(session, company_code)
    is_closed = latest is not None and latest >= period
    close = await repository.latest_close(session, company_code, period) if is_closed else None
    if close is not None:
        checks = [CloseCheck.model_validate(one) for one in close.checks]
        reconciled = [CashReconciliation.model_validate(one) for one in close.reconciliations]
    else:
        facts = await facts_of(session, company_code, period, await _proof(session, company_code, period, on_the_spot))
        checks = [check_shown(one) for one in checks_of(facts)]
        reconciled = [shown(one) for one in facts.reconciliations]
    pending = await repository.pending_reopening(session, company_code, period)
    return Standing(is_closed, close, pending.reopening_id if pending else None, checks, reconciled)


async def _proof(session: AsyncSession, company_code: str, period: Period, on_the_spot: OnTheSpot) -> Proof:
    """Return the proof made before that covers the period and those before it, else one made now if that is soon done."""
    found = await _proof_made(session, company_code, period)
    if found is None or not found.result["ok"]:
        if await ledger.last_sequence(session) <= on_the_spot.entries_max:
            return Proof(await on_the_spot.prove(), None)
        if found is None:
            return Proof((), None)
    laws = found.result["laws"]
    verdicts = [LawVerdict(law["name"], law["checked"], tuple(law["violations"])) for law in laws]
    return Proof(verdicts, found.finished_at)


async def _proof_made(session: AsyncSession, company_code: str, period: Period) -> Any:
    return await repository.proof(session, kind=PROOF_KIND, company_code=company_code, last_day=period.last_day)


async def facts_of(session: AsyncSession, company_code: str, period: Period, proof: Proof) -> CompanyFacts:
    """Return what the checklist of a period needs as of its last day, over all days since the latest close before it."""
    before = await periods.latest_closed(session, company_code, before=period)
    since = before.next.first_day if before else FIRST_DAY
    of_company: Any = {"company_code": company_code, "last_day": period.last_day}
    imports = await repository.unfinished_imports(session, since=period.first_day)
    return CompanyFacts(
        company_code=company_code,
        period=str(period),
        last_day=period.last_day.isoformat(),
        imports=[f"{one.id}: {one.filename} {one.status} ({one.created_at:%Y-%m-%d})" for one in imports],
        unidentified=await repository.held(session, account=Account.UNIDENTIFIED_CASH, **of_company),
        unapplied=await repository.held(session, account=Account.UNAPPLIED_CASH, **of_company),
        exceptions=await repository.exceptions(session, **of_company),
        submissions=[repository.sum_of(row) for row in await submissions.failed(session, **of_company)],
        down_payments=await repository.requests_not_raised(session, **of_company),
        verdicts=proof.verdicts,
        proved_at=proof.made_at,
        totals=await repository.totals(session, **of_company),
        reconciliations=await reconciliations.reconcile_cash(
            session, first_day=since, last_day=period.last_day, company_code=company_code
        ),
    )


async def close_period(
    uow: UnitOfWork,
    company_code: str,
    period: Period,
    *,
    note: str | None,
    accept: Mapping[str, str],
    by: str,
    on_the_spot: OnTheSpot,
    patience_seconds: float,
) -> CloseRow:
    """Close a period, and with it all before it, where nothing is open that is not accepted.

    `accept` gives the reason by check. Raises `PeriodNotOverError`, `NotAcceptableError`, `PeriodAlreadyError`,
    `PeriodNotReadyError`, `PostingsUnderWayError`.
    """
    if period.last_day >= uow.clock.today():
        raise PeriodNotOverError(period, uow.clock.today())
    if NEVER_ACCEPTED & accept.keys():
        raise NotAcceptableError(NEVER_ACCEPTED & accept.keys())
    proof = await _proof(uow.session, company_code, period, on_the_spot)
    await _hold(uow, company_code, period, patience_seconds)
    latest = await periods.latest_closed(uow.session, company_code)
    if latest is not None and latest >= period:
        raise PeriodAlreadyError(company_code, period, "closed")
    if proof.made_at is not None and await _proof_made(uow.session, company_code, period) is None:
        # What the close has waited for came behind the proof.
        raise PostingsUnderWayError
    facts = await facts_of(uow.session, company_code, period, proof)
    checks = checks_of(facts)
    missing = missing_of(checks, accept)
    if missing:
        raise PeriodNotReadyError(company_code, period, missing)
    fact = await periods.close_period(uow, company_code, period, by=by)
    assert fact.closed_behind is not None
    row = CloseRow(
        close_id=new_id("cls"),
        company_code=company_code,
        period=str(period),
        version=fact.version,
        note=note,
        checks=[check_shown(one).model_dump(mode="json") for one in checks],
        accepted=[
            {"check": one.name, "reason": accept[one.name]} for one in missing_of(checks, ()) if one.name in accept
        ],
        control=[one.model_dump(mode="json") for one in await control_totals(uow.session, company_code, period)],
        reconciliations=[shown(one).model_dump(mode="json") for one in facts.reconciliations],
        closed_behind=fact.closed_behind,
        closed_by=by,
        closed_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.publish(PeriodClosed(version=fact.version, period=_state(company_code, period, "closed", by)))
    return row


async def _hold(uow: UnitOfWork, company_code: str, period: Period, patience_seconds: float) -> None:
    """Wait for postings under way for a while, not for ever: those that come meanwhile wait behind the close."""
    await repository.be_patient(uow.session, patience_seconds)
    try:
        await periods.hold(uow, company_code, period)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise PostingsUnderWayError from None
        raise


def _state(company_code: str, period: Period, status: Any, by: str) -> PeriodState:
    return PeriodState(company_code=company_code, period=str(period), status=status, changed_by=by)


async def control_totals(session: AsyncSession, company_code: str, period: Period) -> list[ControlTotal]:
    """Return how much was posted in a period, per currency."""
    return [
        ControlTotal(
            currency=row.currency,
            entries=row.entries,
            lines=row.lines,
            debit=exact(row.debit, row.currency),
            credit=exact(row.credit, row.currency),
            first_sequence=row.first_sequence,
            last_sequence=row.last_sequence,
        )
        for row in await repository.control(session, company_code=company_code, period=period)
    ]


async def request_reopening(
    uow: UnitOfWork, company_code: str, period: Period, *, reason: str, by: str
) -> ReopeningRow:
    """Ask for a closed period to be reopened by somebody else; raise `NotTheLatestClosedError`, `ReopeningPendingError`."""
    await _ensure_latest(uow.session, company_code, period)
    before = await repository.pending_reopening(uow.session, company_code, period)
    if before is not None:
        raise ReopeningPendingError(before.reopening_id)
    row = ReopeningRow(
        reopening_id=new_id("rop"),
        version=1,
        company_code=company_code,
        period=str(period),
        reason=reason,
        status="pending",
        requested_by=by,
        requested_at=uow.clock.now(),
        decided_by=None,
        decided_at=None,
        decision_note=None,
    )
    uow.session.add(row)
    try:
        await uow.session.flush()
    except IntegrityError:
        raise ReopeningPendingError("{reopening_id}") from None
    return row


async def _ensure_latest(session: AsyncSession, company_code: str, period: Period) -> None:
    latest = await periods.latest_closed(session, company_code)
    if latest != period:
        raise NotTheLatestClosedError(company_code, period, latest)


async def approve_reopening(
    uow: UnitOfWork,
    reopening_id: str,
    *,
    by: str,
    note: str | None,
    expected_version: int | None,
    patience_seconds: float,
) -> ReopeningRow:
    """Reopen the period that somebody else asked for; the periods before it stay closed.

    Raises `ReopeningNotFoundError`, `ReopeningDecidedError`, `FourEyesError`, `StaleVersionError`, and
    `NotTheLatestClosedError` where a later one was closed since.
    """
    seen = await repository.find_reopening(uow.session, reopening_id)
    if seen is None:
        raise ReopeningNotFoundError(reopening_id)
    period = Period.parse(seen.period)
    await _hold(uow, seen.company_code, period, patience_seconds)
    row = await _pending(uow, reopening_id, expected_version)
    if row.requested_by == by:
        raise FourEyesError
    await _ensure_latest(uow.session, row.company_code, period)
    fact = await periods.reopen_latest(uow, row.company_code, period, by=by)
    _decide(uow, row, "approved", by=by, note=note)
    uow.publish(PeriodReopened(version=fact.version, period=_state(row.company_code, period, "open", by)))
    return row


async def reject_reopening(
    uow: UnitOfWork, reopening_id: str, *, by: str, note: str | None, expected_version: int | None
) -> ReopeningRow:
    """Refuse what somebody else asked for; raises as `approve_reopening`."""
    row = await _pending(uow, reopening_id, expected_version)
    if row.requested_by == by:
        raise FourEyesError
    _decide(uow, row, "rejected", by=by, note=note)
    return row


async def withdraw_reopening(
    uow: UnitOfWork, reopening_id: str, *, by: str, note: str | None, expected_version: int | None
) -> ReopeningRow:
    """Take back one's own request; raise `NotYourReopeningError` for another's."""
    row = await _pending(uow, reopening_id, expected_version)
    if row.requested_by != by:
        raise NotYourReopeningError
    _decide(uow, row, "withdrawn", by=by, note=note)
    return row


async def _pending(uow: UnitOfWork, reopening_id: str, expected_version: int | None) -> ReopeningRow:
    row = await repository.reopening_for_update(uow.session, reopening_id)
    if row is None:
        raise ReopeningNotFoundError(reopening_id)
    ensure_fresh(expected_version, row.version)
    if row.status != "pending":
        raise ReopeningDecidedError(row.status)
    return row


def _decide(uow: UnitOfWork, row: ReopeningRow, status: str, *, by: str, note: str | None) -> None:
    row.status, row.decided_by, row.decided_at, row.decision_note = status, by, uow.clock.now(), note
    row.version += 1


async def history(
    session: AsyncSession, company_code: str, period: Period
) -> tuple[list[PeriodClose], list[Reopening]]:
    """Return every close of a period and every request to reopen it, newest first."""
    closes, reopenings = await repository.history(session, company_code, period)
    return [close_shown(row) for row in closes], [reopening_shown(row) for row in reopenings]
