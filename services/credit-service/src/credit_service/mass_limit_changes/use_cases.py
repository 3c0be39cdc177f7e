"""What can be done with a mass change: preview it, decide it, apply it in steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from credit_service.authorities import use_cases as authorities
from credit_service.authorities.domain import Authority, Decider, ensure_another
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import Account, CreditChange, Limit, LimitDecision
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.exchange_rates.domain import Rates
from credit_service.holds import use_cases as holds
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.mass_limit_changes import repository
from credit_service.mass_limit_changes.domain.change import Change, NotPossibleError, Planned, planned
from credit_service.mass_limit_changes.domain.selection import Selection
from credit_service.mass_limit_changes.domain.states import (
    LineStatus,
    MassChangeDecidedError,
    MassChangeError,
    MassChangeNotFoundError,
    MassChangeStatus,
    NothingToChangeError,
    NotYourMassChangeError,
    TooManyAccountsError,
)
from credit_service.mass_limit_changes.domain.totals import Tally
from credit_service.mass_limit_changes.tables import MassLimitChangeLineRow, MassLimitChangeRow
from credit_service.releases import use_cases as releases
from shared.ids import new_id
from shared.jobs import Job, enqueue
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh

APPLY = "limits.mass_change"
"""The job that applies an approved mass change."""
ACCOUNTS_MAX = 20_000
"""Accounts of one mass change: a preview is answered at once, and must not keep a process from checks for long."""
PREVIEW_STEP = 250
APPLY_STEP = 200
"""Accounts of one transaction: so many are locked at once, and so many are done again after a worker's death at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A mass change as it is asked for; the documents are what the caller sent."""

    selection: Selection
    change: Change
    reason: str
    as_of: date
    selection_document: dict[str, Any]
    change_document: dict[str, Any]


async def preview(
    uow: UnitOfWork, asked: Asked, *, by: str, roles: Mapping[str, Authority], most: int = ACCOUNTS_MAX
) -> MassLimitChangeRow:
    """Store what a change would do to each account that it is for; nothing is changed yet.

    Raises `SelectionError`, `MassChangeError`, `NothingToChangeError`, `TooManyAccountsError`.
    """
    asked.selection.ensure_stated()
    asked.change.ensure_sound()
    selection = _in_currency(asked.selection, asked.change)
    mass_change_id, tally = new_id("mlc"), Tally()
    rates = await exchange_rates.rates_of(uow.session, uow.clock.today())
    chosen = await repository.chosen(uow.session, selection)
    if len(chosen) > most:
        raise TooManyAccountsError(len(chosen), most)
    for start in range(0, len(chosen), PREVIEW_STEP):
        accounts = await credit_accounts.accounts(uow.session, chosen[start : start + PREVIEW_STEP])
        used = [one for one in accounts.values() if selection.is_used_as_asked(one, asked.as_of)]
        lines = [_line(account, asked.change, tally, roles, rates) for account in used]
        stored = [line | {"mass_change_id": mass_change_id} for line in lines if line is not None]
        await repository.add_lines(uow.session, stored)
    if not tally.planned:
        raise NothingToChangeError(tally.matched)
    row = MassLimitChangeRow(
        mass_change_id=mass_change_id,
        version=1,
        status="previewed",
        selection=asked.selection_document,
        change=asked.change_document,
        reason=asked.reason,
        as_of=asked.as_of,
        totals=tally.totals(sorted(roles)),
        requested_by=by,
        requested_at=uow.clock.now(),
        decided_by=None,
        decided_at=None,
        decision_note=None,
        job_id=None,
    )
    uow.session.add(row)
    return row


def _in_currency(selection: Selection, change: Change) -> Selection:
    """Return the selection of accounts in the currency of the change, where it has one."""
    if change.currency is None or change.currency == selection.currency:
        return selection
    if selection.currency is not None:
        raise MassChangeError(
            f"The filter names accounts in {selection.currency}: state the change in it.", field="change.currency"
        )
    return replace(selection, currency=change.currency)


def _line(
    account: Account, change: Change, tally: Tally, roles: Mapping[str, Authority], rates: Rates
) -> dict[str, Any] | None:
    """Return the line of an account and count it, None where it stays as it is."""
    tally.matched += 1
    try:
        plan = planned(account, change)
    except NotPossibleError as error:
        tally.not_possible += 1
        stays = Planned(account.limit.lasting, account.risk_class, account.next_review_on, raises=False)
        return _columns(account, stays, "not_possible", str(error), [])
    if plan is None:
        tally.unchanged += 1
        return None
    limit = plan.limit.shown
    above = [role for role, one in roles.items() if plan.raises and not one.covers(limit, account.currency, rates)]
    tally.count(account.currency, account.limit.lasting, plan.limit, raises=plan.raises, above=above)
    return _columns(account, plan, "planned", None, sorted(above))


def _columns(
    account: Account, plan: Planned, status: LineStatus, detail: str | None, above: list[str]
) -> dict[str, Any]:
    return {
        "customer_id": account.customer_id,
        "status": status,
        "detail": detail,
        "currency": account.currency,
        "account_version": account.version,
        "exposure": account.exposure.total,
        "old_state": account.limit.state,
        "old_limit": account.limit.amount,
        "old_valid_until": account.limit.valid_until,
        "old_risk_class": account.risk_class,
        "old_review_on": account.next_review_on,
        "new_state": plan.limit.state,
        "new_limit": plan.limit.amount,
        "new_valid_until": plan.limit.valid_until,
        "new_risk_class": plan.risk_class,
        "new_review_on": plan.review_on,
        "raises": plan.raises,
        "above_authority_of": above,
    }


async def approve(
    uow: UnitOfWork, mass_change_id: str, *, by: Decider, note: str | None, expected_version: int | None
) -> Job:
    """Have a mass change applied that somebody else previewed, and return the job that does it.

    Raises `MassChangeNotFoundError`, `StaleVersionError`, `MassChangeDecidedError`, `FourEyesError`, and
    `AuthorityExceededError` where a limit that is raised is above the authority.
    """
    row = await _waiting(uow, mass_change_id, expected_version)
    ensure_another(requested_by=row.requested_by, decided_by=by.subject)
    for currency, unmanaged, largest in await repository.largest_raises(uow.session, mass_change_id):
        for amount in (largest, None) if unmanaged else (largest,):
            await authorities.ensure_covered(uow, by.authority, amount, currency)
    job = await enqueue(
        uow,
        prefix="crj",
        kind=APPLY,
        requested_by=by.subject,
        params={"mass_change_id": mass_change_id},
        natural_key=f"mass_change:{mass_change_id}",
    )
    row.job_id = job.id
    _decide(uow, row, "approved", by=by.subject, note=note)
    return job


async def reject(
    uow: UnitOfWork, mass_change_id: str, *, by: Decider, note: str | None, expected_version: int | None
) -> MassLimitChangeRow:
    """Refuse a mass change that somebody else previewed; raises as `approve` but for the authority."""
    row = await _waiting(uow, mass_change_id, expected_version)
    ensure_another(requested_by=row.requested_by, decided_by=by.subject)
    _decide(uow, row, "rejected", by=by.subject, note=note)
    return row


async def withdraw(
    uow: UnitOfWork, mass_change_id: str, *, by: str, note: str | None, expected_version: int | None
) -> MassLimitChangeRow:
    """Take back one's own mass change; raises `NotYourMassChangeError` beside what `_waiting` raises."""
    row = await _waiting(uow, mass_change_id, expected_version)
    if row.requested_by != by:
        raise NotYourMassChangeError
    _decide(uow, row, "withdrawn", by=by, note=note)
    return row


async def _waiting(uow: UnitOfWork, mass_change_id: str, expected_version: int | None) -> MassLimitChangeRow:
    row = await repository.find_for_update(uow.session, mass_change_id)
    if row is None:
        raise MassChangeNotFoundError(mass_change_id)
    ensure_fresh(expected_version, row.version)
    if row.status != "previewed":
        raise MassChangeDecidedError(mass_change_id, row.status)
    return row


def _decide(uow: UnitOfWork, row: MassLimitChangeRow, status: MassChangeStatus, *, by: str, note: str | None) -> None:
    row.status = status
    row.decided_by = by
    row.decided_at = uow.clock.now()
    row.decision_note = note
    row.version += 1


async def apply_next(uow: UnitOfWork, mass_change_id: str, *, most: int = APPLY_STEP) -> int:
    """Apply the next lines of an approved mass change, at most so many, and return how many there were.

    An account that is not as it was previewed is reported and left alone.
    """
    row = await repository.find_for_update(uow.session, mass_change_id)
    assert row is not None, "a mass change is never deleted"
    lines = await repository.next_planned(uow.session, mass_change_id, most=most)
    accounts = await credit_accounts.locked_accounts(uow, [line.customer_id for line in lines])
    changes, days = [], {}
    for line in lines:
        account = accounts[line.customer_id]
        if not _is_as_previewed(account, line):
            line.status = "changed_since"
            line.detail = f"The account has version {account.version} now: it was changed since the preview."
            continue
        line.status = "applied"
        if (change := _change(row, line, account)) is not None:
            changes.append(change)
        elif line.new_review_on is not None:
            days[line.customer_id] = line.new_review_on
    changed = await credit_accounts.change_credit(uow, changes)
    await _schedule_reviews(uow, row, [accounts[customer_id] for customer_id in days], days)
    await _recheck(uow, [*changed, *(replace(accounts[one], next_review_on=day) for one, day in days.items())])
    return len(lines)


def _is_as_previewed(account: Account, line: MassLimitChangeLineRow) -> bool:
    previewed = (line.account_version, line.currency, line.old_review_on)
    return (account.version, account.currency, account.next_review_on) == previewed


def _change(row: MassLimitChangeRow, line: MassLimitChangeLineRow, account: Account) -> CreditChange | None:
    """Return what was planned for an account, None where only its review moves."""
    lasting = Limit(line.new_state, line.new_limit, line.new_valid_until)  # type: ignore[arg-type]  # as it was planned
    same = lasting == account.limit.lasting
    if same and line.new_risk_class == account.risk_class:
        return None
    decision = LimitDecision(
        row.requested_by, _decider(row), row.reason, row.mass_change_id, kind="terms" if same else "limit"
    )
    return CreditChange.of(
        account,
        account.limit if same else account.limit.followed_by(lasting),
        decision,
        risk_class=line.new_risk_class,
        next_review_on=line.new_review_on,
    )


def _decider(row: MassLimitChangeRow) -> str:
    assert row.decided_by is not None, "a check of the table"
    return row.decided_by


async def _schedule_reviews(
    uow: UnitOfWork, row: MassLimitChangeRow, accounts: Sequence[Account], days: Mapping[str, date]
) -> None:
    entries = [
        Entry(
            one.customer_id,
            "review.scheduled",
            _decider(row),
            row.mass_change_id,
            {"next_review_on": one.next_review_on},
            {"next_review_on": days[one.customer_id]},
            row.reason,
        )
        for one in accounts
    ]
    await credit_accounts.schedule_reviews(uow, days)
    await journal.record_all(uow, entries)


async def _recheck(uow: UnitOfWork, accounts: Sequence[Account]) -> None:
    held = set(await holds.customers_held(uow, [account.customer_id for account in accounts]))
    for account in accounts:
        if account.customer_id in held or account.pool_id is not None:
            await releases.recheck(uow, account)


async def finish(uow: UnitOfWork, mass_change_id: str) -> dict[str, int]:
    """Record that every line was dealt with, and return how many there are of each state."""
    row = await repository.find_for_update(uow.session, mass_change_id)
    assert row is not None, "a mass change is never deleted"
    if row.status != "applied":
        row.status = "applied"
        row.version += 1
    counted = await repository.counted(uow.session, mass_change_id)
    return {name: counted.get(name, 0) for name in ("applied", "changed_since", "not_possible")}


async def left_alone(uow: UnitOfWork, mass_change_id: str, *, most: int) -> list[dict[str, Any]]:
    """Return the accounts that were changed since the preview, for the report of the job."""
    lines = repository.lines_of(mass_change_id, status="changed_since").limit(most)
    found = (await uow.session.execute(lines)).scalars()
    return [{"customer_id": line.customer_id, "detail": line.detail} for line in found]


async def still_planned(uow: UnitOfWork, mass_change_id: str) -> int:
    """Return how many lines are still to be applied."""
    return (await repository.counted(uow.session, mass_change_id)).get("planned", 0)
