"""What can be done with items: put them into the books, find them, and record what the ledger did to their balances."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.items import repository
from cashapp_service.items.domain.item import DocumentKey, Item, ItemNotFoundError, PostedItem, SubmissionState
from cashapp_service.items.tables import DueDateChangeRow, NewItem, to_item, to_posted
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Entry, LawVerdict
from cashapp_service.matching.domain import OpenItem, match_keys
from shared.money import Money, exact
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh

NUMBERS_AT_ONCE = 50
KEYS_AT_ONCE = 10_000
FURTHER_MAX = 100
"""Items of one amount, credit memos and discounted items that are read of a customer with more open items than are looked at."""
Wanted = tuple[str, str, Decimal]
"""A customer, a currency, and the amount that was received."""


async def find(session: AsyncSession, item_id: str) -> Item:
    """Return an item; raise `ItemNotFoundError`."""
    row = await repository.find(session, item_id)
    if row is None:
        raise ItemNotFoundError(item_id)
    return to_item(row)


async def locked(uow: UnitOfWork, item_ids: Collection[str]) -> dict[str, Item]:
    """Return items by id, locked to the end of the transaction; take all that it needs at once."""
    return await repository.find_for_update(uow.session, item_ids) if item_ids else {}


async def of_documents(session: AsyncSession, keys: Collection[DocumentKey]) -> dict[DocumentKey, list[PostedItem]]:
    """Return the items of documents, by document, the instalments in their order."""
    found = await repository.find_documents(session, keys)
    return {key: [to_posted(row) for row in rows] for key, rows in found.items()}


async def document_of(session: AsyncSession, item_id: str) -> list[PostedItem]:
    """Return all items of an item's document in their order, itself where there are no instalments.

    Raises `ItemNotFoundError`.
    """
    row = await repository.find(session, item_id)
    if row is None:
        raise ItemNotFoundError(item_id)
    rows = [row] if row.instalment is None else await repository.document_of(session, row)
    return [to_posted(one) for one in rows]


async def first_of_document(session: AsyncSession, item_id: str) -> str | None:
    """Return the first item of an item's document, itself where there are no instalments; None where it is not there."""
    row = await repository.find(session, item_id)
    if row is None or row.instalment is None:
        return item_id if row else None
    return (await repository.document_of(session, row))[0].item_id


async def locked_documents(uow: UnitOfWork, item_ids: Collection[str]) -> dict[str, list[Item]]:
    """Return, by each of the ids that is there, all items of its document in their order, locked by id."""
    keys = await repository.keys_of(uow.session, item_ids)
    found = await repository.find_documents(uow.session, set(keys.values())) if keys else {}
    items = await locked(uow, {row.item_id for rows in found.values() for row in rows})
    return {item_id: [items[row.item_id] for row in found[key]] for item_id, key in keys.items()}


async def down_payment_requests(session: AsyncSession, keys: Collection[DocumentKey]) -> set[str]:
    """Return the ids of down-payment requests by company code and number."""
    return await repository.find_requests(session, keys)


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


async def find_taken(session: AsyncSession, keys: Collection[DocumentKey]) -> set[DocumentKey]:
    """Return which of these numbers an item has."""
    return await repository.find_taken(session, keys)


async def add_issued(uow: UnitOfWork, issued: Iterable[tuple[Item, Sequence[dict[str, Any]]]], *, at: datetime) -> None:
    """Insert items as their issue leaves them, each with the lines that it keeps, by company code and number.

    They may be made while PostgreSQL adds those before them. The caller posts and publishes their issue. Raises
    `NumberTakenError` where a number was taken meanwhile.
    """
    rows = (NewItem(item, lines, _match_keys(item)) for item, lines in issued)
    await repository.insert_new(uow.session, rows, at=at, by=uow.actor)


def _match_keys(item: Item) -> list[str]:
    others = {item.document_number} - {item.number}
    return match_keys(item.number, *others, item.reference, item.po_number, item.order_id)


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
        await add_issued(uow, ((item, ()) for item in in_order), at=uow.clock.now())
    touched = [item for item_id, item in changed.items() if item.version > items[item_id].version > 0]
    if touched:
        await repository.record(uow.session, touched)
    return changed


async def disputed_amounts(session: AsyncSession, item_ids: Collection[str]) -> dict[str, Decimal]:
    """Return how much of items is disputed, by item."""
    rows = await repository.find_many(session, item_ids)
    return {row.item_id: exact(row.disputed_amount, row.currency) for row in rows}


async def set_disputed(uow: UnitOfWork, amounts: Mapping[str, Decimal]) -> None:
    """Show how much of items is disputed; the caller has locked them."""
    if amounts:
        await repository.set_disputed(uow.session, amounts)


async def set_submission(uow: UnitOfWork, states: Mapping[str, SubmissionState]) -> None:
    """Show whether the customer has documents, by item; the caller has locked them."""
    if states:
        await repository.set_submission(uow.session, states)


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


async def first_due_dates(session: AsyncSession, item_ids: Collection[str]) -> dict[str, date]:
    """Return when items were due as they were posted, of those that are due on another day now."""
    return await repository.first_due_dates(session, item_ids)


async def due_date_changes(session: AsyncSession, item_id: str) -> list[DueDateChange]:
    """Return the changes of an item's due date, the oldest first."""
    return [
        DueDateChange(row.previous, row.due_date, row.reason_code, row.note, row.changed_at, row.changed_by)
        for row in await repository.due_date_changes(session, item_id)
    ]


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of items."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
