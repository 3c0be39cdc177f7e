"""Counts documents against their accounts, whatever order their events come in, and looks again at what is held.

Each change takes the document's old state away and adds its new one, in one transaction with the projection and with the
reservation that an invoice takes over: a value is never in two categories and never in none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import ZERO, Account, CustomerNotFoundError
from credit_service.credit_policies import use_cases as credit_policies
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.exposure import repository
from credit_service.exposure.schemas import Credit, ExposureDetail, ExposureDocument, ExposureShown, shown
from credit_service.fulfilment import use_cases as fulfilment
from credit_service.holds import use_cases as holds
from credit_service.limit_pools import use_cases as limit_pools
from credit_service.limit_pools.domain import bounds_of
from credit_service.receivables import use_cases as receivables
from credit_service.receivables.domain import Item, Receipt, converted, minus
from credit_service.releases import use_cases as releases
from shared.events.cashapp import ItemEvent, PaymentEvent
from shared.events.dispute import DisputeEvent
from shared.http.pagination import PageRequest
from shared.unit_of_work import UnitOfWork

Document = Item | Receipt
E = TypeVar("E", bound=ItemEvent | PaymentEvent | DisputeEvent)


@dataclass(frozen=True, slots=True)
class Change:
    """A document's state as it was known, if it was, and as it is now; `rate_date` finds its rate where it has none."""

    known: Document | None
    document: Document
    rate_date: date

    @property
    def customers(self) -> set[str]:
        """Whose exposure it may change."""
        return {one.customer_id for one in (self.known, self.document) if one is not None and one.customer_id}


async def take_items(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Take over the items' states that are newer than what is known."""
    newest = _newest(events)
    known = await receivables.known_items(uow, newest)
    changes = [
        Change(before, _item(event, before), event.item.issue_date)
        for item_id, event in newest.items()
        if (before := known.get(item_id)) is None or before.version < event.version
    ]
    await _count(uow, changes, _days(events))


async def take_receipts(uow: UnitOfWork, events: Sequence[PaymentEvent]) -> None:
    """Take over the receipts' states that are newer than what is known."""
    newest = _newest(events)
    known = await receivables.known_receipts(uow, newest)
    changes = [
        Change(before, _receipt(event, before), event.receipt.value_date)
        for receipt_id, event in newest.items()
        if (before := known.get(receipt_id)) is None or before.version < event.version
    ]
    await _count(uow, changes, _days(events))


def _newest(events: Iterable[E]) -> dict[str, E]:
    newest: dict[str, E] = {}
    for event in events:
        known = newest.get(event.aggregate_id)
        if known is None or known.version < event.version:
            newest[event.aggregate_id] = event
    return newest


def _days(events: Iterable[ItemEvent | PaymentEvent]) -> dict[str, date]:
    """Return the latest business day that each customer's documents have seen."""
    days: dict[str, date] = {}
    for event in events:
        customer_id, day = event.about_customer, event.posting.posting_date
        if customer_id is not None:
            days[customer_id] = max(day, days.get(customer_id, day))
    return days


def _item(event: ItemEvent, known: Item | None) -> Item:
    state = event.item
    return Item(
        state.item_id,
        event.version,
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


def _receipt(event: PaymentEvent, known: Receipt | None) -> Receipt:
    state = event.receipt
    return Receipt(
        state.receipt_id,
        event.version,
        state.customer_id,
        state.on_account + state.unapplied,
        state.currency,
        known.rate if known and known.customer_id == state.customer_id else None,
        ZERO,
    )


async def take_disputes(uow: UnitOfWork, events: Sequence[DisputeEvent]) -> None:
    """Take over what cases dispute, where it is newer than what is known, and look again at what is held."""
    customers = await receivables.take_disputes(uow, _newest(events).values())
    held = await holds.customers_held(uow, customers) if customers else []
    for account in (await credit_accounts.locked_accounts(uow, held)).values():
        await releases.recheck(uow, account)


async def convert_waiting(uow: UnitOfWork) -> int:
    """Count the documents that waited for an exchange rate, and return how many still wait."""
    item_ids, receipt_ids = await receivables.waiting_for_a_rate(uow)
    items = await receivables.known_items(uow, item_ids)
    receipts = await receivables.known_receipts(uow, receipt_ids)
    documents: list[Document] = [*items.values(), *receipts.values()]
    waiting = [one for one in documents if one.rate is None]
    await _count(uow, [Change(one, one, date.max) for one in waiting], {})
    return sum(map(len, await receivables.waiting_for_a_rate(uow)))


async def adopt_documents(uow: UnitOfWork, account: Account) -> None:
    """Count what came for a customer before its account was opened."""
    documents = await receivables.documents_of(uow, account.customer_id)
    counted = [await _converted(uow, document, account, date.max) for document in documents]
    await receivables.save(uow, counted)
    for document in counted:
        account = _moved(account, None, document)
    oldest = await receivables.oldest_due_dates(uow, [account.customer_id])
    await credit_accounts.save_exposures(uow, [replace(account, oldest_due_date=oldest.get(account.customer_id))])


async def take_state(uow: UnitOfWork, document: Document, home: Account, document_date: date | None) -> None:
    """Store the owner's state of a document of a locked account without counting it; its rate stays where one is known.

    The caller has locked the document, and counts the account anew.
    """
    if isinstance(document, Item):
        known: Document | None = (await receivables.known_items(uow, [document.item_id])).get(document.item_id)
    else:
        known = (await receivables.known_receipts(uow, [document.receipt_id])).get(document.receipt_id)
    same = known is not None and (known.customer_id, known.currency) == (document.customer_id, document.currency)
    kept = replace(document, rate=known.rate if known is not None and same else None)
    await receivables.save(uow, [await _converted(uow, kept, home, document_date or date.max)])


async def misconverted(uow: UnitOfWork, account: Account) -> list[Document]:
    """Return a customer's documents, as they have to be, whose amounts do not follow from their rates."""
    documents = await receivables.documents_of(uow, account.customer_id)
    rated = [one for one in documents if one.rate is not None]
    pairs = [(one, await _converted(uow, one, account, date.max)) for one in rated]
    return [right for one, right in pairs if right != one]


async def _count(uow: UnitOfWork, changes: Sequence[Change], days: Mapping[str, date]) -> None:
    """Move documents from their old states to their new ones in every account concerned, and look again at its holds."""
    customers = {customer_id for change in changes for customer_id in change.customers}
    accounts = await credit_accounts.accounts_or_their_place(uow, customers) if customers else {}
    counted = []
    for change in changes:
        home = accounts.get(change.document.customer_id or "")
        counted.append(replace(change, document=await _converted(uow, change.document, home, change.rate_date)))
    await receivables.save(uow, [change.document for change in counted])
    for change in counted:
        for customer_id in change.customers & accounts.keys():
            accounts[customer_id] = _moved(accounts[customer_id], change.known, change.document)
    await _settle_accounts(uow, accounts, counted)
    await credit_accounts.save_exposures(uow, list(accounts.values()))
    await releases.recheck_accounts(uow, accounts.values(), days)


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


async def _settle_accounts(uow: UnitOfWork, accounts: dict[str, Account], changes: Sequence[Change]) -> None:
    """Have invoices take over the reservations of their orders, and note what is due longest."""
    items = [one for change in changes for one in (change.known, change.document) if isinstance(one, Item)]
    concerned = {(item.customer_id, number) for item in items if (number := item.takes_from)}
    await fulfilment.settle_orders(uow, accounts, concerned)
    with_items = {item.customer_id for item in items} & accounts.keys()
    oldest = await receivables.oldest_due_dates(uow, with_items) if with_items else {}
    for customer_id in with_items:
        accounts[customer_id] = replace(accounts[customer_id], oldest_due_date=oldest.get(customer_id))


async def credit_of(session: AsyncSession, customer_id: str, *, as_of: date) -> Credit:
    """Return a customer's credit: limit, exposure and what is left; raise `CustomerNotFoundError`."""
    account = (await credit_accounts.accounts(session, [customer_id])).get(customer_id)
    if account is None:
        raise CustomerNotFoundError(customer_id)
    policy = await credit_policies.policy_of(session, account.risk_class)
    pool = limit_pools.seen_by(account, await limit_pools.pools(session, [account]))
    return shown(
        account,
        bounds_of(account, pool, as_of, cover_counts=policy.content.insured_cover_counts),
        payment_terms=account.payment_terms,
        block=await credit_accounts.block_of(session, customer_id) if account.blocked else None,
        overdue=(await receivables.overdue(session, [customer_id], as_of)).get(customer_id, ZERO),
        disputed=await receivables.disputed(session, customer_id, account.currency),
        as_of=as_of,
    )


async def exposure_of(session: AsyncSession, customer_id: str, page: PageRequest) -> ExposureDetail:
    """Return what a customer's exposure is made of, all of one moment; raise `CustomerNotFoundError`."""
    await repository.see_one_moment(session)
    account = (await credit_accounts.accounts(session, [customer_id])).get(customer_id)
    if account is None:
        raise CustomerNotFoundError(customer_id)
    rows, cursor = await repository.documents(session, customer_id, page)
    return ExposureDetail(
        customer_id=customer_id,
        currency=account.currency,
        exposure=ExposureShown.of(account),
        unconverted=account.unconverted,
        data=[ExposureDocument.of(row, account.currency) for row in rows],
        next_cursor=cursor,
    )
