"""The ledger over HTTP, for reading only."""

from collections import defaultdict
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request

from cashapp_service.ledger import repository
from cashapp_service.ledger.schemas import JournalEntry, JournalLine, TrialBalance, TrialBalanceRow
from cashapp_service.ledger.tables import JournalEntryRow, JournalLineRow
from shared.days import Day
from shared.http.edge import Reading, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import exact
from shared.security import Principal
from shared.unit_of_work import Units

router = api_router("ledger")

Reader = Annotated[Principal, Depends(requires("ledger:read"))]
Key = Annotated[str | None, Query(min_length=1, max_length=64, description="What a line concerns")]


def today(request: Request) -> date:
    """Return the business day, for a reader who names none."""
    units: Units = request.app.state.units
    return units.clock.today()


@router.get("/v1/ledger/entries")
async def list_entries(
    session: Reading,
    page: Paging,
    _: Reader,
    item_id: Key = None,
    receipt_id: Key = None,
    customer_id: Key = None,
    posted_from: Annotated[Day | None, Query(description="First posting date, included")] = None,
    posted_to: Annotated[Day | None, Query(description="Last posting date, included")] = None,
) -> Page[JournalEntry]:
    """List journal entries in the order in which they were posted."""
    statement = repository.entries(
        item_id=item_id,
        receipt_id=receipt_id,
        customer_id=customer_id,
        posted_from=posted_from,
        posted_to=posted_to,
    )
    heads, cursor = await fetch_page(session, statement, by=(JournalEntryRow.sequence,), page=page)
    lines = defaultdict(list)
    for line in await repository.lines_of(session, [head.entry_id for head in heads]):
        lines[line.entry_id].append(_line(line))
    data = [JournalEntry(id=head.entry_id, lines=lines[head.entry_id], **head.model_dump()) for head in heads]
    return Page(data=data, next_cursor=cursor)


def _line(row: JournalLineRow) -> JournalLine:
    amounts = {"debit": exact(row.debit, row.currency), "credit": exact(row.credit, row.currency)}
    return JournalLine.model_validate(row.model_dump() | amounts)


@router.get("/v1/ledger/trial-balance")
async def trial_balance(
    session: Reading,
    _: Reader,
    present: Annotated[date, Depends(today)],
    as_of: Annotated[Day | None, Query(description="Last posting date that counts; default today")] = None,
    company_code: Annotated[str | None, Query(max_length=20, description="One company; default all")] = None,
) -> TrialBalance:
    """Return debit, credit and balance of every account as of a day, from all postings up to and including it."""
    day = as_of or present
    rows = await repository.trial_balance(session, as_of=day, company_code=company_code)
    data = [
        TrialBalanceRow(
            account=row.account,
            currency=row.currency,
            debit=exact(row.debit, row.currency),
            credit=exact(row.credit, row.currency),
            balance=exact(row.debit - row.credit, row.currency),
        )
        for row in rows
    ]
    currencies = {row.currency for row in data}
    balanced = all(sum(row.balance for row in data if row.currency == currency) == 0 for currency in currencies)
    return TrialBalance(as_of=day, data=data, balanced=balanced)
