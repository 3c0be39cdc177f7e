"""Returning a payment, and settling what came of it."""

from datetime import date
from decimal import Decimal

from cashapp_service.applications import use_cases as applications
from cashapp_service.applications.domain.refusals import check_decimals
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Account
from cashapp_service.payment_exceptions import repository
from cashapp_service.payment_exceptions.domain import (
    AlreadyResolvedError,
    FeeWithoutPayerError,
    Outcome,
    PaymentExceptionNotFoundError,
    ReturnedBeforeReceivedError,
    ReturnReason,
    deadline,
)
from cashapp_service.payment_exceptions.tables import PaymentExceptionRow
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.receipts.domain import Receipt, ReceiptReturnedError, return_entry
from cashapp_service.recoveries import use_cases as recoveries
from cashapp_service.refunds import use_cases as refunds
from shared.ids import new_id
from shared.money import Money
from shared.unit_of_work import UnitOfWork


async def return_receipt(
    uow: UnitOfWork, receipt_id: str, *, reason: ReturnReason, value_date: date, fee: Decimal | None, by: str
) -> PaymentExceptionRow:
    """Take a payment back as of its return's value date: every application is reversed, the items are open again.

    Raises `ReceiptReturnedError` for one that was returned before, `ReturnedBeforeReceivedError`, `FeeWithoutPayerError`,
    and `FinerThanCurrencyError` for a fee finer than the receipt's currency.
    """
    receipt = await receipts.locked(uow, receipt_id)
    if receipt.status == "returned":
        raise ReceiptReturnedError
    if value_date < receipt.value_date:
        raise ReturnedBeforeReceivedError(receipt.value_date)
    if fee is not None:
        check_decimals(fee, receipt.currency, field="fee")
    receipt, recovered = await recoveries.reverse_all(uow, receipt, not_before=value_date, by=by)
    receipt, taken_back = await applications.reverse_all(uow, receipt, not_before=value_date)
    # Money that was moved after the value date, or is free again only later, cannot leave before it is where it is.
    posting_date = max(value_date, receipt.postable_from)
    receipt = await refunds.recharge(uow, receipt, on=posting_date)
    entry = return_entry(receipt, posting_date)
    receipt = receipt.after(entry)
    uow.publish(receipt.returned_event(entry, reason=reason, allocations=[*taken_back, *recovered]))
    await receipts.record(uow, [receipt])
    await ledger.post(uow, [entry])
    charged = await _charge(uow, receipt, Money(fee, receipt.currency), value_date) if fee else None
    return await _open(uow, receipt, reason=reason, value_date=value_date, fee=fee, fee_item_id=charged, by=by)


async def _open(
    uow: UnitOfWork,
    receipt: Receipt,
    *,
    reason: ReturnReason,
    value_date: date,
    fee: Decimal | None,
    fee_item_id: str | None,
    by: str,
) -> PaymentExceptionRow:
    row = PaymentExceptionRow(
        exception_id=new_id("pex"),
        version=1,
        receipt_id=receipt.receipt_id,
        customer_id=receipt.customer_id,
        reason=reason,
        amount=receipt.amount,
        currency=receipt.currency,
        value_date=value_date,
        fee=fee,
        fee_item_id=fee_item_id,
        deadline_on=deadline(reason, value_date),
        status="open",
        outcome=None,
        note=None,
        resolved_at=None,
        resolved_by=None,
        opened_at=uow.clock.now(),
        opened_by=by,
    )
    uow.session.add(row)
    await uow.session.flush()
    return row


async def _charge(uow: UnitOfWork, receipt: Receipt, fee: Money, value_date: date) -> str:
    """Post the fee for a return as a debit memo due at once, and return its id."""
    if receipt.customer_id is None:
        raise FeeWithoutPayerError
    item = Item(
        item_id=new_id("itm"),
        company_code=receipt.company_code,
        number=f"FEE-{receipt.receipt_id.removeprefix('rcp_')}",
        kind="debit_memo",
        customer_id=receipt.customer_id,
        issue_date=value_date,
        due_date=value_date,
        postable_from=value_date,
        amount=fee.amount,
        currency=fee.currency,
        reference=receipt.receipt_id,
    )
    entry = items.issue_entry(item, contra=Account.FEES)
    await items.record(uow, {item.item_id: item}, [entry])
    await ledger.post(uow, [entry])
    return item.item_id


async def resolve_exception(
    uow: UnitOfWork, exception_id: str, *, outcome: Outcome, note: str | None, by: str
) -> PaymentExceptionRow:
    """Settle a payment exception; raise `PaymentExceptionNotFoundError`, `AlreadyResolvedError`."""
    row = await repository.find_for_update(uow.session, exception_id)
    if row is None:
        raise PaymentExceptionNotFoundError(exception_id)
    if row.outcome is not None:
        raise AlreadyResolvedError(row.outcome)
    row.status, row.outcome, row.note = "resolved", outcome, note
    row.resolved_at, row.resolved_by = uow.clock.now(), by
    row.version += 1
    await uow.session.flush()
    return row
