"""Exporting the journal: first the range, which is settled and never changes, then its lines piece by piece."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.accounts import use_cases as accounts
from cashapp_service.accounts.domain import Charts
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import JournalRange, PostedLine
from cashapp_service.ledger_exports.domain import FileWriter, Values
from shared.money import exact
from shared.unit_of_work import Units


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported: a range of the journal, with the charts of the day. `more` is whether entries lie behind it."""

    range: JournalRange
    charts: Charts
    more: bool


async def prepare_export(session: AsyncSession, *, after: int, company_code: str | None, entries_max: int) -> Export:
    """Return the export of the next entries behind the sequence `after`, at most `entries_max`.

    Raises `BeyondJournalError` and `StillPostingError`.
    """
    range_, more = await ledger.settled_range(session, after=after, company_code=company_code, entries_max=entries_max)
    return Export(range_, await accounts.all_charts(session), more)


async def write_export(units: Units, export: Export, writer: FileWriter) -> AsyncIterator[bytes]:
    """Yield the file. A reader that is slow keeps no connection to the database, and lines are not held longer than needed."""
    rows: list[Values] = []
    async for lines in ledger.lines_in(units, export.range):
        rows += [_values(line, export.charts) for line in lines]
        if len(rows) >= writer.rows_at_once:
            # Beside the requests of others, which it would hold up.
            yield await asyncio.to_thread(writer.rows, rows)
            rows = []
    if rows:
        yield await asyncio.to_thread(writer.rows, rows)
    yield await asyncio.to_thread(writer.end)


def _values(line: PostedLine, charts: Charts) -> Values:
    label = charts.label(line.company_code, line.account)
    return (
        line.sequence,
        line.position,
        line.entry_id,
        line.posting_id,
        line.entry_kind,
        line.line_kind,
        line.posting_date,
        line.posting_date.isoformat()[:7],
        line.value_date,
        line.posted_at,
        line.company_code,
        line.account,
        label.number,
        label.name,
        line.currency,
        exact(line.debit, line.currency),
        exact(line.credit, line.currency),
        line.customer_id,
        line.item_id,
        line.receipt_id,
        line.application_id,
        line.dispute_id,
        line.document_id,
        line.posted_by,
    )
