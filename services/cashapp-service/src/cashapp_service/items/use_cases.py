"""What can be done with items: post documents, and record what the ledger did to their balances."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers import use_cases as customers
from cashapp_service.customers.domain import Debtor, UnknownCustomerError
from cashapp_service.documents.domain.document import Document, ItemExistsError
from cashapp_service.documents.domain.down_payments import (
    NoSuchDownPaymentError,
    Request,
    SettledTwiceError,
    Settlement,
    settle,
)
from cashapp_service.items import repository
from cashapp_service.items.domain.issue import issue_entry
from cashapp_service.items.domain.item import (
    Item,
    ItemNotFoundError,
    NumberTakenError,
    PostedItem,
    SubmissionState,
)
from cashapp_service.items.tables import (
    DownPaymentSettlementRow,
    DueDateChangeRow,
    ItemRow,
    NewItem,
    to_item,
    to_posted,
)
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Entry, LawVerdict
from cashapp_service.matching.domain import OpenItem, match_keys
from cashapp_service.periods import use_cases as periods
from shared.bulk import made_beside
from shared.errors import OpenItemError
from shared.events.envelope import CheckedEvent
from shared.money import Money, exact
from shared.unit_of_work import UnitOfWork
from shared.values import value
from shared.versions import ensure_fresh

NUMBERS_AT_ONCE = 50
KEYS_AT_ONCE = 10_000
FURTHER_MAX = 100
"""Items of one amount, credit memos and discounted items that are read of a customer with more open items than are looked at."""
Wanted = tuple[str, str, Decimal]
"""A customer, a currency, and the amount that was received."""
Key = tuple[str, str]
"""Company code and number of a document."""


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

    fresh: dict[Key, Document]
    made: dict[Key, tuple[Item, ...]]
    refused: dict[Key, OpenItemError]
    requests: dict[Key, list[Request]]
    posted: dict[Key, PostedDocument]


@dataclass(frozen=True, slots=True)
class _Before:
    """What was posted before, by key; by first item, what it deducted of requests and when it was due before that was changed."""

    rows: Mapping[Key, Sequence[ItemRow]]
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
    stored = await repository.find_documents(uow.session, {document.key for document in documents})
    batch = _Batch({}, {}, {}, {}, {})
    for document in documents:
        if document.key not in stored:
            batch.fresh.setdefault(document.key, document)
    _make(batch, known)
    await _refuse_taken_numbers(uow.session, batch)
    await _refuse_closed_periods(uow.session, batch)
    await _find_requests(uow, batch)
    await _insert_issued(uow, batch)
    first = [rows[0].item_id for rows in stored.values()]
    before = _Before(
        stored,
        settled=await repository.deducted_by(uow.session, first),
        due_dates=await repository.first_due_dates(uow.session, first),
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


def _refuse(batch: _Batch, key: Key, refusal: OpenItemError) -> None:
    batch.refused[key] = refusal
    del batch.made[key]


async def _refuse_taken_numbers(session: AsyncSession, batch: _Batch) -> None:
    """Refuse documents of which an instalment has the number of another document's item, or the other way round."""
    numbers = {
        key: [(key[0], one.number) for one in items]
        for key, items in batch.made.items()
        if items[0].instalment or "/" in key[1]
    }
    if not numbers:
        return
    taken = await repository.find_taken(session, {one for own in numbers.values() for one in own})
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
    asked = {key: batch.fresh[key].down_payments for key in batch.made if batch.fresh[key].down_payments}
    if not asked:
        return
    keys = {(code, one.number) for (code, _), deductions in asked.items() for one in deductions}
    found = await repository.find_requests(uow.session, keys)
    requests = await _requests(uow, {row.item_id for row in found.values()})
    for key, deductions in asked.items():
        document, chosen = batch.fresh[key], []
        for position, one in enumerate(deductions):
            row = found.get((key[0], one.number))
            field = f"down_payments.{position}.number"
            if row is None or (row.customer_id, row.currency) != (document.customer_id, document.amount.currency):
                _refuse(batch, key, NoSuchDownPaymentError(one.number, document, field=field))
                break
            if requests[row.item_id] in chosen:
                _refuse(batch, key, SettledTwiceError(one.number, field=field))
                break
            chosen.append(requests[row.item_id])
        else:
            batch.requests[key] = chosen


async def _requests(uow: UnitOfWork, item_ids: set[str]) -> dict[str, Request]:
    if not item_ids:
        return {}
    found = await locked(uow, item_ids)
    taken = await repository.settled_before(uow.session, item_ids)
    return {
        item_id: Request(item, exact(taken.get(item_id, Decimal(0)), item.currency)) for item_id, item in found.items()
    }


async def _insert_issued(uow: UnitOfWork, batch: _Batch) -> None:
    """Insert items as their issue leaves them, post the issues, and let invoices settle their requests."""
    settlements = _settlements(batch)
    if not batch.made:
        return
    at = uow.clock.now()
    # Each step makes, while its rows are added, what the next one adds.
    inserted = repository.insert_new(uow.session, _new_items(batch), at=at, by=uow.actor)
    issues = await made_beside(inserted, map(issue_entry, batch.made.values()))
    events = await ledger.post_many(uow, issues, then=lambda posted: uow.written(_events(batch, posted)))
    made = (_posted(uow, batch.fresh[key], items, at) for key, items in batch.made.items())
    posted = await made_beside(uow.write_many(events), made)
    batch.posted = dict(zip(batch.made, posted, strict=True))
    for key, settlement in settlements.items():
        items = await _post_settlement(uow, batch, key, settlement)
        batch.posted[key] = _posted(uow, batch.fresh[key], items, at)


def _new_items(batch: _Batch) -> Iterator[NewItem]:
    """Yield the items of a batch by company code and number: two batches with the same numbers wait in one direction only."""
    for key in sorted(batch.made):
        for position, item in enumerate(batch.made[key]):
            yield NewItem(item, () if position else batch.fresh[key].lines, _match_keys(item))


def _events(batch: _Batch, issues: Sequence[Entry]) -> Iterator[CheckedEvent]:
    for items, issue in zip(batch.made.values(), issues, strict=True):
        for item, line in zip(items, issue.receivable_lines, strict=True):
            yield item.event(issue, line)


def _posted(uow: UnitOfWork, document: Document, items: Sequence[Item], at: datetime) -> PostedDocument:
    nothing = Money.zero(document.amount.currency).amount
    first, *others = items
    posted = [PostedItem(first, document.lines, nothing, at, uow.actor)]
    posted += [PostedItem(one, (), nothing, at, uow.actor) for one in others]
    return PostedDocument(tuple(posted), created=True)


def _settlements(batch: _Batch) -> dict[Key, Settlement]:
    """Return what the invoices settle; one that settles too much is refused. Each request is one invoice's in a batch."""
    found: dict[Key, Settlement] = {}
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


async def _post_settlement(uow: UnitOfWork, batch: _Batch, key: Key, settlement: Settlement) -> tuple[Item, ...]:
    """Post what an invoice settles and return its items as they are then."""
    invoice = batch.made[key]
    items = {one.item_id: one for one in invoice} | {one.item.item_id: one.item for one in batch.requests[key]}
    entry = settlement.entry
    if entry is not None:
        day = await periods.first_open(uow.session, entry.company_code, entry.posting_date)
        entry = replace(entry, posting_date=day)
        items = await record(uow, items, [entry])
        await ledger.post(uow, [entry])
    rows = [
        DownPaymentSettlementRow(
            request_item_id=one.request_item_id,
            item_id=invoice[0].item_id,
            deducted=one.deducted,
            withdrawn=one.withdrawn,
            entry_id=entry.entry_id if entry else None,
        )
        for one in settlement.requests
    ]
    await repository.insert_settlements(uow.session, rows)
    return tuple(items[one.item_id] for one in invoice)


def _match_keys(item: Item) -> list[str]:
    others = {item.document_number} - {item.number}
    return match_keys(item.number, *others, item.reference, item.po_number, item.order_id)


def open_item(item: Item, discount: Decimal = Decimal(0)) -> OpenItem:
    """Return an item as matching is told of it, with the cash discount that is earned on its balance."""
    return OpenItem(
        item_id=item.item_id,
        customer_id=item.customer_id,
        number=item.number,
        balance=Money(item.balance, item.currency),
        due_date=item.due_date,
        po_number=item.po_number,
        order_id=item.order_id,
        reference=item.reference or (item.document_number if item.instalment else None),
        discount=Money(discount, item.currency) if discount else None,
        issued_at=Money(item.amount, item.currency),
    )


def _verdict(document: Document, batch: _Batch, before: _Before) -> PostedDocument | OpenItemError:
    key = document.key
    if key in batch.refused:
        return batch.refused[key]
    if document is batch.fresh.get(key):
        return batch.posted[key]
    rows = before.rows.get(key)
    found = tuple(to_posted(row) for row in rows) if rows else batch.posted[key].items
    first = found[0]
    deducted: Mapping[str, Decimal | None] = (
        before.settled.get(first.item.item_id, {})
        if rows
        else {one.number: one.amount for one in batch.fresh[key].down_payments}
    )
    try:
        posted = [before.as_posted(one.item) for one in found]
        differences = document.differences(posted, list(first.lines), settled=deducted)
    except OpenItemError as refusal:
        return refusal
    return ItemExistsError(*key, differences) if differences else PostedDocument(found, created=False)


async def locked(uow: UnitOfWork, item_ids: Collection[str]) -> dict[str, Item]:
    """Return items by id, locked to the end of the transaction; take all that it needs at once."""
    return await repository.find_for_update(uow.session, item_ids) if item_ids else {}


async def named_items(session: AsyncSession, *, company_code: str, keys: Collection[str]) -> list[Item]:
    """Return open items that carry one of the match `keys`, in whatever currency."""
    in_order = sorted(keys)
    found: dict[str, Item] = {}
    for start in range(0, len(in_order), KEYS_AT_ONCE):
        some = in_order[start : start + KEYS_AT_ONCE]
        for item in await repository.find_named(session, company_code=company_code, keys=some):
            found[item.item_id] = item
    return list(found.values())


async def items_of_payers(
    session: AsyncSession,
    *,
    company_code: str,
    payers: Collection[Wanted],
    paid_for: Collection[Wanted],
    named: Collection[Wanted],
    most: int,
) -> tuple[list[Item], set[tuple[str, str]]]:
    """Return the open items that payers may mean without naming them, and of which customer and currency not all were read.

    Of each payer the `most` oldest; of one that has more, those of the amount, those that it may pay with discount, and
    credit memos beside. Of those that they pay for the items of the amount, and of those that are named the credit memos.
    """
    each = {(customer_id, currency, Decimal(0)) for customer_id, currency, _ in payers}
    oldest = await repository.find_oldest(session, "any", sorted(each), company_code=company_code, most=most + 1)
    counts = Counter((item.customer_id, item.currency) for item in oldest)
    more = {one for one, count in counts.items() if count > most}
    amounts = {one for one in payers if one[:2] in more}
    with_memos = {one for one in each if one[:2] in more} | set(named) - each
    read = {item.item_id: item for item in oldest}
    further: tuple[tuple[repository.Chosen, set[Wanted]], ...] = (
        ("memos", with_memos),
        ("of_amount", amounts | set(paid_for)),
        ("discounted", amounts),
    )
    for kind, wanted in further:
        found = await repository.find_oldest(session, kind, sorted(wanted), company_code=company_code, most=FURTHER_MAX)
        read |= {item.item_id: item for item in found}
    return list(read.values()), more


async def open_of_order(session: AsyncSession, order_id: str, *, customer_id: str) -> list[str]:
    """Return the ids of a customer's open items of one order."""
    return await repository.find_open_of_order(session, order_id, customer_id=customer_id)


async def small_items(
    session: AsyncSession,
    *,
    company_code: str | None,
    currency: str,
    balance_max: Decimal,
    due_until: date,
    postable_until: date,
    limit: int,
) -> list[Item]:
    """Return undisputed open items with at most `balance_max` open on either side, the oldest first; days are included.

    Down-payment requests are none of them: nothing was sold yet.
    """
    return await repository.find_small(
        session,
        company_code=company_code,
        currency=currency,
        balance_max=balance_max,
        due_until=due_until,
        postable_until=postable_until,
        limit=limit,
    )


async def record(uow: UnitOfWork, items: Mapping[str, Item], entries: Sequence[Entry]) -> dict[str, Item]:
    """Carry what `entries` post into `items` (locked, or new with version 0), publish it and return them as they are then.

    The caller posts the entries to the ledger afterwards. Raises `BalanceExceededError`, and `NumberTakenError` where
    that of a new item was taken meanwhile.
    """
    changed = dict(items)
    for entry in entries:
        for line in entry.receivable_lines:
            assert line.item_id is not None
            changed[line.item_id] = changed[line.item_id].after(line, entry.posting_date)
            uow.publish_checked(changed[line.item_id].event(entry, line))
    new = [changed[item_id] for item_id, item in items.items() if item.version == 0]
    if new:
        in_order = sorted(new, key=lambda item: (item.company_code, item.number))
        rows = (NewItem(item, (), _match_keys(item)) for item in in_order)
        await repository.insert_new(uow.session, rows, at=uow.clock.now(), by=uow.actor)
    touched = [item for item_id, item in changed.items() if item.version > items[item_id].version > 0]
    if touched:
        await repository.record(uow.session, touched)
    return changed


async def free_number(
    session: AsyncSession, company_code: str, prefix: str, *, reserved: Collection[str] = frozenset()
) -> str:
    """Return `prefix`, or the first of `prefix-2`, `prefix-3` … that no document has and that is not `reserved`."""
    for start in count(1, NUMBERS_AT_ONCE):
        numbers = [prefix if n == 1 else f"{prefix}-{n}" for n in range(start, start + NUMBERS_AT_ONCE)]
        taken = await repository.taken_numbers(session, company_code, numbers)
        free = next((one for one in numbers if one not in taken and one not in reserved), None)
        if free is not None:
            return free
    raise AssertionError("numbers do not end")


async def disputed_amounts(session: AsyncSession, item_ids: Collection[str]) -> dict[str, Decimal]:
    """Return how much of items is disputed, by item."""
    rows = await repository.find_many(session, item_ids)
    return {row.item_id: exact(row.disputed_amount, row.currency) for row in rows}


async def set_disputed(uow: UnitOfWork, amounts: Mapping[str, Decimal]) -> None:
    """Show how much of items is disputed; the caller has locked them."""
    if amounts:
        await repository.set_disputed(uow.session, amounts)


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of items."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]


async def locked_documents(uow: UnitOfWork, item_ids: Collection[str]) -> dict[str, list[Item]]:
    """Return, by each of the ids that is there, all items of its document in their order, locked by id."""
    keys = await repository.keys_of(uow.session, item_ids)
    found = await repository.find_documents(uow.session, set(keys.values())) if keys else {}
    items = await locked(uow, {row.item_id for rows in found.values() for row in rows})
    return {item_id: [items[row.item_id] for row in found[key]] for item_id, key in keys.items()}


async def set_submission(uow: UnitOfWork, states: Mapping[str, SubmissionState]) -> None:
    """Show whether the customer has documents, by item; the caller has locked them."""
    if states:
        await repository.set_submission(uow.session, states)


async def first_of_document(session: AsyncSession, item_id: str) -> str | None:
    """Return the first item of an item's document, itself where there are no instalments; None where it is not there."""
    row = await repository.find(session, item_id)
    if row is None or row.instalment is None:
        return item_id if row else None
    return (await repository.document_of(session, row))[0].item_id


async def find(session: AsyncSession, item_id: str) -> Item:
    """Return an item; raise `ItemNotFoundError`."""
    row = await repository.find(session, item_id)
    if row is None:
        raise ItemNotFoundError(item_id)
    return to_item(row)


@dataclass(frozen=True, slots=True)
class DueDateChange:
    """That an item became due on another day, and why."""

    previous: date
    due_date: date
    reason_code: str
    note: str | None
    changed_at: datetime
    changed_by: str | None


async def change_due_date(
    uow: UnitOfWork,
    item_id: str,
    *,
    due_date: date,
    reason_code: str,
    note: str | None,
    expected_version: int | None = None,
) -> Item:
    """Make an open item due on another day, with the reason, and tell it.

    Raises `ItemNotFoundError`, `StaleVersionError`, `ItemClearedError`, `DueDateUnchangedError`, `DueTooEarlyError`.
    """
    found = await locked(uow, [item_id])
    if item_id not in found:
        raise ItemNotFoundError(item_id)
    ensure_fresh(expected_version, found[item_id].version)
    item = found[item_id].due_on(due_date)
    change = DueDateChangeRow(
        item_id=item_id,
        version=item.version,
        previous=found[item_id].due_date,
        due_date=due_date,
        reason_code=reason_code,
        note=note,
        changed_at=uow.clock.now(),
        changed_by=uow.actor,
    )
    await repository.change_due_date(uow.session, item, change)
    uow.publish(item.due_date_event(uow.clock.today()))
    return item


async def due_date_changes(session: AsyncSession, item_id: str) -> list[DueDateChange]:
    """Return the changes of an item's due date, the oldest first."""
    return [
        DueDateChange(row.previous, row.due_date, row.reason_code, row.note, row.changed_at, row.changed_by)
        for row in await repository.due_date_changes(session, item_id)
    ]
