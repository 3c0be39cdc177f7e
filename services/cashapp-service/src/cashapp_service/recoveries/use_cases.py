"""Booking recoveries and taking them back.

Locks: the receipt, the item, the write-off; a recovery itself changes under these only.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications.domain.refusals import PostedTooEarlyError, check_decimals
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Entry, LawVerdict
from cashapp_service.periods import use_cases as periods
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.receipts.domain import Receipt, ReceiptReturnedError
from cashapp_service.recoveries import repository
from cashapp_service.recoveries.domain import (
    Recovery,
    RecoveryNotFoundError,
    RecoveryReversedError,
    WantedRecovery,
    check_receipt,
    plan_recovery,
    recovery_entry,
    share_of,
)
from cashapp_service.recoveries.tables import RecoveryRow, to_recovery
from cashapp_service.write_offs import use_cases as write_offs
from shared.events.cashapp import Allocation, PaymentApplied, PaymentReversed
from shared.ids import new_id
from shared.money import exact
from shared.unit_of_work import UnitOfWork


async def book_recovery(uow: UnitOfWork, wanted: WantedRecovery, *, by: str) -> RecoveryRow:
    """Book money of a receipt for what was written off of an item.

    Posted on `posting_date`, else on the first day possible. Raises `WriteOffNotFoundError`, `WriteOffStateError`,
    `WhichItemError`, `RecoveryExceedsError`, `ForeignReceiptError`, `ReceiptReturnedError`, `ReceiptExhaustedError`,
    `NothingRecoverableError`, `PostedTooEarlyError`.
    """
    receipt = await receipts.locked(uow, wanted.receipt_id)
    if receipt.status == "returned":
        raise ReceiptReturnedError
    _, shares = await write_offs.find(uow.session, wanted.write_off_id)
    item_id = share_of(shares, wanted.item_id).item_id
    locked = await items.locked(uow, {item_id})
    found = await write_offs.with_items(uow, wanted.write_off_id, locked)
    write_offs.need(found.row, "approved")
    check_receipt(receipt, locked[item_id])
    check_decimals(wanted.amount or receipt.amount, receipt.currency, field="amount")
    recovery = plan_recovery(new_id("rcv"), receipt, share_of(list(found.shares), item_id), wanted.amount)
    await write_offs.note_recovered(uow, found, item_id, recovery.amount)
    assert found.row.posted_on is not None
    earliest = max(receipt.postable_from, locked[item_id].postable_from, found.row.posted_on)
    row = _row(uow, recovery, receipt, wanted.write_off_id, by=by)
    row.posted_on = await _day(uow, receipt, wanted.posting_date, earliest)
    await repository.insert_new(uow.session, row)
    entry = recovery_entry(recovery, receipt, on=row.posted_on)
    receipt = await _post(uow, receipt, locked, entry)
    await receipts.record(uow, [receipt])
    uow.publish(
        PaymentApplied(
            version=receipt.version,
            receipt=receipt.state,
            posting=receipt.posting_of(entry),
            application_id=recovery.recovery_id,
            allocations=[_told(recovery, receipt.currency)],
        )
    )
    return row


async def _day(uow: UnitOfWork, receipt: Receipt, wanted: date | None, earliest: date) -> date:
    if wanted is not None and wanted < earliest:
        raise PostedTooEarlyError(earliest)
    return wanted or await periods.first_open(uow.session, receipt.company_code, earliest)


def _row(uow: UnitOfWork, recovery: Recovery, receipt: Receipt, write_off_id: str, *, by: str) -> RecoveryRow:
    assert receipt.customer_id is not None
    return RecoveryRow(
        recovery_id=recovery.recovery_id,
        version=1,
        status="active",
        write_off_id=write_off_id,
        item_id=recovery.item_id,
        receipt_id=receipt.receipt_id,
        number=recovery.number,
        customer_id=receipt.customer_id,
        currency=receipt.currency,
        amount=recovery.amount,
        from_unapplied=recovery.from_unapplied,
        from_on_account=recovery.from_on_account,
        posted_on=receipt.value_date,
        recorded_by=by,
        recorded_at=uow.clock.now(),
    )


def _told(recovery: Recovery, currency: str) -> Allocation:
    nothing = exact(Decimal(0), currency)
    return Allocation(
        item_id=recovery.item_id,
        number=recovery.number,
        amount=recovery.amount,
        discount=nothing,
        tolerance_write_off=nothing,
    )


async def _post(uow: UnitOfWork, receipt: Receipt, locked: dict[str, Item], entry: Entry) -> Receipt:
    """Carry an entry into item and receipt and post it; the caller records the receipt and tells of it."""
    locked.update(await items.record(uow, locked, [entry]))
    await ledger.post(uow, [entry])
    return receipt.after(entry)


async def reverse_recovery(uow: UnitOfWork, recovery_id: str, *, by: str, posting_date: date | None) -> RecoveryRow:
    """Take a recovery back: its money is where it came from, and the item is written off again.

    Posted on `posting_date`, else today, never before the recovery. Raises `RecoveryNotFoundError`,
    `RecoveryReversedError`, `PostedTooEarlyError`.
    """
    row = await repository.find(uow.session, recovery_id)
    if row is None:
        raise RecoveryNotFoundError(recovery_id)
    receipt = await receipts.locked(uow, row.receipt_id)
    locked = await items.locked(uow, {row.item_id})
    row = await repository.find(uow.session, recovery_id)
    assert row is not None
    if row.status == "reversed":
        raise RecoveryReversedError(recovery_id)
    earliest = max(row.posted_on, uow.clock.today()) if posting_date is None else row.posted_on
    day = await _day(uow, receipt, posting_date, earliest)
    receipt = await _reverse(uow, receipt, row, locked, on=day, by=by)
    await receipts.record(uow, [receipt])
    return row


async def _reverse(
    uow: UnitOfWork, receipt: Receipt, row: RecoveryRow, locked: dict[str, Item], *, on: date, by: str
) -> Receipt:
    recovery = to_recovery(row)
    found = await write_offs.with_items(uow, row.write_off_id, locked)
    await write_offs.note_recovered(uow, found, row.item_id, -recovery.amount)
    entry = recovery_entry(recovery, receipt, on=on, back=True)
    row.status, row.reversed_on, row.reversed_by = "reversed", on, by
    row.version += 1
    await uow.session.flush()
    receipt = await _post(uow, receipt, locked, entry)
    uow.publish(
        PaymentReversed(
            version=receipt.version,
            receipt=receipt.state,
            posting=receipt.posting_of(entry),
            application_id=recovery.recovery_id,
            allocations=[_told(recovery, receipt.currency)],
        )
    )
    return receipt


async def reverse_all(
    uow: UnitOfWork, receipt: Receipt, *, not_before: date, by: str
) -> tuple[Receipt, list[Allocation]]:
    """Take all recoveries of a receipt back, which the bank takes back, the one posted last first; return it with what was
    taken back.

    The caller has locked the receipt with all its items, and records it.
    """
    active = await repository.active_of_receipt(uow.session, receipt.receipt_id)
    posted = await ledger.causes_of_receipt(uow.session, receipt.receipt_id) if active else []
    rows = [active[cause] for cause in posted if cause in active]
    locked = await items.locked(uow, {row.item_id for row in rows})
    for row in rows:
        own = {row.item_id: locked[row.item_id]}
        day = await _day(uow, receipt, None, max(not_before, row.posted_on))
        receipt = await _reverse(uow, receipt, row, own, on=day, by=by)
        locked |= own
    return receipt, [_told(to_recovery(row), receipt.currency) for row in rows]


async def active_amount(session: AsyncSession, receipt_id: str) -> Decimal:
    """Return how much of a receipt has recovered what was written off, and stands."""
    rows = await repository.active_of_receipt(session, receipt_id)
    return sum((to_recovery(row).amount for row in rows.values()), Decimal(0))


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of recoveries."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
