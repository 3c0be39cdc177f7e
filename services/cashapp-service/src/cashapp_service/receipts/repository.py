"""Every query and every lock of receipts. A receipt is locked before any item (see `items/repository.py`)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import ge, le
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.receipts.domain import Receipt
from cashapp_service.receipts.schemas import ReceiptFilter
from cashapp_service.receipts.tables import CHANGED_COLUMNS, ReceiptRow, changed_columns, columns_of, to_receipt
from shared.bulk import InsertRows, UpdateRows

_TABLE = ReceiptRow.metadata.tables["receipts"]
_INSERT = InsertRows(_TABLE)
_CHANGES = UpdateRows(_TABLE, key="receipt_id", columns=CHANGED_COLUMNS)
_MATCHES = UpdateRows(_TABLE, key="receipt_id", columns=("match",))
_FOR_UPDATE = (
    select(ReceiptRow)
    .where(col(ReceiptRow.receipt_id) == bindparam("receipt_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


async def find(session: AsyncSession, receipt_id: str) -> ReceiptRow | None:
    """Return a receipt."""
    return await session.get(ReceiptRow, receipt_id, populate_existing=True)


async def find_for_update(session: AsyncSession, receipt_id: str) -> Receipt | None:
    """Return a receipt and lock it to the end of the transaction."""
    row = await session.scalar(_FOR_UPDATE, {"receipt_id": receipt_id})
    return to_receipt(row) if row else None


async def find_prepayments_for_update(session: AsyncSession, order_ids: Iterable[str]) -> list[Receipt]:
    """Return the receipts of known customers with money for these orders, locked in the order of their ids."""
    statement = (
        select(ReceiptRow)
        .where(
            col(ReceiptRow.order_id).in_(list(order_ids)),
            col(ReceiptRow.status).in_(("unapplied", "partially_applied")),
            col(ReceiptRow.customer_id).is_not(None),
        )
        .order_by(col(ReceiptRow.receipt_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [to_receipt(row) for row in await session.scalars(statement)]


async def find_by_bank_reference(session: AsyncSession, *, company_code: str, bank_reference: str) -> Receipt | None:
    """Return the receipt that came by the API with this bank reference."""
    statement = select(ReceiptRow).where(
        col(ReceiptRow.source) == "api",
        col(ReceiptRow.company_code) == company_code,
        col(ReceiptRow.bank_reference) == bank_reference,
    )
    row = (await session.scalars(statement)).one_or_none()
    return to_receipt(row) if row else None


async def insert_new(
    session: AsyncSession,
    receipts: Sequence[Receipt],
    *,
    source: str,
    matches: Mapping[str, dict[str, Any]],
    at: datetime,
) -> None:
    """Insert receipts with what matching found on each."""
    rows = [
        columns_of(receipt) | {"source": source, "match": matches.get(receipt.receipt_id), "received_at": at}
        for receipt in receipts
    ]
    await _INSERT.run(session, rows)


async def record(
    session: AsyncSession, receipts: Sequence[Receipt], matches: Mapping[str, dict[str, Any]] | None = None
) -> None:
    """Write what entries changed of receipts that the caller has locked, and the match that led to it where there is one."""
    await _CHANGES.run(session, [{"receipt_id": one.receipt_id} | changed_columns(one) for one in receipts])
    if matches:
        await _MATCHES.run(session, [{"receipt_id": key, "match": match} for key, match in matches.items()])


_EXACTLY = (
    "status",
    "customer_id",
    "company_code",
    "method",
    "currency",
    "amount",
    "bank_reference",
    "reference",
    "order_id",
)
_RANGES = (
    ("amount_from", ReceiptRow.amount, ge),
    ("amount_to", ReceiptRow.amount, le),
    ("value_date_from", ReceiptRow.value_date, ge),
    ("value_date_to", ReceiptRow.value_date, le),
)
_HOLDING = {
    "on_account": col(ReceiptRow.on_account) > 0,
    "unapplied": col(ReceiptRow.unapplied) > 0,
    "unidentified": col(ReceiptRow.status) == "unidentified",
}


def matching(wanted: ReceiptFilter) -> Select[Any]:
    """Return the statement that finds receipts."""
    statement = select(ReceiptRow)
    for name in _EXACTLY:
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(getattr(ReceiptRow, name) == value)
    for name, column, compared in _RANGES:
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(compared(col(column), value))
    if wanted.holding is not None:
        statement = statement.where(_HOLDING[wanted.holding])
    if wanted.payer is not None:
        statement = statement.where(col(ReceiptRow.payer_name).icontains(wanted.payer, autoescape=True))
    return statement


LAWS = (
    {
        "name": "receipt_conservation",
        "checked": "select count(*) from receipts",
        "broken": """
            select format('receipt %s: amount %s, parts %s', receipt_id, amount,
                          applied + on_account + unapplied + unidentified + refunded + returned)
            from receipts where amount <> applied + on_account + unapplied + unidentified + refunded + returned""",
    },
    {
        "name": "receipt_amount_is_what_came_in",
        "checked": "select count(*) from receipts",
        "broken": """
            select format('receipt %s: amount %s, came in on %s %s; returned %s, went back %s', r.receipt_id, r.amount,
                          r.ledger_account, coalesce(p.came, 0), r.returned, coalesce(p.back, 0))
            from receipts r left join (
                select l.receipt_id, l.account ledger_account, sum(l.debit - l.credit) filter (where e.kind = 'receipt') came,
                       coalesce(sum(l.credit - l.debit) filter (where e.kind = 'return'), 0) back
                from journal_entries e join journal_lines l using (entry_id)
                where e.kind in ('receipt', 'return')
                  and l.account not in ('unapplied_cash', 'on_account_cash', 'unidentified_cash')
                group by l.receipt_id, l.account) p using (receipt_id, ledger_account)
            where (r.amount, r.returned) is distinct from (p.came, p.back)""",
    },
    {
        "name": "receipts_count_their_entries",
        "checked": "select count(*) from receipts",
        "broken": """
            select format('receipt %s: version %s, entries %s', r.receipt_id, r.version, coalesce(e.entries, 0))
            from receipts r left join (
                select receipt_id, count(*) entries from journal_entries
                where receipt_id is not null and kind not in ('exchange', 'discount') group by receipt_id) e using (receipt_id)
            where r.version <> coalesce(e.entries, 0)""",
    },
    {
        "name": "cash_lines_are_of_their_receipt",
        "checked": "select count(*) from journal_lines where receipt_id is not null",
        "broken": """
            select format('posting %s of receipt %s: company %s, %s, customer %s on %s', l.posting_id, l.receipt_id,
                          l.company_code, l.currency, l.customer_id, l.account)
            from journal_lines l join receipts r using (receipt_id)
            where (l.company_code, l.currency) <> (r.company_code, r.currency)
               or l.account in ('unapplied_cash', 'on_account_cash') and l.customer_id is distinct from r.customer_id
               or l.account = 'unidentified_cash' and l.customer_id <> r.customer_id""",
    },
    {
        "name": "receipt_parts_are_its_postings",
        "checked": "select count(*) from receipts",
        "broken": """
            select format('receipt %s: unapplied %s, on account %s, unidentified %s, postings %s / %s / %s', r.receipt_id,
                          r.unapplied, r.on_account, r.unidentified, p.unapplied, p.on_account, p.unidentified)
            from receipts r left join (
                select receipt_id,
                       coalesce(sum(credit - debit) filter (where account = 'unapplied_cash'), 0) unapplied,
                       coalesce(sum(credit - debit) filter (where account = 'on_account_cash'), 0) on_account,
                       coalesce(sum(credit - debit) filter (where account = 'unidentified_cash'), 0) unidentified
                from journal_lines where receipt_id is not null group by receipt_id) p using (receipt_id)
            where (r.unapplied, r.on_account, r.unidentified) is distinct from (p.unapplied, p.on_account, p.unidentified)""",
    },
    {
        "name": "receipt_applied_is_what_items_got",
        "checked": "select count(*) from receipts",
        "broken": """
            select format('receipt %s: applied %s, items got %s', r.receipt_id, r.applied, coalesce(p.applied, 0))
            from receipts r left join (
                select e.receipt_id, l.currency, sum(l.credit - l.debit) applied
                from journal_entries e join journal_lines l using (entry_id)
                where e.receipt_id is not null and (l.account = 'receivables' and l.kind in ('payment', 'reversal')
                                                    or l.account = 'exchange_clearing')
                group by e.receipt_id, l.currency) p on (p.receipt_id, p.currency) = (r.receipt_id, r.currency)
            where r.applied <> coalesce(p.applied, 0)""",
    },
    {
        "name": "no_receipt_is_overdrawn_on_any_day",
        "checked": "select count(*) from receipts",
        "broken": """
            select format('receipt %s: %s on %s is %s at the end of %s', receipt_id, held, account, currency, posting_date)
            from (select receipt_id, account, currency, posting_date, sum(sum(credit - debit)) over
                         (partition by receipt_id, account order by posting_date) held
                  from journal_lines where account in ('unapplied_cash', 'on_account_cash', 'unidentified_cash')
                  group by receipt_id, account, currency, posting_date) days
            where held < 0""",
    },
)
"""What must hold of receipts and their postings."""
