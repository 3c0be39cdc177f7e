"""Queries and locks of the projection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from credit_service.fulfilment.domain import Part
from credit_service.receivables.domain import DisputeOfItem, Due, Dues, Item, Receipt
from credit_service.receivables.tables import DisputedItemRow, DisputeRow, OpenItemRow, ReceiptRow

_ITEM = (
    "item_id, version, customer_id, order_id, kind, amount, balance, currency, due_date, rate, "
    "account_amount, account_balance"
)
_RECEIPT = "receipt_id, version, customer_id, cash, currency, rate, account_cash"
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(id, 4)) from unnest(cast(:ids as text[])) as ids(id)")
_DELETE = (text("delete from open_items where item_id = :id"), text("delete from receipts where receipt_id = :id"))
_FIND_ITEMS = text(f"select {_ITEM} from open_items where item_id = any(:ids)")
_FIND_RECEIPTS = text(f"select {_RECEIPT} from receipts where receipt_id = any(:ids)")
_ITEMS_OF = text(f"select {_ITEM} from open_items where customer_id = :customer_id")
_RECEIPTS_OF = text(f"select {_RECEIPT} from receipts where customer_id = :customer_id")
_OLDEST = text(
    "select customer_id, min(due_date) from open_items where customer_id = any(:ids) and balance > 0 group by customer_id"
)
_OVERDUE = text(
    "select customer_id, sum(account_balance) from open_items "
    "where customer_id = any(:ids) and balance > 0 and due_date < :as_of group by customer_id"
)
DUES = (
    "select i.customer_id, i.due_date, sum(i.account_balance) as balance, "
    "sum(case when d.disputed >= i.balance then i.account_balance else coalesce(d.disputed * i.rate, 0) end) as disputed "
    "from open_items i left join lateral (select sum(disputed) as disputed from disputed_items where item_id = i.item_id) d "
    "on true where i.customer_id = {whose} and i.balance > 0 and i.due_date < {as_of} group by i.customer_id, i.due_date"
)
"""What is past due by due date; also a part of a larger statement."""
_DUES = text(DUES.format(whose="any(:ids)", as_of=":as_of"))
_FORGET_DISPUTED = text("delete from disputed_items where dispute_id = any(:ids)")
_DUE_BETWEEN = text(
    "select i.customer_id, count(*), sum(i.account_balance), min(i.due_date) "
    "from unnest(cast(:ids as text[]), cast(:first as date[]), cast(:last as date[])) as s(customer_id, first, last) "
    "join open_items i on i.customer_id = s.customer_id and i.due_date between s.first and s.last "
    "where i.balance > 0 and i.kind in ('invoice', 'debit_memo') group by i.customer_id"
)
_INVOICED = text(
    "select i.customer_id, i.order_id, i.currency, sum(i.amount), sum(i.account_amount) "
    "from unnest(cast(:customer_ids as text[]), cast(:order_ids as text[])) as o(customer_id, order_id) "
    "join open_items i on i.customer_id = o.customer_id and i.order_id = o.order_id "
    "where i.kind in ('invoice', 'debit_memo') group by i.customer_id, i.order_id, i.currency"
)
_WAITING_ITEMS = text("select item_id from open_items where rate is null order by item_id")
_WAITING_RECEIPTS = text("select receipt_id from receipts where rate is null and customer_id is not null order by 1")
_DISPUTED = text("select currency, sum(disputed) from disputes where customer_id = :customer_id group by currency")
_CLEARED = text("select item_id from open_items where item_id = any(:ids) and balance <= 0")
_ANY = text(
    "select exists (select from open_items where customer_id = :id) or exists (select from receipts where customer_id = :id)"
)


async def lock_documents(session: AsyncSession, document_ids: Iterable[str]) -> None:
    """Wait for whoever applies other states of the same documents. Taken before any account."""
    await session.execute(_LOCK, {"ids": sorted(document_ids)})


async def delete_document(session: AsyncSession, document_id: str) -> None:
    """Delete the projection of an item or receipt."""
    for statement in _DELETE:
        await session.execute(statement, {"id": document_id})


async def find_items(session: AsyncSession, item_ids: Iterable[str]) -> dict[str, Item]:
    """Return those of the items that are known, by id."""
    return {row[0]: Item(*row) for row in await session.execute(_FIND_ITEMS, {"ids": list(item_ids)})}


async def find_receipts(session: AsyncSession, receipt_ids: Iterable[str]) -> dict[str, Receipt]:
    """Return those of the receipts that are known, by id."""
    return {row[0]: Receipt(*row) for row in await session.execute(_FIND_RECEIPTS, {"ids": list(receipt_ids)})}


async def items_of(session: AsyncSession, customer_id: str) -> list[Item]:
    """Return every item of a customer."""
    return [Item(*row) for row in await session.execute(_ITEMS_OF, {"customer_id": customer_id})]


async def receipts_of(session: AsyncSession, customer_id: str) -> list[Receipt]:
    """Return every receipt of a customer."""
    return [Receipt(*row) for row in await session.execute(_RECEIPTS_OF, {"customer_id": customer_id})]


async def save_items(session: AsyncSession, items: Sequence[Item]) -> None:
    """Store the newest states of items."""
    await session.execute(_SAVE_ITEM, [asdict(item) for item in items])


async def save_receipts(session: AsyncSession, receipts: Sequence[Receipt]) -> None:
    """Store the newest states of receipts."""
    await session.execute(_SAVE_RECEIPT, [asdict(receipt) for receipt in receipts])


def _upsert(row: Any, key: str) -> Insert:
    """Return the statement that writes a state in place of the one that is there; made once, as making it is dear."""
    table = row.__table__
    statement = insert(table)
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name != key}
    return statement.on_conflict_do_update(index_elements=[key], set_=rest)


_SAVE_ITEM = _upsert(OpenItemRow, "item_id")
_SAVE_RECEIPT = _upsert(ReceiptRow, "receipt_id")


def _save_dispute_if_newer() -> ReturningInsert[str, str]:
    table = DisputeRow.__table__  # type: ignore[attr-defined]
    statement = insert(table)
    newer = statement.on_conflict_do_update(
        index_elements=["dispute_id"],
        set_={name: statement.excluded[name] for name in ("version", "customer_id", "disputed", "currency")},
        where=table.c.version < statement.excluded.version,
    )
    return newer.returning(table.c.dispute_id, table.c.customer_id)


_SAVE_DISPUTE = _save_dispute_if_newer()


async def save_disputes_if_newer(session: AsyncSession, states: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Store cases' states, each case once, unless newer ones are known; return customers by case of those that were stored."""
    stored = await session.execute(_SAVE_DISPUTE, [dict(state) for state in states])
    return {row[0]: row[1] for row in stored}


async def replace_disputed_items(
    session: AsyncSession, dispute_ids: Iterable[str], parts: Sequence[DisputeOfItem]
) -> None:
    """Write what these cases, whose rows the caller has just written, dispute of each item."""
    await session.execute(_FORGET_DISPUTED, {"ids": list(dispute_ids)})
    if parts:
        await session.execute(insert(DisputedItemRow), [asdict(part) for part in parts])


async def dues(session: AsyncSession, customer_ids: Iterable[str], as_of: date) -> dict[str, Dues]:
    """Return what is past due on `as_of` of each customer by due date, in the account's currency."""
    found: dict[str, dict[date, Due]] = {}
    for customer_id, day, balance, disputed in await session.execute(
        _DUES, {"ids": list(customer_ids), "as_of": as_of}
    ):
        found.setdefault(customer_id, {})[day] = Due(balance, disputed)
    return dict(found)


async def oldest_due_dates(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, date]:
    """Return the due date of the oldest open item of each customer that has one."""
    return {row[0]: row[1] for row in await session.execute(_OLDEST, {"ids": list(customer_ids)})}


async def overdue(session: AsyncSession, customer_ids: Iterable[str], as_of: date) -> dict[str, Decimal]:
    """Return what is past due on `as_of` of each customer, in the account's currency."""
    rows = await session.execute(_OVERDUE, {"ids": list(customer_ids), "as_of": as_of})
    return {row[0]: row[1] for row in rows}


async def disputed(session: AsyncSession, customer_id: str) -> dict[str, Decimal]:
    """Return what the customer disputes, by currency."""
    return {row[0]: row[1] for row in await session.execute(_DISPUTED, {"customer_id": customer_id})}


async def cleared_among(session: AsyncSession, item_ids: Iterable[str]) -> set[str]:
    """Return those of the items whose balance is not positive."""
    return set((await session.execute(_CLEARED, {"ids": list(item_ids)})).scalars())


async def due_between(
    session: AsyncSession, spans: Mapping[str, tuple[date, date]]
) -> dict[str, tuple[int, Decimal, date]]:
    """Return number, sum in the account's currency and oldest due date of each customer's open items due in its span."""
    columns = {
        "ids": list(spans),
        "first": [first for first, _ in spans.values()],
        "last": [last for _, last in spans.values()],
    }
    rows = await session.execute(_DUE_BETWEEN, columns)
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


async def has_documents(session: AsyncSession, customer_id: str) -> bool:
    """Tell whether any item or receipt of the customer is known."""
    return bool(await session.scalar(_ANY, {"id": customer_id}))


async def invoiced(session: AsyncSession, orders: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Part]]:
    """Return what invoices took over, by (customer, order)."""
    pairs = list(orders)
    rows = await session.execute(
        _INVOICED, {"customer_ids": [one[0] for one in pairs], "order_ids": [one[1] for one in pairs]}
    )
    sums: dict[tuple[str, str], list[Part]] = {}
    for customer_id, order_id, currency, amount, account_amount in rows:
        sums.setdefault((customer_id, order_id), []).append(Part(currency, amount, account_amount))
    return sums


async def waiting_for_a_rate(session: AsyncSession) -> tuple[list[str], list[str]]:
    """Return the items and receipts that are not converted yet."""
    items = list((await session.execute(_WAITING_ITEMS)).scalars())
    return items, list((await session.execute(_WAITING_RECEIPTS)).scalars())
