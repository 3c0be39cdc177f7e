"""Counts documents against their accounts, whatever order their events come in, and looks again at what is held.

Each change takes the document's old state away and adds its new one, in one transaction with the projection and with the
reservation that an invoice takes over: a value is never in two categories and never in none.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from shared.events.cashapp import ItemState, ReceiptState
from shared.events.credit import OrderReleased
from shared.events.dispute import DisputeState
from shared.unit_of_work import UnitOfWork

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import ZERO, Account
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.holds import use_cases as holds
from credit_service.holds.repository import HoldEnd
from credit_service.orders import use_cases as orders
from credit_service.orders.domain import Order, settled, told
from credit_service.orders.repository import OrderChange
from credit_service.receivables import use_cases as receivables
from credit_service.receivables.domain import Item, Receipt, converted, minus
from credit_service.releases import use_cases as releases

Document = Item | Receipt


async def take_item(uow: UnitOfWork, state: ItemState, version: int, *, day: date) -> None:
    """Take over an item's state, if it is newer than what is known."""
    known = await receivables.known_item(uow, state.item_id)
    if known is not None and known.version >= version:
        return
    item = Item(
        state.item_id,
        version,
        state.customer_id,
        state.order_id,
        state.kind,
        state.amount,
        state.balance,
        state.currency,
        state.due_date,
        known.rate if known else None,
        ZERO,
        ZERO,
    )
    await _count(uow, known, item, document_date=state.issue_date, day=day)


async def take_receipt(uow: UnitOfWork, state: ReceiptState, version: int, *, day: date) -> None:
    """Take over a receipt's state, if it is newer than what is known."""
    known = await receivables.known_receipt(uow, state.receipt_id)
    if known is not None and known.version >= version:
        return
    receipt = Receipt(
        state.receipt_id,
        version,
        state.customer_id,
        state.on_account + state.unapplied,
        state.currency,
        known.rate if known and known.customer_id == state.customer_id else None,
        ZERO,
    )
    await _count(uow, known, receipt, document_date=state.value_date, day=day)


async def take_dispute(uow: UnitOfWork, state: DisputeState, version: int) -> None:
    """Take over what a case disputes, if it is newer than what is known, and look again at what is held."""
    if not await receivables.take_dispute(uow, state, version):
        return
    for account in (await credit_accounts.locked_accounts(uow, [state.customer_id])).values():
        await releases.recheck(uow, account)


async def convert_waiting(uow: UnitOfWork) -> int:
    """Count the documents that waited for an exchange rate, and return how many still wait."""
    item_ids, receipt_ids = await receivables.waiting_for_a_rate(uow)
    for item_id in item_ids:
        if (item := await receivables.known_item(uow, item_id)) and item.rate is None:
            await _count(uow, item, item, document_date=date.max, day=None)
    for receipt_id in receipt_ids:
        if (receipt := await receivables.known_receipt(uow, receipt_id)) and receipt.rate is None:
            await _count(uow, receipt, receipt, document_date=date.max, day=None)
    return sum(map(len, await receivables.waiting_for_a_rate(uow)))


async def adopt_documents(uow: UnitOfWork, account: Account) -> None:
    """Count what came for a customer before its account was opened."""
    for document in await receivables.documents_of(uow, account.customer_id):
        counted = await _converted(uow, document, account, date.max)
        await receivables.save(uow, counted)
        account = _moved(account, None, counted)
    due = await receivables.oldest_due_date(uow, account.customer_id)
    await credit_accounts.save_exposures(uow, [replace(account, oldest_due_date=due)])


async def _count(
    uow: UnitOfWork, known: Document | None, document: Document, *, document_date: date, day: date | None
) -> None:
    customers = {one.customer_id for one in (known, document) if one is not None and one.customer_id is not None}
    accounts = await credit_accounts.accounts_or_their_place(uow, customers)
    home = accounts.get(document.customer_id or "")
    document = await _converted(uow, document, home, document_date)
    await receivables.save(uow, document)
    moved = [await _settle_account(uow, account, known, document) for account in accounts.values()]
    await credit_accounts.save_exposures(uow, moved)
    for account in moved:
        await releases.recheck(uow, account, day=day)


async def _converted(uow: UnitOfWork, document: Document, home: Account | None, document_date: date) -> Document:
    """Return the document with its amounts in the account's currency; the rate once found stays."""
    rate = document.rate
    if rate is None and home is not None:
        if document.currency == home.currency:
            rate = Decimal(1)
        else:
            rates = await exchange_rates.rates_for_document(uow.session, document_date)
            rate = rates.between(document.currency, home.currency)
    currency = home.currency if home else document.currency
    if isinstance(document, Receipt):
        return replace(document, rate=rate, account_cash=converted(document.cash, rate, currency))
    return replace(
        document,
        rate=rate,
        account_amount=converted(document.amount, rate, currency),
        account_balance=converted(document.balance, rate, currency),
    )


def _moved(account: Account, old: Document | None, new: Document) -> Account:
    """Take the old state away and add the new one, each where it belongs to this account."""
    exposure, unconverted = account.exposure, account.unconverted
    if old is not None and old.customer_id == account.customer_id:
        exposure, unconverted = exposure + minus(old.counts), unconverted - old.unconverted
    if new.customer_id == account.customer_id:
        exposure, unconverted = exposure + new.counts, unconverted + new.unconverted
    return replace(account, exposure=exposure, unconverted=unconverted)


async def _settle_account(uow: UnitOfWork, account: Account, known: Document | None, document: Document) -> Account:
    account = _moved(account, known, document)
    if isinstance(document, Receipt):
        return account
    numbers = {
        one.takes_from for one in (known, document) if isinstance(one, Item) and one.customer_id == account.customer_id
    }
    account = await _settle_orders(uow, account, filter(None, numbers))
    due = await receivables.oldest_due_date(uow, account.customer_id)
    return replace(account, oldest_due_date=due)


async def _settle_orders(uow: UnitOfWork, account: Account, numbers: Iterable[str]) -> Account:
    """Have invoices take over the reservation of their orders."""
    found = await orders.orders_by_number(uow.session, sorted(numbers))
    mine = [order for order in found.values() if order.customer_id == account.customer_id]
    if not mine:
        return account
    invoiced = await receivables.invoiced_amounts(uow.session, orders.currencies(mine))
    for order in mine:
        after = settled(
            order,
            invoiced=invoiced.get((order.customer_id, order.order_id), ZERO),
            account_currency=account.currency,
        )
        if after != order:
            account = await _change_order(uow, account, order, after)
    return account


async def _change_order(uow: UnitOfWork, account: Account, order: Order, after: Order) -> Account:
    reserved = account.exposure.open_orders - order.reserved + after.reserved
    account = replace(account, exposure=replace(account.exposure, open_orders=reserved))
    if order.hold_id is not None and after.status == "invoiced":
        # What is invoiced is not held any more, and those who count holds are told so.
        after = replace(after, hold_id=None, version=order.version + 1)
        await holds.end(uow, [HoldEnd(order.hold_id, "closed", "system", "the order is invoiced")])
        state = told(after, reasons=[], exposure_after=account.exposure.total, account_currency=account.currency)
        uow.publish(OrderReleased(version=after.version, order=state))
    await orders.save(uow, [OrderChange(after, "system", "invoiced")])
    return account
