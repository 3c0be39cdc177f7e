"""Asking for write-offs, deciding and posting them, and taking them back.

Locks: the items by id, then the write-off. Which items it takes is said when it is asked for and stays.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications.domain.refusals import PostedTooEarlyError, check_decimals
from cashapp_service.authorities.domain import Decider, ensure_may_decide
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Entry, LawVerdict
from cashapp_service.periods import use_cases as periods
from cashapp_service.write_offs import repository
from cashapp_service.write_offs.domain.refusals import (
    NotYourWriteOffError,
    RecoveryExceedsError,
    WriteOffExistsError,
    WriteOffNotFoundError,
    WriteOffRecoveredError,
    WriteOffStateError,
)
from cashapp_service.write_offs.domain.write_off import (
    ZERO,
    Share,
    WantedWriteOff,
    WriteOffAccount,
    WriteOffStatus,
    ensure_covered,
    first_item,
    plan_shares,
    write_off_entry,
)
from cashapp_service.write_offs.tables import WriteOffRow, to_share
from shared.errors import ConflictError
from shared.events.cashapp import WriteOffPosted, WriteOffReversed, WriteOffState, WrittenOffItem
from shared.ids import new_id
from shared.money import Money, exact
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


@dataclass(frozen=True, slots=True)
class LockedWriteOff:
    """A write-off with its items, locked to the end of the transaction."""

    row: WriteOffRow
    shares: Sequence[Share]
    items: Mapping[str, Item]

    @property
    def amount(self) -> Money:
        """All that it gives up."""
        return Money(exact(self.row.amount, self.row.currency), self.row.currency)


async def request_write_off(uow: UnitOfWork, wanted: WantedWriteOff, *, by: str) -> tuple[WriteOffRow, bool]:
    """Ask for a write-off that another person decides; return it and whether it is new.

    A repeat under the same request with equal content is not asked for again, one with other content is a
    `WriteOffExistsError`. Raises `NotWritableOffError`, `WriteOffExceedsError`.
    """
    before = await _asked_before(uow.session, wanted)
    if before is not None:
        return before, False
    locked = await items.locked(uow, {one.item_id for one in wanted.items})
    first = first_item(wanted, locked)
    for position, one in enumerate(wanted.items):
        check_decimals(one.amount or ZERO, first.currency, field=f"items.{position}.amount")
    pending = await repository.pending_of(uow.session, list(locked))
    waiting = {item_id: exact(amount, first.currency) for item_id, amount in pending.items()}
    disputed = await items.disputed_amounts(uow.session, list(locked))
    shares = plan_shares(wanted, locked, pending=waiting, disputed=disputed)
    row = WriteOffRow(
        write_off_id=new_id("wof"),
        version=1,
        status="pending",
        request_id=wanted.request_id,
        customer_id=first.customer_id,
        company_code=first.company_code,
        currency=first.currency,
        amount=sum((share.amount for share in shares), ZERO),
        account=wanted.account,
        reason_code=wanted.reason_code,
        evidence=list(wanted.evidence),
        note=wanted.note,
        requested_by=by,
        requested_at=uow.clock.now(),
    )
    try:
        await repository.insert_new(uow.session, row, shares)
    except IntegrityError:
        raise ConflictError("This write-off is being asked for by another call: send it again.") from None
    return row, True


async def _asked_before(session: AsyncSession, wanted: WantedWriteOff) -> WriteOffRow | None:
    """Return the write-off of the same request; raise `WriteOffExistsError` where it says something else."""
    if wanted.request_id is None:
        return None
    row = await repository.find_by_request(session, wanted.request_id)
    if row is None:
        return None
    stored = {share.item_id: share.amount for share in await repository.shares_of(session, row)}
    same = {
        "items": {one.item_id for one in wanted.items} == stored.keys()
        and all(one.amount in (None, stored[one.item_id]) for one in wanted.items),
        "reason_code": wanted.reason_code == row.reason_code,
        "account": wanted.account == row.account,
        "evidence": list(wanted.evidence) == row.evidence,
    }
    differences = [name for name, equal in same.items() if not equal]
    if differences:
        raise WriteOffExistsError(wanted.request_id, differences)
    return row


async def _locked(uow: UnitOfWork, write_off_id: str, expected_version: int | None) -> LockedWriteOff:
    found = await repository.items_of(uow.session, [write_off_id])
    locked = await items.locked(uow, {one.item_id for one in found})
    return await with_items(uow, write_off_id, locked, expected_version=expected_version)


async def with_items(
    uow: UnitOfWork, write_off_id: str, locked: Mapping[str, Item], *, expected_version: int | None = None
) -> LockedWriteOff:
    """Return a write-off, locked behind items that the caller has locked; raise `WriteOffNotFoundError`."""
    row = await repository.find_for_update(uow.session, write_off_id)
    if row is None:
        raise WriteOffNotFoundError(write_off_id)
    ensure_fresh(expected_version, row.version)
    return LockedWriteOff(row, await repository.shares_of(uow.session, row), locked)


def need(row: WriteOffRow, status: WriteOffStatus) -> None:
    """Raise `WriteOffStateError` unless the write-off has this status."""
    if row.status != status:
        raise WriteOffStateError(row.write_off_id, row.status, status)


async def approve(
    uow: UnitOfWork,
    write_off_id: str,
    *,
    by: Decider,
    note: str | None,
    posting_date: date | None,
    expected_version: int | None,
) -> WriteOffRow:
    """Approve a write-off and post it, on `posting_date`, else today.

    Raises `FourEyesError`, `AuthorityExceededError`, `WriteOffStateError`, `PostedTooEarlyError`, and
    `WriteOffNotCoveredError` where an item was paid meanwhile.
    """
    found = await _locked(uow, write_off_id, expected_version)
    row = found.row
    need(row, "pending")
    ensure_may_decide(by, found.amount, requested_by=row.requested_by)
    ensure_covered(found.shares, found.items)
    earliest = max(found.items[share.item_id].postable_from for share in found.shares)
    row.posted_on = await _day(uow, row, posting_date, earliest)
    _decide(uow, row, "approved", by=by.subject, note=note)
    await _post(uow, found, row.posted_on)
    uow.publish(WriteOffPosted(version=row.version, write_off=_state(row, found.shares)))
    return row


async def _day(uow: UnitOfWork, row: WriteOffRow, wanted: date | None, earliest: date) -> date:
    """Return the day of a posting: the one that is wanted, or today, or the first possible day after it."""
    if wanted is not None and wanted < earliest:
        raise PostedTooEarlyError(earliest)
    return wanted or await periods.first_open(uow.session, row.company_code, max(uow.clock.today(), earliest))


def _decide(uow: UnitOfWork, row: WriteOffRow, status: WriteOffStatus, *, by: str, note: str | None) -> None:
    row.status, row.decided_by, row.decided_at, row.decision_note = status, by, uow.clock.now(), note
    row.version += 1


async def _post(uow: UnitOfWork, found: LockedWriteOff, on: date, *, back: bool = False) -> Entry:
    account: WriteOffAccount = "allowance" if found.row.account == "allowance" else "bad_debt"
    entry = write_off_entry(found.row.write_off_id, found.shares, found.items, account=account, on=on, back=back)
    await uow.session.flush()
    await items.record(uow, found.items, [entry])
    await ledger.post(uow, [entry])
    return entry


def _state(row: WriteOffRow, shares: Sequence[Share]) -> WriteOffState:
    assert row.posted_on is not None
    return WriteOffState(
        write_off_id=row.write_off_id,
        customer_id=row.customer_id,
        company_code=row.company_code,
        amount=exact(row.amount, row.currency),
        currency=row.currency,
        posted_on=row.posted_on,
        reason_code=row.reason_code,
        items=[WrittenOffItem(item_id=one.item_id, number=one.number, amount=one.amount) for one in shares],
    )


async def reject(
    uow: UnitOfWork, write_off_id: str, *, by: Decider, note: str, expected_version: int | None
) -> WriteOffRow:
    """Refuse a write-off; raise `FourEyesError`, `AuthorityExceededError`, `WriteOffStateError`."""
    found = await with_items(uow, write_off_id, {}, expected_version=expected_version)
    need(found.row, "pending")
    ensure_may_decide(by, found.amount, requested_by=found.row.requested_by)
    _decide(uow, found.row, "rejected", by=by.subject, note=note)
    await uow.session.flush()
    return found.row


async def cancel(uow: UnitOfWork, write_off_id: str, *, by: str, expected_version: int | None) -> WriteOffRow:
    """Take one's own waiting write-off back; raise `NotYourWriteOffError`, `WriteOffStateError`."""
    row = (await with_items(uow, write_off_id, {}, expected_version=expected_version)).row
    need(row, "pending")
    if row.requested_by != by:
        raise NotYourWriteOffError
    row.status = "cancelled"
    row.version += 1
    await uow.session.flush()
    return row


async def reverse(
    uow: UnitOfWork,
    write_off_id: str,
    *,
    by: Decider,
    reason: str,
    posting_date: date | None,
    expected_version: int | None,
) -> WriteOffRow:
    """Take a posted write-off back: its items are open again.

    Posted on `posting_date`, else today, never before the write-off. Raises `AuthorityExceededError`,
    `WriteOffStateError`, `PostedTooEarlyError`, and `WriteOffRecoveredError` where money was recovered of it.
    """
    found = await _locked(uow, write_off_id, expected_version)
    row = found.row
    need(row, "approved")
    by.authority.ensure_covers(found.amount)
    if any(share.recovered for share in found.shares):
        raise WriteOffRecoveredError(write_off_id)
    assert row.posted_on is not None
    row.reversed_on = await _day(uow, row, posting_date, row.posted_on)
    row.status, row.reversed_by, row.reversal_reason = "reversed", by.subject, reason
    row.version += 1
    await _post(uow, found, row.reversed_on, back=True)
    uow.publish(WriteOffReversed(version=row.version, write_off=_state(row, found.shares)))
    return row


async def note_recovered(uow: UnitOfWork, found: LockedWriteOff, item_id: str, amount: Decimal) -> None:
    """Count what was recovered of a written-off item, or with a negative amount what was taken back of that.

    Raises `RecoveryExceedsError` where it would be more than was written off.
    """
    share = next(share for share in found.shares if share.item_id == item_id)
    if share.recovered + amount > share.amount:
        raise RecoveryExceedsError(share.number, share.amount - share.recovered, found.row.currency)
    await repository.set_recovered(uow.session, found.row.write_off_id, item_id, share.recovered + amount)
    found.row.version += 1
    await uow.session.flush()


async def find(session: AsyncSession, write_off_id: str) -> tuple[WriteOffRow, list[Share]]:
    """Return a write-off with what it takes of which items; raise `WriteOffNotFoundError`."""
    row = await repository.find(session, write_off_id)
    if row is None:
        raise WriteOffNotFoundError(write_off_id)
    return row, await repository.shares_of(session, row)


async def shares_by_write_off(session: AsyncSession, rows: Collection[WriteOffRow]) -> dict[str, list[Share]]:
    """Return what write-offs take of which items, by write-off."""
    currencies = {row.write_off_id: row.currency for row in rows}
    found: dict[str, list[Share]] = {write_off_id: [] for write_off_id in currencies}
    for one in await repository.items_of(session, list(currencies)):
        found[one.write_off_id].append(to_share(one, currencies[one.write_off_id]))
    return found


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of write-offs."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
