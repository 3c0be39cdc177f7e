"""Taking a payment back as the bank has done, with everything that follows from it.

The one thing to know: all of it is one transaction. The receipt is locked first, then every item that its money went to, at once.
"""

from datetime import date

from cashapp_service.applications import use_cases as applications
from cashapp_service.items import use_cases as items
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Account
from cashapp_service.payment_exceptions import use_cases as payment_exceptions
from cashapp_service.payment_exceptions.domain import ReturnReason
from cashapp_service.payment_exceptions.domain.bank_return import BankReturn, OpenedException
from cashapp_service.payment_exceptions.domain.fees import fee_item
from cashapp_service.periods import use_cases as periods
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.receipts.domain import Receipt, return_entry
from cashapp_service.recoveries import use_cases as recoveries
from cashapp_service.refunds import use_cases as refunds
from shared.events.cashapp import Allocation
from shared.money import Money
from shared.unit_of_work import UnitOfWork


async def return_receipt(uow: UnitOfWork, receipt_id: str, wanted: BankReturn, *, by: str) -> OpenedException:
    """Take a payment back as of its return's value date: every application is reversed, the items are open again.

    Posted on the day that was chosen, else on the first day from the value date on whose period is open. Returns the payment
    exception that is open then. Raises what `BankReturn.check` refuses, `ReasonMissingError` and `ReasonsDifferError`.
    """
    reason = wanted.meant
    receipt = await receipts.locked(uow, receipt_id)
    wanted.check(receipt)
    day = wanted.posting_date or await periods.first_open(uow.session, receipt.company_code, wanted.value_date)
    receipt, taken_back = await _take_back(uow, receipt, day, reason=reason, by=by)
    charged = wanted.charged(receipt)
    fee_item_id = await _charge(uow, receipt, charged, day) if charged else None
    return await payment_exceptions.open_exception(
        uow, receipt, wanted, taken_back=taken_back, fee_item_id=fee_item_id, by=by
    )


async def _take_back(
    uow: UnitOfWork, receipt: Receipt, day: date, *, reason: ReturnReason, by: str
) -> tuple[Receipt, list[Allocation]]:
    """Reverse every application and give the money back to the bank; return the receipt, and what had been paid with it.

    What it had recovered of items written off is written off again, and is not among what had been paid.
    """
    await _lock_items(uow, receipt)
    receipt, recovered = await recoveries.reverse_all(uow, receipt, not_before=day, by=by)
    # What was refunded is where it was before what put it there is taken back.
    receipt = await refunds.recharge(uow, receipt, not_before=day)
    receipt, taken_back = await applications.reverse_all(uow, receipt, not_before=day)
    # Money that was moved after the value date, or is free again only later, cannot leave before it is where it is.
    posting_date = await periods.first_open(uow.session, receipt.company_code, max(day, receipt.postable_from))
    entry = return_entry(receipt, posting_date)
    receipt = receipt.after(entry)
    uow.publish(receipt.returned_event(entry, reason=reason, allocations=[*taken_back, *recovered]))
    await receipts.record(uow, [receipt])
    await ledger.post(uow, [entry])
    return receipt, taken_back


async def _lock_items(uow: UnitOfWork, receipt: Receipt) -> None:
    """Lock every item that the receipt's money went to, at once: what follows takes them back in several steps."""
    postings = await ledger.postings_of_receipt(uow.session, receipt.receipt_id)
    await items.locked(uow, {posting.item_id for posting in postings})


async def _charge(uow: UnitOfWork, receipt: Receipt, fee: Money, day: date) -> str:
    """Post the fee for a return as a debit memo due at once, and return its id."""
    assert receipt.customer_id is not None, "a fee is charged to somebody"
    item = fee_item(receipt, fee, receipt.customer_id, day)
    entry = items.issue_entry(item, contra=Account.FEES)
    await items.record(uow, {item.item_id: item}, [entry])
    await ledger.post(uow, [entry])
    return item.item_id
