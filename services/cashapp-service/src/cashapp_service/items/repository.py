"""Every query and every lock of items.

Lock order of the service: house bank accounts by number, then receipts by id, then a dispute case, then
items by id, then a refund.
`find_for_update` locks the items of a transaction at once, sorted, whoever calls it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Text, any_, bindparam, case, literal, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.items.domain.item import Item
from cashapp_service.items.tables import ItemRow, changed_columns, to_item
from cashapp_service.ledger.use_cases import item_balance_as_of
from cashapp_service.matching.domain.document_numbers import Kind, keys_of_number

_KEYED = ("item_id", "company_code", "number", "kind", "customer_id", "issue_date", "due_date", "amount", "currency")
_OPTIONAL = ("payment_terms", "order_id", "po_number", "reference")


_TABLE = ItemRow.metadata.tables["items"]


async def find(session: AsyncSession, item_id: str) -> ItemRow | None:
    """Return an item."""
    return await session.get(ItemRow, item_id)


async def find_many(session: AsyncSession, item_ids: Collection[str]) -> list[ItemRow]:
    """Return items by id, in no order."""
    return list(
        await session.scalars(select(ItemRow).where(col(ItemRow.item_id) == any_(literal(list(item_ids), ARRAY(Text)))))
    )


async def find_for_update(session: AsyncSession, item_ids: Collection[str]) -> dict[str, Item]:
    """Return items by id, locked to the end of the transaction in the order of their ids."""
    statement = (
        select(ItemRow)
        .where(col(ItemRow.item_id) == any_(literal(list(item_ids), ARRAY(Text))))
        .order_by(col(ItemRow.item_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.item_id: to_item(row) for row in await session.scalars(statement)}


async def find_by_number(session: AsyncSession, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], ItemRow]:
    """Return items by (company code, number)."""
    statement = select(ItemRow).where(tuple_(col(ItemRow.company_code), col(ItemRow.number)).in_(list(keys)))
    rows = await session.scalars(statement.execution_options(populate_existing=True))
    return {(row.company_code, row.number): row for row in rows}


async def find_open(
    session: AsyncSession, *, currency: str, company_code: str, keys: Iterable[str], customer_ids: Iterable[str]
) -> list[Item]:
    """Return open items that carry one of the match `keys` or belong to one of the customers."""
    concerned = _TABLE.c.match_keys.overlap(list(keys)) | col(ItemRow.customer_id).in_(list(customer_ids))
    of_company = (
        col(ItemRow.status) == "open",
        col(ItemRow.company_code) == company_code,
        col(ItemRow.currency) == currency,
    )
    statement = select(ItemRow).where(*of_company, concerned).order_by(col(ItemRow.item_id))
    return [to_item(row) for row in await session.scalars(statement)]


async def find_open_of_order(session: AsyncSession, order_id: str, *, customer_id: str) -> list[str]:
    """Return the ids of a customer's open items of one order; the key of the order finds them, whatever else is open."""
    statement = select(col(ItemRow.item_id)).where(
        col(ItemRow.status) == "open",
        _TABLE.c.match_keys.overlap([key.text for key in keys_of_number(order_id, Kind.ORDER)]),
        col(ItemRow.order_id) == order_id,
        col(ItemRow.customer_id) == customer_id,
    )
    return list(await session.scalars(statement))


async def find_all_open(session: AsyncSession, company_code: str) -> list[Item]:
    """Return every open item of a company code."""
    statement = select(ItemRow).where(col(ItemRow.status) == "open", col(ItemRow.company_code) == company_code)
    return [to_item(row) for row in await session.scalars(statement.order_by(col(ItemRow.item_id)))]


async def insert_new(
    session: AsyncSession,
    items: Sequence[Item],
    *,
    lines: Mapping[str, Sequence[dict[str, Any]]],
    match_keys: Mapping[str, Sequence[str]],
    at: datetime,
) -> set[str]:
    """Insert items whose number is free and return the ids of those inserted; waits for others posting the same number."""
    rows = [
        {name: getattr(item, name) for name in (*_KEYED, *_OPTIONAL)}
        | changed_columns(item)
        | {"lines": list(lines.get(item.item_id, ())), "match_keys": list(match_keys[item.item_id])}
        | {"disputed_amount": Decimal(0), "posted_at": at}
        for item in sorted(items, key=lambda item: (item.company_code, item.number))
    ]
    statement = insert(ItemRow).on_conflict_do_nothing(index_elements=["company_code", "number"])
    return set(await session.scalars(statement.returning(col(ItemRow.item_id)), rows))


async def record(session: AsyncSession, items: Sequence[Item]) -> None:
    """Write what postings changed of items that the caller has locked."""
    columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in changed_columns(items[0])}
    statement = update(_TABLE).where(col(ItemRow.item_id) == bindparam("id"))
    rows = [
        {f"new_{name}": value for name, value in changed_columns(item).items()} | {"id": item.item_id} for item in items
    ]
    await (await session.connection()).execute(statement.values(columns), rows)


async def set_disputed(session: AsyncSession, amounts: Mapping[str, Decimal]) -> None:
    """Write how much of items is disputed; the caller has locked them."""
    statement = update(_TABLE).where(col(ItemRow.item_id) == bindparam("id"))
    rows = [{"id": item_id, "disputed": amount} for item_id, amount in sorted(amounts.items())]
    await (await session.connection()).execute(statement.values(disputed_amount=bindparam("disputed")), rows)


def matching(
    *,
    customer_id: str | None,
    status: str | None,
    number: str | None,
    order_id: str | None,
    due_before: date | None,
    as_of: date | None,
) -> Select[Any]:
    """Return the statement that finds items; with `as_of`, those issued by then, with the status they had then."""
    wanted = {"customer_id": customer_id, "number": number, "order_id": order_id}
    statement = select(ItemRow).where(*(getattr(ItemRow, k) == v for k, v in wanted.items() if v is not None))
    if due_before:
        statement = statement.where(col(ItemRow.due_date) < due_before)
    if as_of:
        statement = statement.where(col(ItemRow.issue_date) <= as_of)
        if status:
            balance = _balance_as_of(as_of)
            statement = statement.where(balance != 0 if status == "open" else balance == 0)
    elif status:
        statement = statement.where(col(ItemRow.status) == status)
    return statement


def _balance_as_of(as_of: date) -> Any:
    """Return the expression for the balance at the end of a day: the present one where nothing was posted since."""
    unchanged = col(ItemRow.last_posting_date) <= as_of
    return case((unchanged, col(ItemRow.balance)), else_=item_balance_as_of(col(ItemRow.item_id), as_of))


async def balances_as_of(session: AsyncSession, item_ids: Sequence[str], as_of: date) -> dict[str, Decimal]:
    """Return the balances that items had at the end of a day, from their postings."""
    statement = select(col(ItemRow.item_id), _balance_as_of(as_of))
    found = await session.execute(statement.where(col(ItemRow.item_id).in_(item_ids)))
    return {item_id: balance for item_id, balance in found.all()}  # noqa: C416 - rows are no pairs to the type checker


async def count_numbers(session: AsyncSession, company_code: str, prefix: str) -> int:
    """Return how many numbers of a company code are `prefix` or `prefix-…`."""
    found = text("select count(*) from items where company_code = :company_code and (number = :p or number like :q)")
    escaped = prefix.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    values = {"company_code": company_code, "p": prefix, "q": escaped + "-%"}
    return int((await session.execute(found, values)).scalar_one())


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
        "name": "item_conservation",
        "checked": "select count(*) from items",
        "broken": """
            select format('item %s (%s): amount %s, issued %s, cleared %s, balance %s', i.number, i.item_id, i.amount,
                          p.issued, p.cleared, i.balance)
            from items i join (select item_id, sum(debit - credit) filter (where kind = 'issue') issued,
                                      coalesce(sum(credit - debit) filter (where kind <> 'issue'), 0) cleared
                               from journal_lines where account = 'receivables' group by item_id) p using (item_id)
            where i.amount is distinct from p.issued or i.amount <> p.cleared + i.balance""",
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
)
"""What must hold of items and their postings."""
