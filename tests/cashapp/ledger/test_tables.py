"""What the database refuses of the journal, whoever asks."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cashapp_service.ledger import use_cases
from cashapp_service.ledger.domain import Account, Entry, Line
from tests.cashapp.driver import Cashapp


@pytest.mark.parametrize("table", ["journal_entries", "journal_lines"])
@pytest.mark.parametrize(
    "statement",
    ["update {} set currency = 'USD'", "delete from {}", "truncate {} cascade"],
)
async def test_the_journal_is_never_changed(cashapp: Cashapp, table: str, statement: str) -> None:
    await cashapp.invoice()

    with pytest.raises(DBAPIError, match="append-only"):
        async with cashapp.units.begin() as uow:
            await uow.session.execute(text(statement.format(table)))


async def test_an_entry_that_does_not_balance_is_not_committed(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    uneven = (
        "insert into journal_lines (posting_id, entry_id, position, account, kind, debit, credit, company_code, currency,"
        " posting_date, item_id) select 'pst_x', entry_id, 9, 'revenue', 'issue', 1, 0, company_code, currency,"
        " posting_date, :item from journal_entries"
    )

    with pytest.raises(DBAPIError, match="does not balance"):
        async with cashapp.units.begin() as uow:
            await uow.session.execute(text(uneven), {"item": item["id"]})


async def test_debit_and_credit_of_two_currencies_do_not_balance_each_other(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    swapped = (
        "insert into journal_lines (posting_id, entry_id, position, account, kind, debit, credit, company_code, currency,"
        " posting_date, item_id) select 'pst_' || c.code, entry_id, 8 + c.debit, 'revenue', 'issue', c.debit, c.credit,"
        " company_code, c.code, posting_date, :item from journal_entries,"
        " (values ('USD', 1, 0), ('GBP', 0, 1)) c (code, debit, credit)"
    )

    with pytest.raises(DBAPIError, match="does not balance"):
        async with cashapp.units.begin() as uow:
            await uow.session.execute(text(swapped), {"item": item["id"]})


_PAIR = (
    "insert into journal_lines (posting_id, entry_id, position, account, kind, debit, credit, company_code, currency,"
    " posting_date) select 'pst_' || c.debit, {entry}, {first} + c.debit, 'revenue', 'issue', c.debit, c.credit,"
    " company_code, {currency}, posting_date from journal_entries, (values (1, 0), (0, 1)) c (debit, credit)"
)


@pytest.mark.parametrize(
    ("pair", "refusal"),
    [
        ({"first": 8}, "takes no more"),
        ({"first": 1}, "pk_journal_lines"),
        ({"first": 1, "entry": "'jne_none'"}, "differs from its journal entry"),
    ],
    ids=["behind the last", "from the first", "of no entry"],
)
async def test_a_posted_entry_takes_no_more_lines_and_none_stand_without_one(
    cashapp: Cashapp, pair: dict[str, Any], refusal: str
) -> None:
    await cashapp.invoice()
    statement = _PAIR.format(**{"entry": "entry_id", "currency": "currency"} | pair)

    with pytest.raises(DBAPIError, match=refusal):
        async with cashapp.units.begin() as uow:
            await uow.session.execute(text(statement))


async def test_lines_in_another_currency_than_their_entry_are_refused(cashapp: Cashapp) -> None:
    await cashapp.invoice()
    head = (
        "insert into journal_entries (entry_id, kind, posting_date, company_code, currency, posted_at)"
        " select 'jne_new', kind, posting_date, company_code, currency, posted_at from journal_entries"
    )
    async with cashapp.units.begin() as uow:
        await uow.session.execute(text(head))
    pair = _PAIR.format(entry="entry_id", first=1, currency="'USD'") + " where entry_id = 'jne_new'"

    with pytest.raises(DBAPIError, match="differs from its journal entry jne_new"):
        async with cashapp.units.begin() as uow:
            await uow.session.execute(text(pair))


async def test_an_entry_is_never_built_uneven(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    async with cashapp.units.read() as session:
        (posting,) = await use_cases.postings_of_items(session, [item["id"]])
    line = Line(account=Account.REVENUE, amount=posting.amount, kind="issue")

    with pytest.raises(AssertionError, match="does not balance"):
        Entry(kind="issue", posting_date=posting.posting_date, company_code="1000", currency="EUR", lines=(line,))
