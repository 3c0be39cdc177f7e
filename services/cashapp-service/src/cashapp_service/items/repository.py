"""Every query and every lock of items.

Lock order of the service: house bank accounts by number, then receipts by id, then a payment exception, then a dispute
case, then items by id, then a refund or write-off.
`find_for_update` locks the items of a transaction at once, sorted, whoever calls it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import ge, le, lt
from typing import Any, Literal

from sqlalchemy import Select, Text, any_, bindparam, case, func, literal, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.items.domain.item import DocumentKey, Item, NumberTakenError, SubmissionState
from cashapp_service.items.schemas import ItemFilter
from cashapp_service.items.tables import (
    CHANGED_COLUMNS,
    ITEM_COLUMNS,
    DueDateChangeRow,
    ItemRow,
    NewItem,
    changed_columns,
    to_item,
    written_columns,
)
from cashapp_service.ledger.use_cases import item_balance_as_of
from cashapp_service.matching.domain.document_numbers import Kind, keys_of_number
from shared.bulk import CopyRows, UpdateRows
from shared.database import is_duplicate

_TABLE = ItemRow.metadata.tables["items"]
_INSERT = CopyRows(_TABLE)
_CHANGES = UpdateRows(_TABLE, key="item_id", columns=CHANGED_COLUMNS)


_FOR_UPDATE = (
    select(*(_TABLE.c[name] for name in ITEM_COLUMNS))
    .where(_TABLE.c.item_id == any_(bindparam("item_ids", type_=ARRAY(Text))))
    .order_by(_TABLE.c.item_id)
    .with_for_update()
)
# A join finds each by the index; a list of pairs would be compared with every row.
_WANTED = (
    func.unnest(bindparam("codes", type_=ARRAY(Text)), bindparam("numbers", type_=ARRAY(Text)))
    .table_valued("company_code", "number")
    .render_derived()
)
_OF_COMPANY = col(ItemRow.company_code) == _WANTED.c.company_code
_DOCUMENTS = (
    select(ItemRow)
    .join(_WANTED, _OF_COMPANY & (col(ItemRow.document_number) == _WANTED.c.number))
    .order_by(col(ItemRow.instalment))
    .execution_options(populate_existing=True)
)
_TAKEN = select(col(ItemRow.company_code), col(ItemRow.number)).join(
    _WANTED, _OF_COMPANY & (col(ItemRow.number) == _WANTED.c.number)
)


async def find(session: AsyncSession, item_id: str) -> ItemRow | None:
    """Return an item."""
    return await session.get(ItemRow, item_id)


async def find_many(session: AsyncSession, item_ids: Collection[str]) -> list[ItemRow]:
    """Return items by id, in no order."""
    return list(
        await session.scalars(select(ItemRow).where(col(ItemRow.item_id) == any_(literal(list(item_ids), ARRAY(Text)))))
    )


async def find_for_update(session: AsyncSession, item_ids: Collection[str]) -> dict[str, Item]:
    """Return items by id, locked to the end of the transaction in the order of their ids.

    Ten thousand may be asked for at once, so that only what makes an item is read, and not as rows of the session.
    """
    rows = await session.execute(_FOR_UPDATE, {"item_ids": list(item_ids)})
    return {row.item_id: to_item(row) for row in rows}


async def find_documents(session: AsyncSession, keys: Collection[DocumentKey]) -> dict[DocumentKey, list[ItemRow]]:
    """Return the items of documents by (company code, number), the instalments in their order."""
    found: dict[DocumentKey, list[ItemRow]] = {}
    wanted = {"codes": [code for code, _ in keys], "numbers": [number for _, number in keys]}
    for row in await session.scalars(_DOCUMENTS, wanted):
        found.setdefault((row.company_code, row.document_number), []).append(row)
    return found


async def find_taken(session: AsyncSession, keys: Collection[DocumentKey]) -> set[DocumentKey]:
    """Return which of these pairs of company code and number an item has."""
    wanted = {"codes": [code for code, _ in keys], "numbers": [number for _, number in keys]}
    return {(code, number) for code, number in await session.execute(_TAKEN, wanted)}


async def keys_of(session: AsyncSession, item_ids: Collection[str]) -> dict[str, DocumentKey]:
    """Return the (company code, document number) of items by id."""
    statement = select(col(ItemRow.item_id), col(ItemRow.company_code), col(ItemRow.document_number)).where(
        col(ItemRow.item_id) == any_(literal(list(item_ids), ARRAY(Text)))
    )
    return {item_id: (code, number) for item_id, code, number in await session.execute(statement)}


async def document_of(session: AsyncSession, row: ItemRow) -> list[ItemRow]:
    """Return all items of the document of an item, in their order."""
    found = await find_documents(session, [(row.company_code, row.document_number)])
    return found[row.company_code, row.document_number]


async def find_requests(session: AsyncSession, keys: Collection[DocumentKey]) -> set[str]:
    """Return the ids of down-payment requests by (company code, number of the item)."""
    statement = select(col(ItemRow.item_id)).where(
        tuple_(col(ItemRow.company_code), col(ItemRow.number)).in_(list(keys)),
        col(ItemRow.kind) == "down_payment_request",
    )
    return set(await session.scalars(statement))


async def find_named(session: AsyncSession, *, company_code: str, keys: Iterable[str]) -> list[Item]:
    """Return open items that carry one of the match `keys`, in whatever currency."""
    statement = select(*(_TABLE.c[name] for name in ITEM_COLUMNS)).where(
        _TABLE.c.status == "open",
        _TABLE.c.company_code == company_code,
        _TABLE.c.match_keys.overlap(list(keys)),
    )
    return [to_item(row) for row in await session.execute(statement)]


# In the order in which matching looks at items: by code points, whatever the database's language.
_OF_CUSTOMERS = """
    select {columns}
    from unnest(cast(:customers as text[]), cast(:currencies as text[]), cast(:amounts as numeric[]))
         wanted (customer_id, currency, amount)
    cross join lateral (
        select * from items
        where customer_id = wanted.customer_id and currency = wanted.currency
          and company_code = :company_code and status = 'open' and {further}
        order by due_date, number collate "C", item_id collate "C" limit :most) i
"""
Chosen = Literal["any", "memos", "of_amount", "discounted"]
_COLUMNS = ", ".join(f"i.{name}" for name in ITEM_COLUMNS)
_FURTHER = {
    "any": "true",
    "memos": "balance < 0",
    "of_amount": "balance = wanted.amount",
    "discounted": "payment_terms like '%/%' and balance > wanted.amount and balance <= 2 * wanted.amount",
}
_OLDEST = {name: text(_OF_CUSTOMERS.format(columns=_COLUMNS, further=further)) for name, further in _FURTHER.items()}


async def find_oldest(
    session: AsyncSession,
    kind: Chosen,
    wanted: Collection[tuple[str, str, Decimal]],
    *,
    company_code: str,
    most: int,
) -> list[Item]:
    """Return of each (customer, currency, amount) at most so many open items, the oldest due.

    Any of them, credit memos, those with just this balance, or those that it may pay with a cash discount taken.
    """
    if not wanted:
        return []
    values = {
        "customers": [customer_id for customer_id, _, _ in wanted],
        "currencies": [currency for _, currency, _ in wanted],
        "amounts": [amount for _, _, amount in wanted],
    }
    found = await session.execute(_OLDEST[kind], values | {"company_code": company_code, "most": most})
    return [to_item(row) for row in found]


async def find_open_of_order(session: AsyncSession, order_id: str, *, customer_id: str) -> list[str]:
    """Return the ids of a customer's open items of one order; the key of the order finds them, whatever else is open."""
    statement = select(col(ItemRow.item_id)).where(
        col(ItemRow.status) == "open",
        _TABLE.c.match_keys.overlap([key.text for key in keys_of_number(order_id, Kind.ORDER)]),
        col(ItemRow.order_id) == order_id,
        col(ItemRow.customer_id) == customer_id,
    )
    return list(await session.scalars(statement))


async def find_small(
    session: AsyncSession,
    *,
    company_code: str | None,
    currency: str,
    balance_max: Decimal,
    due_until: date,
    postable_until: date,
    limit: int,
) -> list[Item]:
    """Return undisputed open items with at most `balance_max` open on either side; both days are included."""
    small = (
        col(ItemRow.status) == "open",
        col(ItemRow.currency) == currency,
        col(ItemRow.balance).between(-balance_max, balance_max),
        col(ItemRow.due_date) <= due_until,
        col(ItemRow.postable_from) <= postable_until,
        col(ItemRow.disputed_amount) == 0,
        col(ItemRow.kind) != "down_payment_request",
    )
    statement = select(ItemRow).where(*small)
    if company_code is not None:
        statement = statement.where(col(ItemRow.company_code) == company_code)
    ordered = statement.order_by(col(ItemRow.due_date), col(ItemRow.item_id)).limit(limit)
    return [to_item(row) for row in await session.scalars(ordered)]


async def insert_new(session: AsyncSession, items: Iterable[NewItem], *, at: datetime, by: str | None) -> None:
    """Insert items, which may be made while PostgreSQL adds those before them.

    Their order is by company code and number, so that two who post the same numbers wait for each other in one direction
    only. Raises `NumberTakenError` where one of them was taken meanwhile.
    """
    posted = (at.isoformat(), by)
    try:
        await _INSERT.run(session, ((*written_columns(one), *posted) for one in items))
    except DBAPIError as error:
        if is_duplicate(error):
            raise NumberTakenError from None
        raise


async def record(session: AsyncSession, items: Sequence[Item]) -> None:
    """Write what postings changed of items that the caller has locked."""
    await _CHANGES.run(session, [changed_columns(item) | {"item_id": item.item_id} for item in items])


async def set_disputed(session: AsyncSession, amounts: Mapping[str, Decimal]) -> None:
    """Write how much of items is disputed; the caller has locked them."""
    statement = update(_TABLE).where(col(ItemRow.item_id) == bindparam("id"))
    rows = [{"id": item_id, "disputed": amount} for item_id, amount in sorted(amounts.items())]
    await (await session.connection()).execute(statement.values(disputed_amount=bindparam("disputed")), rows)


async def change_due_date(session: AsyncSession, item: Item, change: DueDateChangeRow) -> None:
    """Write the new due date of an item that the caller has locked, and that it changed."""
    values = {"due_date": item.due_date, "version": item.version}
    await session.execute(update(ItemRow).where(col(ItemRow.item_id) == item.item_id).values(values))
    session.add(change)
    await session.flush()


async def due_date_changes(session: AsyncSession, item_id: str) -> list[DueDateChangeRow]:
    """Return the changes of an item's due date, the oldest first."""
    statement = select(DueDateChangeRow).where(col(DueDateChangeRow.item_id) == item_id)
    return list(await session.scalars(statement.order_by(col(DueDateChangeRow.version))))


async def first_due_dates(session: AsyncSession, item_ids: Collection[str]) -> dict[str, date]:
    """Return when items were due that are due on another day now, by item: before the first change of it."""
    if not item_ids:
        return {}
    row = DueDateChangeRow
    statement = select(col(row.item_id), col(row.previous)).where(col(row.item_id).in_(item_ids))
    changes = await session.execute(statement.order_by(col(row.version).desc()))
    # The first change comes last, and stays.
    return {item_id: previous for item_id, previous in changes}  # noqa: C416 - rows are no pairs to the type checker


async def set_submission(session: AsyncSession, states: Mapping[str, SubmissionState]) -> None:
    """Write whether the customer has the documents of items; the caller has locked them."""
    statement = update(_TABLE).where(col(ItemRow.item_id) == bindparam("id"))
    rows = [{"id": item_id, "state": state} for item_id, state in sorted(states.items())]
    await (await session.connection()).execute(statement.values(submission=bindparam("state")), rows)


_SAME = (
    "customer_id",
    "company_code",
    "number",
    "document_number",
    "order_id",
    "po_number",
    "reference",
    "refers_to",
    "reason_code",
    "kind",
    "currency",
)


def matching(wanted: ItemFilter) -> Select[Any]:
    """Return the statement that finds items; with `as_of`, those posted by then, with the status they had then."""
    same = {name: getattr(wanted, name) for name in _SAME}
    statement = select(ItemRow).where(*(getattr(ItemRow, name) == one for name, one in same.items() if one is not None))
    amount = func.abs(_TABLE.c.amount)
    ranges = (
        (_TABLE.c.due_date, ge, wanted.due_from),
        (_TABLE.c.due_date, lt, wanted.due_before),
        (amount, ge, wanted.amount_from),
        (amount, le, wanted.amount_to),
    )
    statement = statement.where(*(compared(value, bound) for value, compared, bound in ranges if bound is not None))
    if wanted.disputed is not None:
        disputed = col(ItemRow.disputed_amount) > 0
        statement = statement.where(disputed if wanted.disputed else ~disputed)
    if wanted.submission is not None:
        # What is on its way is not there yet.
        states = ("pending", "submitted") if wanted.submission == "pending" else (wanted.submission,)
        statement = statement.where(col(ItemRow.submission).in_(states))
    return _with_status(statement, wanted.status, wanted.as_of)


def _with_status(statement: Select[Any], status: str | None, as_of: date | None) -> Select[Any]:
    if as_of is None:
        return statement if status is None else statement.where(col(ItemRow.status) == status)
    statement = statement.where(col(ItemRow.posting_date) <= as_of)
    if status is None:
        return statement
    balance = _balance_as_of(as_of)
    return statement.where(balance != 0 if status == "open" else balance == 0)


def _balance_as_of(as_of: date) -> Any:
    """Return the expression for the balance at the end of a day: the present one where nothing was posted since."""
    unchanged = col(ItemRow.last_posting_date) <= as_of
    return case((unchanged, col(ItemRow.balance)), else_=item_balance_as_of(col(ItemRow.item_id), as_of))


async def balances_as_of(session: AsyncSession, item_ids: Sequence[str], as_of: date) -> dict[str, Decimal]:
    """Return the balances that items had at the end of a day, from their postings."""
    statement = select(col(ItemRow.item_id), _balance_as_of(as_of))
    found = await session.execute(statement.where(col(ItemRow.item_id).in_(item_ids)))
    return {item_id: balance for item_id, balance in found.all()}  # noqa: C416 - rows are no pairs to the type checker


async def taken_numbers(session: AsyncSession, company_code: str, numbers: Collection[str]) -> set[str]:
    """Return which of these numbers are taken in a company code, by an item or by a document in instalments."""
    wanted = any_(literal(list(numbers), ARRAY(Text)))
    own = select(col(ItemRow.number)).where(col(ItemRow.company_code) == company_code, col(ItemRow.number) == wanted)
    of_documents = select(col(ItemRow.document_number)).where(
        col(ItemRow.company_code) == company_code, col(ItemRow.document_number) == wanted
    )
    return set(await session.scalars(own.union(of_documents)))


LAWS = (
    {
        "name": "item_balance_is_its_postings",
        "checked": "select count(*) from items",
        "broken": """
            select format('item %s (%s): balance %s since %s, postings %s to %s', i.number, i.item_id, i.balance,
                          i.last_posting_date, coalesce(p.sum, 0), p.last)
            from items i left join (select item_id, sum(debit - credit), max(posting_date) last from journal_lines
                                    where account = 'receivables' group by item_id) p using (item_id)
            where i.balance <> coalesce(p.sum, 0) or i.last_posting_date is distinct from p.last""",
    },
    {
        "name": "items_stand_where_their_postings_left_them",
        "checked": "select count(*) from items",
        "broken": """
            select format('item %s (%s): version %s, %s postings and %s changes of its due date; may be cleared from %s,'
                          ' opened last on %s', i.number, i.item_id, i.version, p.postings, coalesce(c.changes, 0),
                          i.postable_from, case when i.amount > 0 then p.debited else p.credited end)
            from items i join (
                select item_id, count(*) postings, max(posting_date) filter (where debit > 0) debited,
                       max(posting_date) filter (where credit > 0) credited
                from journal_lines where account = 'receivables' group by item_id) p using (item_id)
            left join (select item_id, count(*) changes from due_date_changes group by item_id) c using (item_id)
            where i.version <> p.postings + coalesce(c.changes, 0)
               or i.postable_from is distinct from case when i.amount > 0 then p.debited else p.credited end""",
    },
    {
        "name": "item_conservation",
        "checked": "select count(*) from items",
        "broken": """
            select format('item %s (%s): amount %s, issued %s = applied %s + discount %s + credits %s + written off %s'
                          ' + residual %s + balance %s', i.number, i.item_id, i.amount, p.issued, p.applied, p.discount,
                          p.credits, p.written_off, p.residual, i.balance)
            from items i join (
                select item_id, sum(debit - credit) filter (where kind = 'issue') issued,
                       coalesce(sum(credit - debit) filter (where kind in ('payment', 'reversal')), 0) applied,
                       coalesce(sum(credit - debit) filter (where kind = 'discount'), 0) discount,
                       coalesce(sum(credit - debit) filter (where kind = 'credit'), 0) credits,
                       coalesce(sum(credit - debit) filter (where kind in ('tolerance', 'write_off')), 0) written_off,
                       coalesce(sum(credit - debit) filter (where kind = 'residual'), 0) residual
                from journal_lines where account = 'receivables' group by item_id) p using (item_id)
            where i.amount is distinct from p.issued
               or i.amount <> applied + discount + credits + written_off + residual + i.balance
               or least(applied * i.amount, discount * i.amount, credits * i.amount, written_off * i.amount,
                        residual * i.amount) < 0""",
    },
    {
        "name": "receivables_account_is_the_sum_of_items",
        "checked": "select count(*) from (select distinct company_code, currency from items) books",
        "broken": """
            select format('company %s: items %s, account %s %s', company_code, coalesce(i.balance, 0), coalesce(a.balance, 0),
                          currency)
            from (select company_code, currency, sum(balance) balance from items group by company_code, currency) i
            full join (select company_code, currency, sum(debit - credit) balance from journal_lines
                       where account = 'receivables' group by company_code, currency) a using (company_code, currency)
            where coalesce(i.balance, 0) <> coalesce(a.balance, 0)""",
    },
    {
        "name": "receivables_lines_are_of_their_item",
        "checked": "select count(*) from journal_lines where account = 'receivables'",
        "broken": """
            select format('posting %s of item %s (%s): company %s, %s, customer %s on %s', l.posting_id, i.number, i.item_id,
                          l.company_code, l.currency, l.customer_id, l.posting_date)
            from journal_lines l join items i using (item_id)
            where l.account = 'receivables'
              and ((l.company_code, l.currency, l.customer_id) is distinct from (i.company_code, i.currency, i.customer_id)
                   or l.posting_date < i.posting_date)""",
    },
    {
        "name": "no_item_crosses_zero_on_any_day",
        "checked": "select count(*) from items",
        "broken": """
            select format('item %s (%s): balance %s at the end of %s, amount %s', i.number, i.item_id, d.balance,
                          d.posting_date, i.amount)
            from items i join (select item_id, posting_date, sum(sum(debit - credit)) over
                                      (partition by item_id order by posting_date) balance
                               from journal_lines where account = 'receivables' group by item_id, posting_date) d
                 using (item_id)
            where d.balance not between least(i.amount, 0) and greatest(i.amount, 0)""",
    },
    {
        "name": "tax_of_items_is_posted",
        "checked": "select count(*) from items where tax_amount <> 0",
        "broken": """
            select format('entry %s: tax of its items %s, posted %s', o.entry_id, o.tax, coalesce(t.tax, 0))
            from (select l.entry_id, sum(i.tax_amount) tax from items i join journal_lines l using (item_id)
                  where l.account = 'receivables' and l.kind = 'issue' group by l.entry_id) o
            left join (select entry_id, sum(credit - debit) tax from journal_lines
                       where account = 'tax' and kind = 'issue' group by entry_id) t using (entry_id)
            where o.tax <> coalesce(t.tax, 0)""",
    },
)
"""What must hold of items and their postings. Each line being of its item, and each item's balance being its lines, the open
items as of any day come to the receivables account as of that day, by company code and currency."""
