"""What can be done with documents: post them, one or many at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers import use_cases as customers
from cashapp_service.customers.domain import Debtor, UnknownCustomerError
from cashapp_service.documents import repository
from cashapp_service.documents.domain.document import Document, ItemExistsError
from cashapp_service.documents.domain.down_payments import (
    Request,
    SettledRequest,
    SettledTwiceError,
    Settlement,
    named_requests,
    settle,
)
from cashapp_service.documents.tables import DownPaymentSettlementRow
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.issue import issue_entry
from cashapp_service.items.domain.item import DocumentKey, Item, NumberTakenError, PostedItem
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Entry, LawVerdict
from cashapp_service.periods import use_cases as periods
from shared.bulk import made_beside
from shared.errors import OpenItemError
from shared.events.envelope import CheckedEvent
from shared.money import Money, exact
from shared.unit_of_work import UnitOfWork
from shared.values import value


@value(frozen=True, slots=True)
class PostedDocument:
    """The items of a document in their order, and whether this request made them or they stood there with equal content."""

    items: tuple[PostedItem, ...]
    created: bool

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The items' identifiers."""
        return tuple(one.item.item_id for one in self.items)


@dataclass(slots=True)
class _Batch:
    """Documents on their way into the ledger, by key: what each makes, and why some are refused."""

    fresh: dict[DocumentKey, Document]
    made: dict[DocumentKey, tuple[Item, ...]]
    refused: dict[DocumentKey, OpenItemError]
    requests: dict[DocumentKey, list[Request]]
    posted: dict[DocumentKey, PostedDocument]


@dataclass(frozen=True, slots=True)
class _Before:
    """What was posted before, by key; by first item, what it deducted of requests and when it was due before that was changed."""

    found: Mapping[DocumentKey, Sequence[PostedItem]]
    settled: Mapping[str, Mapping[str, Decimal]]
    due_dates: Mapping[str, date]

    def as_posted(self, item: Item) -> Item:
        """Return an item as it was due when it was posted."""
        return replace(item, due_date=self.due_dates.get(item.item_id, item.due_date))


async def post_documents(
    uow: UnitOfWork, documents: Sequence[Document], ask_owner: customers.AskOwner
) -> list[PostedDocument | OpenItemError]:
    """Post documents and return for each, in order, its items or why it was refused.

    A repeat with equal content is not posted again, one with other content is an `ItemExistsError`; a customer that
    does not exist is an `UnknownCustomerError`, a posting date in a closed period a `PeriodClosedError`.
    """
    known = await customers.known(uow, {document.customer_id for document in documents}, ask_owner)
    # Who took a number meanwhile has committed it, so that it is found the next time.
    return await uow.retried(lambda: _post(uow, documents, known), also=(NumberTakenError,))


async def _post(
    uow: UnitOfWork, documents: Sequence[Document], known: Mapping[str, Debtor]
) -> list[PostedDocument | OpenItemError]:
    stored = await items.of_documents(uow.session, {document.key for document in documents})
    batch = _Batch({}, {}, {}, {}, {})
    for document in documents:
        if document.key not in stored:
            batch.fresh.setdefault(document.key, document)
    _make(batch, known)
    await _refuse_taken_numbers(uow.session, batch)
    await _refuse_closed_periods(uow.session, batch)
    await _find_requests(uow, batch)
    await _insert_issued(uow, batch)
    first = [found[0].item.item_id for found in stored.values()]
    before = _Before(
        stored,
        settled=await repository.deducted_by(uow.session, first),
        due_dates=await items.first_due_dates(uow.session, first),
    )
    return [_verdict(document, batch, before) for document in documents]


def _make(batch: _Batch, known: Mapping[str, Debtor]) -> None:
    for key, document in batch.fresh.items():
        debtor = known.get(document.customer_id)
        try:
            if debtor is None:
                raise UnknownCustomerError(document.customer_id)
            batch.made[key] = document.items(debtor)
        except OpenItemError as refusal:
            batch.refused[key] = refusal


def _refuse(batch: _Batch, key: DocumentKey, refusal: OpenItemError) -> None:
    batch.refused[key] = refusal
    del batch.made[key]


async def _refuse_taken_numbers(session: AsyncSession, batch: _Batch) -> None:
    """Refuse documents of which an instalment has the number of another document's item, or the other way round."""
    numbers = {
        key: [(key[0], one.number) for one in made]
        for key, made in batch.made.items()
        if made[0].instalment or "/" in key[1]
    }
    if not numbers:
        return
    taken = await items.find_taken(session, {one for own in numbers.values() for one in own})
    for key, own in numbers.items():
        if taken.isdisjoint(own):
            taken.update(own)
        else:
            _refuse(batch, key, ItemExistsError(*key, ["number"]))


async def _refuse_closed_periods(session: AsyncSession, batch: _Batch) -> None:
    days = {(key[0], batch.fresh[key].posted_on) for key in batch.made}
    refusals = await periods.refusals(session, days)
    for key in list(batch.made):
        refusal = refusals.get((key[0], batch.fresh[key].posted_on))
        if refusal is not None:
            _refuse(batch, key, refusal)


async def _find_requests(uow: UnitOfWork, batch: _Batch) -> None:
    """Lock the down-payment requests that invoices settle, before any item is inserted; refuse those that name a wrong one."""
    asked = [key for key in batch.made if batch.fresh[key].down_payments]
    if not asked:
        return
    named = {(key[0], one.number) for key in asked for one in batch.fresh[key].down_payments}
    requests = await _requests(uow, named)
    for key in asked:
        try:
            batch.requests[key] = named_requests(batch.fresh[key], requests)
        except OpenItemError as refusal:
            _refuse(batch, key, refusal)


async def _requests(uow: UnitOfWork, keys: set[DocumentKey]) -> dict[DocumentKey, Request]:
    """Return down-payment requests by company code and number, locked, with what invoices took of them before."""
    item_ids = await items.down_payment_requests(uow.session, keys)
    if not item_ids:
        return {}
    found = await items.locked(uow, item_ids)
    taken = await repository.settled_before(uow.session, item_ids)
    return {
        (item.company_code, item.number): Request(item, exact(taken.get(item_id, Decimal(0)), item.currency))
        for item_id, item in found.items()
    }


async def _insert_issued(uow: UnitOfWork, batch: _Batch) -> None:
    """Insert items as their issue leaves them, post the issues, and let invoices settle their requests."""
    settlements = _settlements(batch)
    if not batch.made:
        return
    at = uow.clock.now()
    # Each step makes, while its rows are added, what the next one adds.
    inserted = items.add_issued(uow, _issued(batch), at=at)
    issues = await made_beside(inserted, map(issue_entry, batch.made.values()))
    events = await ledger.post_many(uow, issues, then=lambda posted: uow.written(_events(batch, posted)))
    made = (_posted(uow, batch.fresh[key], issued, at) for key, issued in batch.made.items())
    posted = await made_beside(uow.write_many(events), made)
    batch.posted = dict(zip(batch.made, posted, strict=True))
    for key, settlement in settlements.items():
        settled = await _post_settlement(uow, batch, key, settlement)
        batch.posted[key] = _posted(uow, batch.fresh[key], settled, at)


def _issued(batch: _Batch) -> Iterator[tuple[Item, Sequence[dict[str, Any]]]]:
    """Yield the items of a batch, each with the lines that it keeps.

    They are in the order of company code and number: two batches with the same numbers wait in one direction only.
    """
    for key in sorted(batch.made):
        for position, item in enumerate(batch.made[key]):
            yield item, () if position else batch.fresh[key].lines


def _events(batch: _Batch, issues: Sequence[Entry]) -> Iterator[CheckedEvent]:
    for made, issue in zip(batch.made.values(), issues, strict=True):
        for item, line in zip(made, issue.receivable_lines, strict=True):
            yield item.event(issue, line)


def _posted(uow: UnitOfWork, document: Document, made: Sequence[Item], at: datetime) -> PostedDocument:
    nothing = Money.zero(document.amount.currency).amount
    first, *others = made
    posted = [PostedItem(first, document.lines, nothing, at, uow.actor)]
    posted += [PostedItem(one, (), nothing, at, uow.actor) for one in others]
    return PostedDocument(tuple(posted), created=True)


def _settlements(batch: _Batch) -> dict[DocumentKey, Settlement]:
    """Return what the invoices settle; one that settles too much is refused. Each request is one invoice's in a batch."""
    found: dict[DocumentKey, Settlement] = {}
    taken: set[str] = set()
    for key, requests in batch.requests.items():
        document = batch.fresh[key]
        again = next((n for n, one in enumerate(requests) if one.item.item_id in taken), None)
        if again is not None:
            number = document.down_payments[again].number
            _refuse(batch, key, SettledTwiceError(number, field=f"down_payments.{again}.number"))
            continue
        try:
            found[key] = settle(batch.made[key], list(zip(document.down_payments, requests, strict=True)))
        except OpenItemError as refusal:
            _refuse(batch, key, refusal)
            continue
        taken |= {one.item.item_id for one in requests}
    return found


async def _post_settlement(
    uow: UnitOfWork, batch: _Batch, key: DocumentKey, settlement: Settlement
) -> tuple[Item, ...]:
    """Post what an invoice settles and return its items as they are then."""
    invoice = batch.made[key]
    changed = {one.item_id: one for one in invoice} | {one.item.item_id: one.item for one in batch.requests[key]}
    entry = settlement.entry
    if entry is not None:
        day = await periods.first_open(uow.session, entry.company_code, entry.posting_date)
        entry = replace(entry, posting_date=day)
        changed = await items.record(uow, changed, [entry])
        await ledger.post(uow, [entry])
    rows = [
        DownPaymentSettlementRow(
            request_item_id=one.request_item_id,
            item_id=one.item_id,
            deducted=one.deducted,
            withdrawn=one.withdrawn,
            entry_id=entry.entry_id if entry else None,
        )
        for one in settlement.requests
    ]
    await repository.insert_settlements(uow.session, rows)
    return tuple(changed[one.item_id] for one in invoice)


def _verdict(document: Document, batch: _Batch, before: _Before) -> PostedDocument | OpenItemError:
    key = document.key
    if key in batch.refused:
        return batch.refused[key]
    if document is batch.fresh.get(key):
        return batch.posted[key]
    stored = before.found.get(key)
    found = tuple(stored) if stored else batch.posted[key].items
    first = found[0]
    deducted: Mapping[str, Decimal | None] = (
        before.settled.get(first.item.item_id, {})
        if stored
        else {one.number: one.amount for one in batch.fresh[key].down_payments}
    )
    try:
        posted = [before.as_posted(one.item) for one in found]
        differences = document.differences(posted, list(first.lines), settled=deducted)
    except OpenItemError as refusal:
        return refusal
    return ItemExistsError(*key, differences) if differences else PostedDocument(found, created=False)


async def settlements_of(session: AsyncSession, item_ids: Collection[str]) -> list[SettledRequest]:
    """Return the settlements of down payments in which items take part, as invoice or as request."""
    return [
        SettledRequest(row.request_item_id, row.item_id, row.deducted, row.withdrawn)
        for row in await repository.settlements_of(session, item_ids)
    ]


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of documents."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
