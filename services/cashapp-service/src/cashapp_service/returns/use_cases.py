"""Taking a payment back as the bank has done, with everything that follows from it.

The one thing to know: all of it is one transaction. The receipt is locked first, then every item that its money went to, at once.
A payment comes back whole; one by card may in part. Then so many applications are taken back as the part needs, those that are
named or the latest, and what the bank left of their money pays the same items again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cashapp_service.applications import use_cases as applications
from cashapp_service.applications.domain.decision import Decision, Recorder
from cashapp_service.customers import use_cases as customers
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.issue import issue_entry
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Account
from cashapp_service.payment_exceptions import use_cases as payment_exceptions
from cashapp_service.payment_exceptions.domain import ReturnReason
from cashapp_service.payment_exceptions.domain.bank_return import BankReturn, OpenedException
from cashapp_service.payment_exceptions.domain.fees import fee_item, fee_number
from cashapp_service.payment_exceptions.domain.reinstatement import Reopened, by_item, less, reinstated
from cashapp_service.periods import use_cases as periods
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.receipts.domain import Receipt, return_entry
from cashapp_service.recoveries import use_cases as recoveries
from cashapp_service.refunds import use_cases as refunds
from shared.events.cashapp import Allocation
from shared.money import Money
from shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Actor:
    """Who returns a payment, under which policy what is left of it pays again, and whom to ask for customers."""

    recorder: Recorder
    ask_owner: customers.AskOwner


async def return_receipt(uow: UnitOfWork, receipt_id: str, wanted: BankReturn, *, actor: Actor) -> OpenedException:
    """Take a payment back as of its return's value date: what it had paid is open again.

    Posted on the day that was chosen, else on the first day from the value date on whose period is open. Returns the payment
    exception that is open then; of a return that was taken before under the same case reference that one, and nothing is done.
    Raises `ReturnExistsError` where that was another, what `BankReturn.check` refuses, `ReasonMissingError` and
    `ReasonsDifferError`; for a part also `NotItsApplicationError`, and what applying what is left may.
    """
    reason = wanted.meant
    receipt = await receipts.locked(uow, receipt_id)
    if (known := await payment_exceptions.opened_before(uow, receipt, wanted)) is not None:
        return known
    wanted.check(receipt)
    return await _return(uow, receipt, wanted, reason=reason, actor=actor)


async def _return(
    uow: UnitOfWork, receipt: Receipt, wanted: BankReturn, *, reason: ReturnReason, actor: Actor
) -> OpenedException:
    amount = wanted.taken_of(receipt)
    day = wanted.posting_date or await periods.first_open(uow.session, receipt.company_code, wanted.value_date)
    await _lock_items(uow, receipt)
    before = receipt
    freed = None
    if wanted.is_partial(receipt) and await _can_be_freed(uow, receipt, amount):
        freed = await applications.free(uow, receipt, amount, first=wanted.application_ids, not_before=day)
    if freed is not None:
        receipt, taken_back = freed
        allocations = [one.told for found in taken_back for one in found]
        receipt = await _give_back(uow, receipt, amount, day, reason=reason, allocations=allocations)
    else:
        receipt, taken_back = await _take_everything_back(uow, receipt, amount, day, wanted, by=actor.recorder.by)
    # What the bank's share was taken from first is paid again last.
    reopened = by_item((one for found in reversed(taken_back) for one in found), receipt.currency)
    if taken_back and receipt.available and wanted.reinstate:
        of_named = [one for found in taken_back[: len(wanted.application_ids)] for one in found]
        named = sum((one.receipt_amount for one in of_named), Decimal(0))
        reopened = await _reinstate(uow, before, receipt, reopened, amount, named=named, actor=actor)
    charged = wanted.charged(receipt)
    fee_item_id = await _charge(uow, receipt, charged, day) if charged else None
    return await payment_exceptions.open_exception(
        uow, receipt, wanted, amount=amount, reopened=reopened, fee_item_id=fee_item_id, by=actor.recorder.by
    )


async def _can_be_freed(uow: UnitOfWork, receipt: Receipt, amount: Decimal) -> bool:
    """Tell whether so much of a receipt is left to apply, or applied: not refunded, and not recovered of what was written off."""
    recovered = await recoveries.active_amount(uow.session, receipt.receipt_id)
    return amount <= receipt.available + receipt.applied - recovered


async def _take_everything_back(
    uow: UnitOfWork, receipt: Receipt, amount: Decimal, day: date, wanted: BankReturn, *, by: str
) -> tuple[Receipt, applications.TakenBack]:
    """Reverse every application and give an amount back to the bank; return the receipt, and what had been paid with it.

    What it had recovered of items written off is written off again, and is not among what had been paid.
    """
    receipt, recovered = await recoveries.reverse_all(uow, receipt, not_before=day, by=by)
    # What was refunded is where it was before what put it there is taken back.
    receipt = await refunds.recharge(uow, receipt, not_before=day)
    receipt, taken_back = await applications.reverse_all(uow, receipt, first=wanted.application_ids, not_before=day)
    allocations = [*(one.told for found in taken_back for one in found), *recovered]
    receipt = await _give_back(uow, receipt, amount, day, reason=wanted.meant, allocations=allocations)
    return receipt, taken_back


async def _give_back(
    uow: UnitOfWork,
    receipt: Receipt,
    amount: Decimal,
    day: date,
    *,
    reason: ReturnReason,
    allocations: list[Allocation],
) -> Receipt:
    # Money that was moved after the value date, or is free again only later, cannot leave before it is where it is.
    posting_date = await periods.first_open(uow.session, receipt.company_code, max(day, receipt.postable_from))
    entry = return_entry(receipt, amount, posting_date)
    receipt = receipt.after(entry)
    uow.publish(receipt.returned_event(entry, reason=reason, allocations=allocations))
    await receipts.record(uow, [receipt])
    await ledger.post(uow, [entry])
    return receipt


async def _reinstate(
    uow: UnitOfWork,
    before: Receipt,
    receipt: Receipt,
    reopened: Sequence[Reopened],
    amount: Decimal,
    *,
    named: Decimal,
    actor: Actor,
) -> list[Reopened]:
    """Pay again with what the bank left of what was taken back; return what stays open of that.

    The bank's share is that of the applications which were named first (`named` of it), then what was not applied, and of that
    what was on account last, then the other applications'.
    """
    freed = receipt.available + amount - before.available
    left = freed - amount + min(before.available, max(amount - named, Decimal(0)))
    locked = await items.locked(uow, {one.item_id for one in reopened})
    open_items = await applications.payable(uow, receipt, locked)
    grants = await payment_exceptions.grants(uow, receipt, actor.recorder)
    again = reinstated(reopened, open_items, min(left, receipt.available), grants=grants)
    unapplied = receipt.unapplied - sum((one.amount for one in again), Decimal(0))
    on_account = max(min(before.on_account - receipt.on_account, unapplied), Decimal(0))
    if not again and not on_account:
        return list(reopened)
    decision = Decision(wanted=again, on_account=on_account, customer_id=receipt.customer_id, method="reinstated")
    await applications.apply_receipt(
        uow, receipt.receipt_id, decision, recorder=actor.recorder, ask_owner=actor.ask_owner, teaches=False
    )
    return less(reopened, again)


async def _lock_items(uow: UnitOfWork, receipt: Receipt) -> None:
    """Lock every item that the receipt's money went to, at once: what follows takes them back in several steps."""
    postings = await ledger.postings_of_receipt(uow.session, receipt.receipt_id)
    await items.locked(uow, {posting.item_id for posting in postings})


async def _charge(uow: UnitOfWork, receipt: Receipt, fee: Money, day: date) -> str:
    """Post the fee for a return as a debit memo due at once, and return its id."""
    assert receipt.customer_id is not None, "a fee is charged to somebody"
    number = await items.free_number(uow.session, receipt.company_code, fee_number(receipt))
    item = fee_item(receipt, fee, receipt.customer_id, number, day)
    entry = issue_entry([item], contra=Account.FEES)
    await items.record(uow, {item.item_id: item}, [entry])
    await ledger.post(uow, [entry])
    return item.item_id
