"""Asking for refunds, deciding and posting them, and taking them back.

Locks: the receipts by id, then the items by id, then the refund. A refund's parts are named when it is asked for and stay,
so they may be read before anything is locked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications.domain.refusals import PostedTooEarlyError
from cashapp_service.authorities.domain import Decider, ensure_may_decide
from cashapp_service.bank_accounts import use_cases as bank_accounts
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Entry, LawVerdict
from cashapp_service.periods import use_cases as periods
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.receipts.domain import Receipt
from cashapp_service.refunds import repository
from cashapp_service.refunds.domain.refund import (
    ZERO,
    Part,
    RefundStatus,
    WantedRefund,
    company_of,
    entries_of,
    first_day,
    plan_parts,
    recharge_entry,
    recharge_item,
    settled,
)
from cashapp_service.refunds.domain.refusals import (
    NotYourRefundError,
    RefundNotFoundError,
    RefundRechargedError,
    RefundStateError,
    UnknownHouseAccountError,
)
from cashapp_service.refunds.tables import RefundPartRow, RefundRow
from shared.events.cashapp import PaymentRefunded, RefundIssued, RefundReversed, RefundState
from shared.ids import new_id
from shared.money import Money, exact
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


@dataclass(frozen=True, slots=True)
class LockedRefund:
    """A refund with all that it touches, locked to the end of the transaction."""

    row: RefundRow
    part_rows: Sequence[RefundPartRow]
    receipts: dict[str, Receipt]
    items: dict[str, Item]

    @property
    def sources(self) -> dict[str, Receipt | Item]:
        """Receipts and items by id."""
        return {**self.receipts, **self.items}

    @property
    def parts(self) -> list[Part]:
        """What is taken of each source."""
        return repository.parts_with_currency(self.row, self.part_rows)


async def request_refund(uow: UnitOfWork, wanted: WantedRefund, *, by: str) -> RefundRow:
    """Ask for a refund; another person decides it. Nothing is posted and nothing set aside until then.

    Raises `RefundSourceError`, `NothingToRefundError`, `RefundExceedsError`, `UnknownHouseAccountError`.
    """
    sources = await _locked_sources(uow, wanted.receipt_ids, wanted.item_ids)
    company_code = company_of(wanted, sources)
    pending = await repository.pending_of(uow.session, list(sources))
    waiting = {source_id: exact(amount, wanted.currency) for source_id, amount in pending.items()}
    parts = plan_parts(wanted, sources, waiting)
    row = RefundRow(
        refund_id=new_id("rfd"),
        version=1,
        status="pending",
        customer_id=wanted.customer_id,
        company_code=company_code,
        currency=wanted.currency,
        amount=sum((part.amount for part in parts), ZERO),
        reason_code=wanted.reason_code,
        note=wanted.note,
        bank_account=wanted.bank_account,
        paid_from=wanted.paid_from,
        ledger_account=await _ledger_account(uow, wanted, company_code),
        requested_by=by,
        requested_at=uow.clock.now(),
    )
    await repository.insert_new(uow.session, row, parts)
    return row


async def _locked_sources(
    uow: UnitOfWork, receipt_ids: Collection[str], item_ids: Collection[str]
) -> dict[str, Receipt | Item]:
    return {**await receipts.locked_many(uow, receipt_ids), **await items.locked(uow, item_ids)}


async def _ledger_account(uow: UnitOfWork, wanted: WantedRefund, company_code: str) -> str | None:
    """Return the ledger account of the house bank account that is named, None where none is."""
    if wanted.paid_from is None:
        return None
    account = await bank_accounts.find(uow.session, wanted.paid_from)
    if account is None or (account.company_code, account.currency) != (company_code, wanted.currency):
        raise UnknownHouseAccountError(wanted.paid_from, company_code, wanted.currency)
    return account.ledger_account


async def _locked(uow: UnitOfWork, refund_id: str, expected_version: int | None) -> LockedRefund:
    part_rows = await repository.parts_of(uow.session, [refund_id])
    receipt_ids = {part.receipt_id for part in part_rows if part.receipt_id}
    item_ids = {part.item_id for part in part_rows if part.item_id}
    locked_receipts = await receipts.locked_many(uow, receipt_ids)
    locked_items = await items.locked(uow, item_ids)
    row = await _locked_row(uow, refund_id, expected_version)
    return LockedRefund(row, await repository.parts_of(uow.session, [refund_id]), locked_receipts, locked_items)


async def _locked_row(uow: UnitOfWork, refund_id: str, expected_version: int | None) -> RefundRow:
    row = await repository.find_for_update(uow.session, refund_id)
    if row is None:
        raise RefundNotFoundError(refund_id)
    ensure_fresh(expected_version, row.version)
    return row


def _need(row: RefundRow, *statuses: RefundStatus) -> None:
    if row.status not in statuses:
        raise RefundStateError(row.refund_id, row.status, " or ".join(statuses))


async def approve(
    uow: UnitOfWork,
    refund_id: str,
    *,
    by: Decider,
    note: str | None,
    refunded_on: date | None,
    expected_version: int | None,
) -> RefundRow:
    """Approve a refund and post it, on `refunded_on`, else today.

    Raises `FourEyesError`, `AuthorityExceededError`, `RefundStateError`, `PostedTooEarlyError`, and
    `RefundNotCoveredError` where money of it was applied or refunded meanwhile.
    """
    found = await _locked(uow, refund_id, expected_version)
    row = found.row
    _need(row, "pending")
    ensure_may_decide(by, Money(exact(row.amount, row.currency), row.currency), requested_by=row.requested_by)
    parts = [settled(part, found.sources[part.source_id]) for part in found.parts]
    earliest = first_day(found.sources.values())
    if refunded_on is not None and refunded_on < earliest:
        raise PostedTooEarlyError(earliest)
    day = refunded_on or await _first_open(uow, row, earliest)
    entries = entries_of(refund_id, parts, found.sources, on=day, ledger_account=row.ledger_account)
    await repository.record_parts(uow.session, found.part_rows, parts)
    _decide(uow, row, "approved", by=by.subject, note=note)
    row.refunded_on = day
    await _post(uow, found, entries)
    uow.publish(RefundIssued(version=row.version, refund=_state(row, parts)))
    return row


async def _first_open(uow: UnitOfWork, row: RefundRow, earliest: date) -> date:
    """Return the day of a posting for which nobody named one: today, or the first day after it that is possible."""
    return await periods.first_open(uow.session, row.company_code, max(uow.clock.today(), earliest))


def _decide(uow: UnitOfWork, row: RefundRow, status: RefundStatus, *, by: str, note: str | None) -> None:
    row.status, row.decided_by, row.decided_at, row.decision_note = status, by, uow.clock.now(), note
    row.version += 1


async def _post(uow: UnitOfWork, found: LockedRefund, entries: Sequence[Entry]) -> None:
    """Carry entries into receipts and items, tell it, and post them."""
    changed = dict(found.receipts)
    for entry in entries:
        if entry.receipt_id is not None:
            changed[entry.receipt_id] = _told(uow, changed[entry.receipt_id], entry, found.row.refund_id)
    await uow.session.flush()
    await receipts.record(uow, list(changed.values()))
    await items.record(uow, found.items, entries)
    await ledger.post(uow, entries)


def _told(uow: UnitOfWork, receipt: Receipt, entry: Entry, refund_id: str) -> Receipt:
    receipt = receipt.after(entry)
    uow.publish(
        PaymentRefunded(
            version=receipt.version, receipt=receipt.state, posting=receipt.posting_of(entry), refund_id=refund_id
        )
    )
    return receipt


def _state(row: RefundRow, parts: Sequence[Part]) -> RefundState:
    assert row.refunded_on is not None
    return RefundState(
        refund_id=row.refund_id,
        customer_id=row.customer_id,
        company_code=row.company_code,
        amount=exact(row.amount, row.currency),
        currency=row.currency,
        refunded_on=row.refunded_on,
        reason_code=row.reason_code,
        receipt_ids=[part.receipt_id for part in parts if part.receipt_id],
        item_ids=[part.item_id for part in parts if part.item_id],
    )


async def reject(
    uow: UnitOfWork, refund_id: str, *, by: Decider, note: str | None, expected_version: int | None
) -> RefundRow:
    """Refuse a refund; raise `FourEyesError`, `AuthorityExceededError`, `RefundStateError`."""
    row = await _locked_row(uow, refund_id, expected_version)
    _need(row, "pending")
    ensure_may_decide(by, Money(exact(row.amount, row.currency), row.currency), requested_by=row.requested_by)
    _decide(uow, row, "rejected", by=by.subject, note=note)
    await uow.session.flush()
    return row


async def cancel(uow: UnitOfWork, refund_id: str, *, by: str, expected_version: int | None) -> RefundRow:
    """Take one's own waiting refund back; raise `NotYourRefundError`, `RefundStateError`."""
    row = await _locked_row(uow, refund_id, expected_version)
    _need(row, "pending")
    if row.requested_by != by:
        raise NotYourRefundError
    row.status = "cancelled"
    row.version += 1
    await uow.session.flush()
    return row


async def record_payment(
    uow: UnitOfWork, refund_id: str, *, reference: str, paid_on: date, expected_version: int | None
) -> RefundRow:
    """Record that the bank has paid an approved refund; raise `RefundStateError`."""
    row = await _locked_row(uow, refund_id, expected_version)
    _need(row, "approved")
    row.status, row.payment_reference, row.paid_on = "paid", reference, paid_on
    row.version += 1
    await uow.session.flush()
    return row


async def reverse(
    uow: UnitOfWork,
    refund_id: str,
    *,
    by: Decider,
    reason: str,
    posting_date: date | None,
    expected_version: int | None,
) -> RefundRow:
    """Take a posted refund back, as its transfer failed or came back: the money is the customer's again.

    Posted on `posting_date`, else today, never before the refund. Raises `AuthorityExceededError`, `RefundStateError`,
    `PostedTooEarlyError`, and `RefundRechargedError` where the customer was charged for it.
    """
    found = await _locked(uow, refund_id, expected_version)
    row = found.row
    _need(row, "approved", "paid")
    by.authority.ensure_covers(Money(exact(row.amount, row.currency), row.currency))
    for part in found.parts:
        if part.recharged_item_id is not None:
            raise RefundRechargedError(part.recharged_item_id)
    assert row.refunded_on is not None
    if posting_date is not None and posting_date < row.refunded_on:
        raise PostedTooEarlyError(row.refunded_on)
    day = posting_date or await _first_open(uow, row, row.refunded_on)
    entries = entries_of(refund_id, found.parts, found.sources, on=day, ledger_account=row.ledger_account, back=True)
    row.status, row.reversed_on, row.reversed_by, row.reversal_reason = "reversed", day, by.subject, reason
    row.version += 1
    await _post(uow, found, entries)
    uow.publish(RefundReversed(version=row.version, refund=_state(row, found.parts)))
    return row


async def recharge(uow: UnitOfWork, receipt: Receipt, *, not_before: date) -> Receipt:
    """Charge the customer for what was refunded of a locked receipt that the bank takes back, and return it whole again.

    Its money is where it was, so that what had put it on account can be taken back. The caller records the receipt.
    """
    entries = []
    on = await periods.first_open(uow.session, receipt.company_code, not_before)
    for row, part_row in await repository.posted_parts_of_receipt(uow.session, receipt.receipt_id):
        (part,) = repository.parts_with_currency(row, [part_row])
        number = await items.free_number(uow.session, receipt.company_code, f"RF-{row.refund_id.removeprefix('rfd_')}")
        item = recharge_item(part, receipt, number, on)
        entry = recharge_entry(row.refund_id, part, receipt, item)
        await items.record(uow, {item.item_id: item}, [entry])
        part_row.recharged_item_id = item.item_id
        row.version += 1
        receipt = _told(uow, receipt, entry, row.refund_id)
        entries.append(entry)
    await uow.session.flush()
    await ledger.post(uow, entries)
    return receipt


async def parts_by_refund(session: AsyncSession, rows: Collection[RefundRow]) -> dict[str, list[Part]]:
    """Return the parts of refunds by their ids."""
    currencies = {row.refund_id: row for row in rows}
    found: dict[str, list[Part]] = {refund_id: [] for refund_id in currencies}
    for part in await repository.parts_of(session, list(currencies)):
        found[part.refund_id] += repository.parts_with_currency(currencies[part.refund_id], [part])
    return found


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of refunds."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
