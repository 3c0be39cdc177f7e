"""Queries of the journal. It takes no locks: entries are only added, after the items and receipts they concern were locked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from operator import eq, ge, gt, le
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cashapp_service.ledger.domain import Account, Entry, JournalRange, LawVerdict, PostedLine
from cashapp_service.ledger.tables import JournalEntryRow, JournalLineRow
from shared.bulk import CopyRows
from shared.database import DriverStatement

VIOLATIONS_SHOWN = 20
_ENTRIES = JournalEntryRow.metadata.tables["journal_entries"]
_LINES = JournalLineRow.metadata.tables["journal_lines"]


async def append_heads(session: AsyncSession, entries: Iterable[Entry], *, at: datetime, by: str | None) -> list[Entry]:
    """Add entries without their lines, which `append_lines` adds behind them, and return them."""
    posted, added = (at.isoformat(), by), list[Entry]()

    def heads() -> Iterator[tuple[str | None, ...]]:
        for one in entries:
            added.append(one)
            yield *_head(one), *posted

    await _APPEND_ENTRIES.run(session, heads())
    return added


async def append_lines(session: AsyncSession, entries: Iterable[Entry]) -> None:
    """Add the lines of entries, in one statement: the database judges what one writes."""
    await _APPEND_LINES.run(session, (row for one in entries for row in _lines(one)))


_APPEND_ENTRIES = CopyRows(_ENTRIES)
_APPEND_LINES = CopyRows(_LINES)


def _head(entry: Entry) -> tuple[str | None, ...]:
    """Return what an entry says of itself, in the order of the table's columns."""
    return (
        entry.entry_id,
        entry.kind,
        entry.posting_date.isoformat(),
        entry.value_date.isoformat() if entry.value_date else None,
        entry.company_code,
        entry.currency,
        entry.receipt_id,
        entry.application_id,
        entry.dispute_id,
        entry.document_id,
    )


def _lines(entry: Entry) -> list[tuple[str | None, ...]]:
    """Return the rows of an entry's lines, in the order of the table's columns."""
    book = (entry.company_code, entry.currency, entry.posting_date.isoformat())
    cause = (entry.application_id, entry.dispute_id)
    return [
        (
            entry.entry_id,
            str(position),
            line.posting_id,
            line.account,
            line.kind,
            *_sides(line.amount),
            *book,
            line.customer_id,
            line.item_id,
            line.receipt_id,
            *cause,
        )
        for position, line in enumerate(entry.lines, start=1)
    ]


def _sides(amount: Decimal) -> tuple[str, str]:
    """Return an amount as debit and credit."""
    return (str(amount), "0") if amount > 0 else ("0", str(-amount))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are wanted. What concerns a line must all hold of one line; both days and `settled` are included."""

    company_code: str | None = None
    kind: str | None = None
    posted_from: date | None = None
    posted_to: date | None = None
    after: int | None = None
    settled: int | None = None
    account: str | None = None
    customer_id: str | None = None
    item_id: str | None = None
    receipt_id: str | None = None


_OF_LINES = ("account", "customer_id", "item_id", "receipt_id")


def entries(wanted: EntryFilter) -> Select[Any]:
    """Return the statement that finds entries."""
    head = _ENTRIES.c
    conditions = (
        (head.company_code, eq, wanted.company_code),
        (head.kind, eq, wanted.kind),
        (head.posting_date, ge, wanted.posted_from),
        (head.posting_date, le, wanted.posted_to),
        (head.sequence, gt, wanted.after),
        (head.sequence, le, wanted.settled),
    )
    statement = select(JournalEntryRow)
    for column, operator, value in conditions:
        statement = statement.where(operator(column, value)) if value is not None else statement
    given = {name: getattr(wanted, name) for name in _OF_LINES}
    concerned = [_LINES.c[name] == value for name, value in given.items() if value is not None]
    if concerned:
        statement = statement.where(head.entry_id.in_(select(_LINES.c.entry_id).where(*concerned)))
    return statement


async def last_of_first(session: AsyncSession, wanted: JournalRange, *, entries_max: int) -> int | None:
    """Return the last sequence of the first `entries_max` entries of a range, None where it has no more than these."""
    statement = select(_ENTRIES.c.sequence).where(*_in_range(wanted)).order_by(_ENTRIES.c.sequence)
    found = (await session.scalars(statement.offset(entries_max - 1).limit(2))).all()
    return found[0] if len(found) > 1 else None


async def lines_in(session: AsyncSession, wanted: JournalRange) -> list[PostedLine]:
    """Return the lines of a range with what their entries say of them, in the order of posting."""
    head, line = _ENTRIES.c, _LINES.c
    columns = {**head, **line, "entry_kind": head.kind, "line_kind": line.kind}
    joined = select(*(columns[name] for name in PostedLine._fields)).join(_ENTRIES, head.entry_id == line.entry_id)
    found = await session.execute(joined.where(*_in_range(wanted)).order_by(head.sequence, line.position))
    return [PostedLine._make(row) for row in found]


def _in_range(wanted: JournalRange) -> list[Any]:
    head = _ENTRIES.c
    found = [head.sequence > wanted.after, head.sequence <= wanted.last]
    return found if wanted.company_code is None else [*found, head.company_code == wanted.company_code]


async def last_sequence(session: AsyncSession) -> int:
    """Return the last sequence that was given to an entry, committed or not; zero where there is none."""
    return int((await session.execute(_LAST_SEQUENCE)).scalar_one())


async def posting_transactions(session: AsyncSession) -> set[str]:
    """Return the transactions that are adding entries at this moment: an insert locks the table before it takes a sequence."""
    return set(await session.scalars(_POSTING))


_LAST_SEQUENCE = text("select case when is_called then last_value else 0 end from journal_entries_sequence_seq")
_POSTING = text(
    "select virtualtransaction from pg_locks where locktype = 'relation' and relation = 'journal_entries'::regclass"
    " and mode = 'RowExclusiveLock' and database = (select oid from pg_database where datname = current_database())"
)


async def lines_of(session: AsyncSession, entry_ids: Sequence[str]) -> list[JournalLineRow]:
    """Return the lines of entries, in their order."""
    statement = select(JournalLineRow).where(col(JournalLineRow.entry_id).in_(entry_ids))
    return list(await session.scalars(statement.order_by(col(JournalLineRow.entry_id), col(JournalLineRow.position))))


Posted = tuple[JournalLineRow, str | None]
"""A line on `receivables`, and the receipt of its entry: the line itself has none, since it is the item's."""


async def receivable_lines(session: AsyncSession, *, item_ids: Sequence[str]) -> list[Posted]:
    """Return the postings of items, in the order in which they were made."""
    return await _receivable_lines(session, col(JournalLineRow.item_id).in_(item_ids))


async def receivable_lines_of_receipt(session: AsyncSession, receipt_id: str) -> list[Posted]:
    """Return the postings of items that a receipt's applications made, in the order in which they were made."""
    return await _receivable_lines(session, col(JournalEntryRow.receipt_id) == receipt_id)


async def _receivable_lines(session: AsyncSession, wanted: ColumnElement[bool]) -> list[Posted]:
    statement = (
        select(JournalLineRow, col(JournalEntryRow.receipt_id))
        .join(JournalEntryRow, col(JournalEntryRow.entry_id) == col(JournalLineRow.entry_id))
        .where(wanted, col(JournalLineRow.account) == Account.RECEIVABLES)
        .order_by(col(JournalEntryRow.sequence), col(JournalLineRow.position))
    )
    return [(line, receipt_id) for line, receipt_id in await session.execute(statement)]


async def causes_of_receipt(session: AsyncSession, receipt_id: str) -> list[str]:
    """Return the applications and documents that moved a receipt's money, the one posted last first."""
    entry = _ENTRIES.c
    cause = func.coalesce(entry.application_id, entry.document_id).label("cause")
    statement = select(cause).where(entry.receipt_id == receipt_id, cause.is_not(None))
    return list(await session.scalars(statement.group_by(cause).order_by(func.min(entry.sequence).desc())))


def item_balance_as_of(item_id: Any, as_of: date) -> Any:
    """Return the expression for what was open at the end of a day of the item in the column `item_id`."""
    line = _LINES.c
    posted = (line.item_id == item_id) & (line.account == Account.RECEIVABLES) & (line.posting_date <= as_of)
    return func.coalesce(select(func.sum(line.debit - line.credit)).where(posted).scalar_subquery(), 0)


async def trial_balance(session: AsyncSession, *, as_of: date, company_code: str | None) -> Sequence[Any]:
    """Return (company_code, account, currency, debit, credit) of all lines posted up to and including `as_of`."""
    line = _LINES.c
    sums = func.sum(line.debit).label("debit"), func.sum(line.credit).label("credit")
    group = line.currency, line.account, line.company_code
    statement = select(*group, *sums).where(line.posting_date <= as_of).group_by(*group).order_by(*group)
    if company_code:
        statement = statement.where(line.company_code == company_code)
    return (await session.execute(statement)).all()


async def judge(session: AsyncSession, *, name: str, checked: str, broken: str) -> LawVerdict:
    """Return the verdict on one law: `checked` counts its facts, `broken` selects a sentence per violation."""
    ((count, sentences),) = await _asked(checked, broken).run(session, {})
    return LawVerdict(name, count, tuple(sentences))


@cache
def _asked(checked: str, broken: str) -> DriverStatement:
    return DriverStatement(f"select ({checked}), array(select * from ({broken}) broken limit {VIOLATIONS_SHOWN})")


LAWS = (
    {
        "name": "entries_balance",
        "checked": "select count(*) from journal_entries",
        "broken": """
            select format('entry %s: debit %s, credit %s %s', entry_id, sum(debit), sum(credit), currency)
            from journal_lines group by entry_id, company_code, currency having sum(debit) <> sum(credit)
            union all
            select format('entry %s has no lines', entry_id) from journal_entries e
            where not exists (select from journal_lines l where l.entry_id = e.entry_id)""",
    },
    {
        "name": "lines_agree_with_their_entry",
        "checked": "select count(*) from journal_lines",
        "broken": """
            select format('line %s differs from its entry %s', l.posting_id, l.entry_id)
            from journal_lines l left join journal_entries e using (entry_id)
            where (l.company_code, l.currency, l.posting_date) is distinct from (e.company_code, e.currency, e.posting_date)""",
    },
    {
        "name": "trial_balance_is_zero",
        "checked": "select count(*) from (select distinct company_code, currency from journal_lines) books",
        "broken": """
            select format('company %s: debit %s, credit %s %s', company_code, sum(debit), sum(credit), currency)
            from journal_lines group by company_code, currency having sum(debit) <> sum(credit)""",
    },
    {
        "name": "deductions_are_booked_where_they_belong",
        "checked": "select count(*) from journal_lines where kind in ('credit', 'discount', 'tolerance', 'write_off')",
        "broken": """
            select format('entry %s: %s of %s debited, %s credited', entry_id, kind, sum(debit), sum(credit))
            from journal_lines where kind in ('credit', 'discount', 'tolerance', 'write_off')
            group by entry_id, kind having sum(debit) <> sum(credit)
            union all
            select format('posting %s: %s on %s', posting_id, kind, account) from journal_lines
            where account <> 'receivables'
              and case kind when 'credit' then account not in ('down_payments', 'tax')
                            when 'discount' then account <> 'cash_discount'
                            when 'tolerance' then account <> 'tolerance'
                            when 'write_off' then account not in ('bad_debt', 'allowance', 'recoveries')
                            else kind in ('payment', 'reversal', 'residual') end""",
    },
    {
        "name": "postings_are_unique",
        "checked": "select count(*) from journal_lines",
        "broken": """
            select format('posting %s stands %s times', posting_id, count(*))
            from journal_lines group by posting_id having count(*) > 1""",
    },
    {
        "name": "sequences_go_on_behind_the_last_entry",
        "checked": "select count(*) from journal_entries",
        "broken": """
            select format('entry %s has the sequence %s, and the next one gets %s', e.entry_id, e.sequence,
                          s.last_value + s.is_called::int)
            from journal_entries e, journal_entries_sequence_seq s where e.sequence >= s.last_value + s.is_called::int""",
    },
    {
        "name": "no_entry_is_posted_into_a_closed_period",
        "checked": "select count(*) from periods where status = 'closed'",
        "broken": """
            with closed as materialized (
                select company_code, period, closed_behind, (date (period || '-01') + interval '1 month')::date frozen_to
                from periods where status = 'closed')
            select format('entry %s of %s was posted after the period %s of company %s was closed', e.entry_id,
                          e.posting_date, p.period, p.company_code)
            from journal_entries e join closed p on p.company_code = e.company_code and e.sequence > p.closed_behind
                 and e.posting_date < p.frozen_to""",
    },
)
"""What must hold of the journal by itself. A closed period closes those before it."""
