"""What can be done with items: post documents, and record what the ledger did to their balances."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.customers import use_cases as customers
from cashapp_service.customers.domain import Customer, UnknownCustomerError
from cashapp_service.items import repository
from cashapp_service.items.domain.item import Document, Item, ItemExistsError
from cashapp_service.items.tables import ItemRow, to_item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Account, Entry, LawVerdict, Line
from cashapp_service.matching.domain import OpenItem, match_keys
from shared.errors import ConflictError, OpenItemError
from shared.ids import new_id
from shared.money import Money
from shared.unit_of_work import UnitOfWork

REVENUE_OF = {"credit_memo": Account.CREDIT_MEMOS}


@dataclass(frozen=True, slots=True)
class PostedItem:
    """The item of a document, and whether it was made by this request or stood there with equal content."""

    item_id: str
    created: bool


async def post_documents(
    uow: UnitOfWork, documents: Sequence[Document], ask_owner: customers.AskOwner
) -> list[PostedItem | OpenItemError]:
    """Post documents and return for each, in order, its item or why it was refused.

    A repeat with equal content is not posted again, one with other content is an `ItemExistsError`; a customer that
    does not exist is an `UnknownCustomerError`.
    """
    known = await customers.known(uow, {document.customer_id for document in documents}, ask_owner)
    stored = await repository.find_by_number(uow.session, {_key(document) for document in documents})
    fresh: dict[tuple[str, str], Document] = {}
    for document in documents:
        if _key(document) not in stored:
            fresh.setdefault(_key(document), document)
    made, refused = _made(fresh, known)
    inserted = await _insert_issued(uow, made, fresh)
    lost = {key for key, item in made.items() if item.item_id not in inserted}
    if lost:
        stored |= await repository.find_by_number(uow.session, lost)
    return [_verdict(document, fresh, stored, made, refused) for document in documents]


def _key(document: Document) -> tuple[str, str]:
    return document.company_code, document.number


def _made(
    fresh: Mapping[tuple[str, str], Document], known: Mapping[str, Customer]
) -> tuple[dict[tuple[str, str], Item], dict[tuple[str, str], OpenItemError]]:
    made: dict[tuple[str, str], Item] = {}
    refused: dict[tuple[str, str], OpenItemError] = {}
    for key, document in fresh.items():
        customer = known.get(document.customer_id)
        try:
            if customer is None:
                raise UnknownCustomerError(document.customer_id)
            made[key] = document.item(new_id("itm"), customers_terms=customer.payment_terms)
        except OpenItemError as refusal:
            refused[key] = refusal
    return made, refused


async def _insert_issued(
    uow: UnitOfWork, made: Mapping[tuple[str, str], Item], fresh: Mapping[tuple[str, str], Document]
) -> set[str]:
    """Insert items with the balance that their issue gives them, then post the issues of those that were inserted."""
    entries = {item.item_id: issue_entry(item) for item in made.values()}
    issued = {item.item_id: item.after(_issue_line(entries[item.item_id]), item.issue_date) for item in made.values()}
    lines = {item.item_id: fresh[key].lines for key, item in made.items()}
    inserted = await _insert(uow, list(issued.values()), lines)
    posted = [entry for item_id, entry in entries.items() if item_id in inserted]
    await ledger.post(uow, posted)
    uow.publish(*(issued[(line := _issue_line(entry)).item_id or ""].event(entry, line) for entry in posted))
    return inserted


async def _insert(uow: UnitOfWork, items: Sequence[Item], lines: Mapping[str, Sequence[dict[str, object]]]) -> set[str]:
    if not items:
        return set()
    keys = {one.item_id: match_keys(one.number, one.reference, one.po_number, one.order_id) for one in items}
    return await repository.insert_new(uow.session, items, lines=lines, match_keys=keys, at=uow.clock.now())


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
        reference=item.reference,
        discount=Money(discount, item.currency) if discount else None,
    )


def _issue_line(entry: Entry) -> Line:
    return entry.lines[0]


def issue_entry(item: Item, *, contra: Account | None = None, dispute_id: str | None = None) -> Entry:
    """Return the entry that posts an item: to revenue or sales deductions, or to `contra`."""
    other = contra or REVENUE_OF.get(item.kind, Account.REVENUE)
    return Entry(
        kind="issue",
        posting_date=item.issue_date,
        company_code=item.company_code,
        currency=item.currency,
        dispute_id=dispute_id,
        lines=(
            Line(
                account=Account.RECEIVABLES,
                amount=item.amount,
                kind="issue",
                customer_id=item.customer_id,
                item_id=item.item_id,
            ),
            Line(account=other, amount=-item.amount, kind="issue", customer_id=item.customer_id),
        ),
    )


def _verdict(
    document: Document,
    fresh: Mapping[tuple[str, str], Document],
    stored: Mapping[tuple[str, str], ItemRow],
    made: Mapping[tuple[str, str], Item],
    refused: Mapping[tuple[str, str], OpenItemError],
) -> PostedItem | OpenItemError:
    key = _key(document)
    if key in refused:
        return refused[key]
    row = stored.get(key)
    if row is None:
        item, lines = made[key], list(fresh[key].lines)
    else:
        item, lines = to_item(row), row.lines
    try:
        differences = document.differences(item, lines)
    except OpenItemError as refusal:
        return refusal
    if differences:
        return ItemExistsError(*key, differences)
    return PostedItem(item.item_id, created=row is None and document is fresh[key])


async def locked(uow: UnitOfWork, item_ids: Collection[str]) -> dict[str, Item]:
    """Return items by id, locked to the end of the transaction; take all that it needs at once."""
    return await repository.find_for_update(uow.session, item_ids) if item_ids else {}


async def open_items(
    session: AsyncSession, *, currency: str, company_code: str, keys: Iterable[str], customer_ids: Iterable[str]
) -> list[Item]:
    """Return open items that carry one of the match `keys` or belong to one of the customers."""
    return await repository.find_open(
        session, currency=currency, company_code=company_code, keys=keys, customer_ids=customer_ids
    )


async def open_of_order(session: AsyncSession, order_id: str, *, customer_id: str) -> list[str]:
    """Return the ids of a customer's open items of one order."""
    return await repository.find_open_of_order(session, order_id, customer_id=customer_id)


async def all_open_items(session: AsyncSession, company_code: str) -> list[Item]:
    """Return every open item of a company code."""
    return await repository.find_all_open(session, company_code)


async def record(uow: UnitOfWork, items: Mapping[str, Item], entries: Sequence[Entry]) -> dict[str, Item]:
    """Carry what `entries` post into `items` (locked, or new with version 0), publish it and return them as they are then.

    The caller posts the entries to the ledger afterwards. Raises `BalanceExceededError`, and `ConflictError` where a
    new item's number was taken meanwhile.
    """
    changed = dict(items)
    for entry in entries:
        for line in entry.receivable_lines:
            assert line.item_id is not None
            changed[line.item_id] = changed[line.item_id].after(line, entry.posting_date)
            uow.publish(changed[line.item_id].event(entry, line))
    new = [changed[item_id] for item_id, item in items.items() if item.version == 0]
    if len(await _insert(uow, new, {})) < len(new):
        raise ConflictError("A document number for the rest was taken by another request: send this one again.")
    touched = [item for item_id, item in changed.items() if item.version > items[item_id].version > 0]
    if touched:
        await repository.record(uow.session, touched)
    return changed


async def free_number(session: AsyncSession, company_code: str, prefix: str) -> str:
    """Return `prefix`, or `prefix-2`, `prefix-3` … where documents of that name stand there already."""
    taken = await repository.count_numbers(session, company_code, prefix)
    return prefix if not taken else f"{prefix}-{taken + 1}"


async def set_disputed(uow: UnitOfWork, amounts: Mapping[str, Decimal]) -> None:
    """Show how much of items is disputed; the caller has locked them."""
    if amounts:
        await repository.set_disputed(uow.session, amounts)


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of items."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]
