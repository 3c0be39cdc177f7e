"""Running over small balances, deciding what a run found, and taking a run back.

Locks: the items by id, then the run. A run's items are named when it is made and stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications.domain.refusals import PostedTooEarlyError
from cashapp_service.authorities.domain import Authority, Decider, ensure_may_decide
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Entry, LawVerdict
from cashapp_service.small_balances import repository
from cashapp_service.small_balances.domain import (
    ITEMS_MAX,
    RunStatus,
    SmallBalance,
    SmallBalanceRunNotFoundError,
    SmallBalanceStateError,
    Sums,
    WantedRun,
    clearing_entries,
    small_balance,
    why_skipped,
)
from cashapp_service.small_balances.tables import SmallBalanceRunRow
from shared.ids import new_id
from shared.money import Money, exact
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would clear; `more` where there is more than one run takes."""

    balances: Sequence[SmallBalance]
    more: bool

    @property
    def sums(self) -> Sums:
        """Both sides."""
        return Sums.of(one.balance for one in self.balances)


async def preview(session: AsyncSession, wanted: WantedRun) -> Preview:
    """Return what a run would clear now; items that wait in another run are left out."""
    found = await items.small_items(
        session,
        company_code=wanted.company_code,
        currency=wanted.currency,
        balance_max=wanted.max_amount,
        due_until=wanted.due_until,
        postable_until=wanted.as_of,
        limit=ITEMS_MAX + 1,
    )
    waiting = await repository.waiting_among(session, [item.item_id for item in found])
    balances = [small_balance(item) for item in found[:ITEMS_MAX] if item.item_id not in waiting]
    return Preview(balances, more=len(found) > ITEMS_MAX)


async def run(
    uow: UnitOfWork, wanted: WantedRun, *, by: str, authority: Authority
) -> tuple[SmallBalanceRunRow, Preview]:
    """Clear small balances, where the authority of who runs covers their sum; else they wait for another person.

    Return the run with what it found. Raises `PeriodClosedError` where it posts into a closed period.
    """
    seen = await preview(uow.session, wanted)
    locked = await items.locked(uow, {one.item_id for one in seen.balances})
    # Another run may have taken the same items while this one waited for them.
    again = {one.item_id for one in (await preview(uow.session, wanted)).balances} & locked.keys()
    balances = [small_balance(locked[one.item_id]) for one in seen.balances if one.item_id in again]
    found = Preview(balances, seen.more)
    covered = authority.covers(found.sums.gross(wanted.currency))
    row = _row(uow, wanted, found, by=by, status="posted" if covered else "pending")
    await repository.insert_new(uow.session, row, balances, outcome="posted" if covered else "waiting")
    if covered:
        await _post(uow, locked, clearing_entries(row.run_id, balances, wanted.currency, on=wanted.as_of))
    return row, found


def _row(uow: UnitOfWork, wanted: WantedRun, found: Preview, *, by: str, status: RunStatus) -> SmallBalanceRunRow:
    return SmallBalanceRunRow(
        run_id=new_id("sbr"),
        version=1,
        status=status,
        as_of=wanted.as_of,
        company_code=wanted.company_code,
        currency=wanted.currency,
        max_amount=wanted.max_amount,
        older_than_days=wanted.older_than_days,
        items=found.sums.items,
        debits=found.sums.debits,
        credits=found.sums.credits,
        more=found.more,
        requested_by=by,
        requested_at=uow.clock.now(),
        posted_on=wanted.as_of if status == "posted" else None,
    )


async def _post(uow: UnitOfWork, locked: dict[str, Item], entries: Sequence[Entry]) -> None:
    await items.record(uow, locked, entries)
    await ledger.post(uow, entries)


async def _locked(
    uow: UnitOfWork, run_id: str, outcome: str, needed: RunStatus, expected_version: int | None
) -> tuple[SmallBalanceRunRow, list[SmallBalance], dict[str, Item]]:
    """Return a run with its items of one outcome, all locked."""
    row = await find(uow.session, run_id)
    locked = await items.locked(uow, {one.item_id for one in await repository.balances_of(uow.session, row, outcome)})
    row = await _locked_row(uow, run_id, needed, expected_version)
    return row, await repository.balances_of(uow.session, row, outcome), locked


async def _locked_row(
    uow: UnitOfWork, run_id: str, needed: RunStatus, expected_version: int | None
) -> SmallBalanceRunRow:
    row = await repository.find_for_update(uow.session, run_id)
    if row is None:
        raise SmallBalanceRunNotFoundError(run_id)
    ensure_fresh(expected_version, row.version)
    if row.status != needed:
        raise SmallBalanceStateError(run_id, row.status, needed)
    return row


async def approve(
    uow: UnitOfWork,
    run_id: str,
    *,
    by: Decider,
    note: str | None,
    posting_date: date | None,
    expected_version: int | None,
) -> SmallBalanceRunRow:
    """Clear what a run found, on `posting_date`, else on its own day; what changed meanwhile is left out and says why.

    Raises `FourEyesError`, `AuthorityExceededError`, `SmallBalanceStateError`, `PostedTooEarlyError`.
    """
    row, balances, locked = await _locked(uow, run_id, "waiting", "pending", expected_version)
    ensure_may_decide(by, _gross(row), requested_by=row.requested_by)
    day = posting_date or row.as_of
    if day < row.as_of:
        raise PostedTooEarlyError(row.as_of)
    amounts = await items.disputed_amounts(uow.session, list(locked))
    disputed = {item_id for item_id, amount in amounts.items() if amount}
    reasons = {one.item_id: why_skipped(one, locked[one.item_id], on=day, disputed=disputed) for one in balances}
    await repository.record_outcomes(uow.session, run_id, reasons)
    _decide(uow, row, "posted", by=by.subject, note=note)
    row.posted_on = day
    await uow.session.flush()
    cleared = [one for one in balances if reasons[one.item_id] is None]
    await _post(uow, locked, clearing_entries(run_id, cleared, row.currency, on=day))
    return row


def _gross(row: SmallBalanceRunRow) -> Money:
    return Money(exact(row.debits + row.credits, row.currency), row.currency)


def _decide(uow: UnitOfWork, row: SmallBalanceRunRow, status: RunStatus, *, by: str, note: str | None) -> None:
    row.status, row.decided_by, row.decided_at, row.decision_note = status, by, uow.clock.now(), note
    row.version += 1


async def reject(
    uow: UnitOfWork, run_id: str, *, by: Decider, note: str, expected_version: int | None
) -> SmallBalanceRunRow:
    """Refuse what a run found; raise `FourEyesError`, `AuthorityExceededError`, `SmallBalanceStateError`."""
    row = await _locked_row(uow, run_id, "pending", expected_version)
    ensure_may_decide(by, _gross(row), requested_by=row.requested_by)
    _decide(uow, row, "rejected", by=by.subject, note=note)
    await uow.session.flush()
    return row


async def reverse(
    uow: UnitOfWork,
    run_id: str,
    *,
    by: Decider,
    reason: str,
    posting_date: date | None,
    expected_version: int | None,
) -> SmallBalanceRunRow:
    """Open every item again that a run cleared, on `posting_date`, else today, never before the run.

    Raises `AuthorityExceededError`, `SmallBalanceStateError`, `PostedTooEarlyError`.
    """
    row, balances, locked = await _locked(uow, run_id, "posted", "posted", expected_version)
    by.authority.ensure_covers(_gross(row))
    assert row.posted_on is not None
    day = posting_date or max(uow.clock.today(), row.posted_on)
    if day < row.posted_on:
        raise PostedTooEarlyError(row.posted_on)
    row.status, row.reversed_on, row.reversed_by, row.reversal_reason = "reversed", day, by.subject, reason
    row.version += 1
    await uow.session.flush()
    await _post(uow, locked, clearing_entries(run_id, balances, row.currency, on=day, back=True))
    return row


async def find(session: AsyncSession, run_id: str) -> SmallBalanceRunRow:
    """Return a run; raise `SmallBalanceRunNotFoundError`."""
    row = await repository.find(session, run_id)
    if row is None:
        raise SmallBalanceRunNotFoundError(run_id)
    return row


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of runs over small balances."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
