"""The ledger over HTTP, for reading only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from cashapp_service.accounts import use_cases as accounts
from cashapp_service.accounts.domain import Charts
from cashapp_service.ledger import repository, use_cases
from cashapp_service.ledger.domain import EntryKind
from cashapp_service.ledger.repository import EntryFilter
from cashapp_service.ledger.schemas import JournalEntry, JournalLine, TrialBalance, TrialBalanceRow
from cashapp_service.ledger.tables import JournalEntryRow, JournalLineRow
from cashapp_service.periods.domain import Period
from shared.days import FIRST_DAY, LAST_DAY, Day
from shared.http.edge import Reading, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import exact
from shared.security import Principal
from shared.unit_of_work import Units

router = api_router("ledger")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]
Key = Query(min_length=1, max_length=64)
AFTER = (
    "Entries of a greater `sequence` alone, 0 for all. Whoever reads on behind the greatest one seen misses none: what is being"
    " posted at this moment is waited for"
)


def today(request: Request) -> date:
    """Return the business day, for a reader who names none."""
    units: Units = request.app.state.units
    return units.clock.today()


def entry_filter(
    company_code: Annotated[
        str | None, Query(min_length=1, max_length=20, description="Entries of one company")
    ] = None,
    kind: Annotated[EntryKind | None, Query(description="What was posted")] = None,
    period: Annotated[str | None, Query(description="Year and month of posting", examples=["2026-10"])] = None,
    posted_from: Annotated[Day | None, Query(description="First posting date, included")] = None,
    posted_to: Annotated[Day | None, Query(description="Last posting date, included")] = None,
    account: Annotated[
        str | None, Query(min_length=1, max_length=40, description="With a line on this account")
    ] = None,
    customer_id: Annotated[str | None, Key, Query(description="With a line of this customer")] = None,
    item_id: Annotated[str | None, Key, Query(description="With a line of this item")] = None,
    receipt_id: Annotated[str | None, Key, Query(description="With a line of this receipt")] = None,
    after: Annotated[int | None, Query(ge=0, le=2**63 - 1, description=AFTER)] = None,
) -> EntryFilter:
    """Return which entries are asked for; raise `MalformedPeriodError`."""
    wanted = Period.parse(period) if period is not None else None
    first, last = (wanted.first_day, wanted.last_day) if wanted else (FIRST_DAY, LAST_DAY)
    return EntryFilter(
        company_code=company_code,
        kind=kind,
        posted_from=max(posted_from or first, first),
        posted_to=min(posted_to or last, last),
        account=account,
        customer_id=customer_id,
        item_id=item_id,
        receipt_id=receipt_id,
        after=after,
    )


@router.get("/v1/ledger/entries")
async def list_entries(
    session: Reading, page: Paging, wanted: Annotated[EntryFilter, Depends(entry_filter)], _: Reader
) -> Page[JournalEntry]:
    """List journal entries with their lines, in the order in which they were posted."""
    if wanted.after is not None:
        wanted = replace(wanted, settled=await use_cases.settled_sequence(session, after=wanted.after))
    heads, cursor = await fetch_page(session, repository.entries(wanted), by=(JournalEntryRow.sequence,), page=page)
    charts = await accounts.all_charts(session)
    lines = defaultdict(list)
    for line in await repository.lines_of(session, [head.entry_id for head in heads]):
        lines[line.entry_id].append(_line(line, charts))
    data = [JournalEntry(id=head.entry_id, lines=lines[head.entry_id], **head.model_dump()) for head in heads]
    return Page(data=data, next_cursor=cursor)


def _line(row: JournalLineRow, charts: Charts) -> JournalLine:
    label = charts.label(row.company_code, row.account)
    amounts = {"debit": exact(row.debit, row.currency), "credit": exact(row.credit, row.currency)}
    shown = {"account_number": label.number, "account_name": label.name}
    return JournalLine.model_validate(row.model_dump() | amounts | shown)


@router.get("/v1/ledger/trial-balance")
async def trial_balance(
    session: Reading,
    _: Reader,
    present: Annotated[date, Depends(today)],
    as_of: Annotated[Day | None, Query(description="Last posting date that counts; default today")] = None,
    company_code: Annotated[
        str | None, Query(min_length=1, max_length=20, description="One company; default all, summed")
    ] = None,
) -> TrialBalance:
    """Return debit, credit and balance of every account as of a day, from all postings up to and including it."""
    day = as_of or present
    found = await repository.trial_balance(session, as_of=day, company_code=company_code)
    charts = await accounts.all_charts(session)
    accounts_of = groupby(found, key=lambda row: (row.currency, row.account))
    data = [_balance(list(rows), charts) for _, rows in accounts_of]
    books: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in found:
        books[row.company_code, row.currency] += row.debit - row.credit
    return TrialBalance(as_of=day, data=data, balanced=not any(books.values()))


def _balance(rows: Sequence[Any], charts: Charts) -> TrialBalanceRow:
    """Return the row of one account in one currency, from what each company has on it."""
    account, currency = rows[0].account, rows[0].currency
    debit, credit = sum(row.debit for row in rows), sum(row.credit for row in rows)
    labels = {charts.label(row.company_code, account) for row in rows}
    label = labels.pop() if len(labels) == 1 else None
    return TrialBalanceRow(
        account=account,
        account_number=label.number if label else None,
        account_name=label.name if label else None,
        currency=currency,
        debit=exact(debit, currency),
        credit=exact(credit, currency),
        balance=exact(debit - credit, currency),
    )
