"""Queries of statements and entries. They are written under their house bank account's lock."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.bank_statements.domain import BankStatement, StatementEntry
from cashapp_service.bank_statements.domain.known_entries import StoredEntry, StoredStatement
from cashapp_service.bank_statements.tables import StatementEntryRow, StatementRow
from shared.money import exact

NUMBER_LENGTH_MAX = 100
_STATED = ("number", "opening_balance", "opening_date", "closing_balance", "closing_date")
_ENTRY: tuple[str, ...] = (
    "position",
    "booking_date",
    "value_date",
    "amount",
    "currency",
    "bank_reference",
    "customer_reference",
    "payer_name",
    "payer_account",
    "purpose",
    "transaction_code",
    "reversal",
)


async def find(session: AsyncSession, statement_id: str) -> StatementRow | None:
    """Return a statement."""
    return await session.get(StatementRow, statement_id)


async def find_by_fingerprint(session: AsyncSession, *, account: str, fingerprint: str) -> StatementRow | None:
    """Return the statement of an account that says exactly the same."""
    statement = select(StatementRow).where(
        col(StatementRow.account) == account, col(StatementRow.fingerprint) == fingerprint
    )
    return (await session.scalars(statement)).one_or_none()


async def stored_statements(session: AsyncSession, account: str) -> list[StoredStatement]:
    """Return the statements of an account."""
    rows = await session.scalars(select(StatementRow).where(col(StatementRow.account) == account))
    return [stored(row) for row in rows]


def stored(row: StatementRow) -> StoredStatement:
    """Return a stored statement as the rules of what is known need it."""
    amounts = {
        name: exact(amount, row.currency) if (amount := getattr(row, name)) is not None else None
        for name in ("opening_balance", "closing_balance")
    }
    return StoredStatement(
        statement_id=row.statement_id,
        number=row.number,
        opening_date=row.opening_date,
        closing_date=row.closing_date,
        **amounts,
    )


async def stored_entries(
    session: AsyncSession, *, account: str, entries: Iterable[StatementEntry]
) -> list[StoredEntry]:
    """Return the entries of an account, each once, that are booked between the first and the last day of `entries`."""
    days = sorted(entry.booking_date for entry in entries)
    if not days:
        return []
    statement = (
        select(StatementEntryRow)
        .where(
            col(StatementEntryRow.account) == account,
            col(StatementEntryRow.booking_date).between(days[0], days[-1]),
            col(StatementEntryRow.known_as).is_(None),
        )
        .order_by(col(StatementEntryRow.entry_id))
    )
    return [_stored_entry(one) for one in await session.scalars(statement)]


def _stored_entry(row: StatementEntryRow) -> StoredEntry:
    values = {name: getattr(row, name) for name in _ENTRY} | {"amount": exact(row.amount, row.currency)}
    before = exact(row.balance_before, row.currency) if row.balance_before is not None else None
    return StoredEntry(row.entry_id, row.statement_id, StatementEntry(**values), before, row.receipt_id)


async def insert_statement(
    session: AsyncSession,
    statement: BankStatement,
    *,
    statement_id: str,
    import_id: str,
    account: str,
    continuity: str,
    fingerprint: str,
    at: datetime,
) -> StoredStatement:
    """Insert a statement and return it as the next one needs it."""
    row = StatementRow(
        statement_id=statement_id,
        import_id=import_id,
        account=account,
        stated_account=statement.account[:64],
        currency=statement.currency,
        entries=len(statement.entries),
        proved=statement.proved,
        continuity=continuity,
        fingerprint=fingerprint,
        imported_at=at,
        **{name: getattr(statement, name) for name in _STATED} | {"number": statement.number[:NUMBER_LENGTH_MAX]},
    )
    session.add(row)
    await session.flush()
    return stored(row)


async def insert_entries(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Insert entries."""
    if rows:
        await session.execute(insert(StatementEntryRow), list(rows))


def entry_columns(entry: StatementEntry) -> dict[str, Any]:
    """Return an entry as columns."""
    return {name: getattr(entry, name) for name in _ENTRY}


def statements(*, import_id: str | None, account: str | None) -> Select[Any]:
    """Return the statement that finds bank statements."""
    statement = select(StatementRow)
    if import_id:
        statement = statement.where(col(StatementRow.import_id) == import_id)
    if account:
        statement = statement.where(col(StatementRow.account) == account)
    return statement


def entries(statement_id: str) -> Select[Any]:
    """Return the statement that finds a bank statement's entries."""
    return select(StatementEntryRow).where(col(StatementEntryRow.statement_id) == statement_id)


LAWS = (
    {
        "name": "statements_are_proved",
        "checked": "select count(*) from statements where proved",
        "broken": """
            select format('statement %s of %s: opening %s, entries %s, closing %s', s.number, s.account, s.opening_balance,
                          coalesce(e.sum, 0), s.closing_balance)
            from statements s left join (select statement_id, sum(amount) from statement_entries group by statement_id) e
                 using (statement_id)
            where s.proved and s.opening_balance + coalesce(e.sum, 0) <> s.closing_balance""",
    },
    {
        "name": "every_credit_of_a_bank_file_is_one_receipt",
        "checked": "select count(*) from statement_entries where amount > 0",
        "broken": """
            select format('entry %s: amount %s, receipt %s over %s', e.entry_id, e.amount, e.receipt_id, r.amount)
            from statement_entries e left join receipts r using (receipt_id)
            where (e.amount > 0) <> (r.receipt_id is not null) or r.amount <> e.amount
            union all
            select format('receipt %s stands behind %s entries', receipt_id, count(*)) from statement_entries
            where receipt_id is not null and known_as is null group by receipt_id having count(*) > 1""",
    },
)
"""What must hold of bank statements."""
