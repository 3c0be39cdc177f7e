"""A closed period takes no postings, whoever asks and whatever goes on at the same time."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Account, Entry, Line
from cashapp_service.periods import use_cases
from cashapp_service.periods.domain import Period, PeriodAlreadyError, PeriodClosedError
from shared.unit_of_work import UnitOfWork
from tests.cashapp.driver import Cashapp

MARCH = Period(2026, 3)
DAY = date(2026, 3, 14)


async def close(cashapp: Cashapp, *periods: Period) -> None:
    async with cashapp.units.begin() as uow:
        for period in periods:
            await use_cases.close_period(uow, "1000", period, by="controller")


def entry(day: date = DAY, company_code: str = "1000") -> Entry:
    lines = tuple(
        Line(account=one, amount=amount, kind="cash")
        for one, amount in ((Account.FEES, Decimal(1)), (Account.CASH, Decimal(-1)))
    )
    return Entry(kind="exchange", posting_date=day, company_code=company_code, currency="EUR", lines=lines)


async def lines_posted(cashapp: Cashapp) -> int:
    async with cashapp.units.read() as session:
        return int((await session.execute(text("select count(*) from journal_lines"))).scalar_one())


async def test_a_posting_into_a_closed_period_is_refused_with_the_first_open_day(cashapp: Cashapp) -> None:
    await close(cashapp, MARCH, MARCH.next)
    body = {"number": "RE-1", "kind": "invoice", "customer_id": "C-1", "issue_date": "2026-03-01"}

    answer = await cashapp.post("/v1/items", body | {"amount": "1.00", "currency": "EUR"})

    assert (answer.status_code, answer.json()["code"]) == (409, "period_closed")
    assert answer.json()["first_open_on"] == "2026-05-01"
    assert answer.json()["errors"][0]["field"] == "posting_date"
    assert (await cashapp.get("/v1/items"))["data"] == []
    assert await lines_posted(cashapp) == 0


async def test_later_months_and_other_companies_take_postings_still(cashapp: Cashapp) -> None:
    await close(cashapp, MARCH)

    async with cashapp.units.begin() as uow:
        await ledger.post(uow, [entry(date(2026, 4, 1)), entry(company_code="2000")])

    assert await lines_posted(cashapp) == 4


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(1999, 12, 31)])
async def test_a_close_freezes_all_periods_before_it(cashapp: Cashapp, day: date) -> None:
    await close(cashapp, MARCH)

    with pytest.raises(PeriodClosedError, match="post on 2026-04-01"):
        async with cashapp.units.begin() as uow:
            await ledger.post(uow, [entry(day)])
    with pytest.raises(DBAPIError, match=f"period {day:%Y-%m} of company 1000 is closed"):
        async with cashapp.units.begin() as uow:
            await uow.session.execute(text(HEAD.replace("2026-03-31", day.isoformat())))


async def test_a_reopened_period_takes_postings_again_and_shows_its_changes(cashapp: Cashapp) -> None:
    await close(cashapp, MARCH)
    async with cashapp.units.begin() as uow:
        row = await use_cases.reopen_period(uow, "1000", MARCH, by="second")
        await ledger.post(uow, [entry()])

    assert (row.version, row.status, row.changed_by) == (2, "open", "second")


@pytest.mark.parametrize("closed", [True, False])
async def test_a_period_is_closed_once_and_reopened_once(cashapp: Cashapp, closed: bool) -> None:
    change = use_cases.reopen_period
    if closed:
        await close(cashapp, MARCH)
        change = use_cases.close_period

    with pytest.raises(PeriodAlreadyError):
        async with cashapp.units.begin() as uow:
            await change(uow, "1000", MARCH, by="controller")


HEAD = (
    "insert into journal_entries (entry_id, kind, posting_date, company_code, currency, posted_at)"
    " values ('jne_x', 'exchange', '2026-03-31', '1000', 'EUR', now())"
)


async def test_the_database_refuses_what_no_use_case_asked_about(cashapp: Cashapp) -> None:
    await close(cashapp, MARCH)

    with pytest.raises(DBAPIError, match="period 2026-03 of company 1000 is closed"):
        async with cashapp.units.begin() as uow:
            await uow.session.execute(text(HEAD))


async def test_the_database_takes_no_posting_of_a_transaction_that_would_not_see_a_close(cashapp: Cashapp) -> None:
    async with cashapp.units.read() as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})

        with pytest.raises(DBAPIError, match="read committed"):
            await session.execute(text(HEAD))


async def test_a_close_waits_for_the_postings_that_began_before_it(cashapp: Cashapp) -> None:
    async with cashapp.units.begin() as uow:
        await ledger.post(uow, [entry()])
        closing = asyncio.create_task(close(cashapp, MARCH))
        await waiting_for_a_lock(cashapp)
        assert not closing.done()
    await closing

    assert await lines_posted(cashapp) == 2


@pytest.mark.parametrize("by_hand", [True, False])
async def test_a_posting_that_comes_during_a_close_is_refused_once_it_is_closed(
    cashapp: Cashapp, by_hand: bool
) -> None:
    async def post() -> None:
        async with cashapp.units.begin() as uow:
            await (uow.session.execute(text(HEAD)) if by_hand else ledger.post(uow, [entry()]))

    async with cashapp.units.begin() as uow:
        await use_cases.close_period(uow, "1000", MARCH, by="controller")
        posting = asyncio.create_task(post())
        await waiting_for_a_lock(cashapp)

    with pytest.raises((DBAPIError, PeriodClosedError)) as refusal:
        await posting
    assert isinstance(refusal.value, PeriodClosedError) is not by_hand
    assert await lines_posted(cashapp) == 0


async def test_postings_beside_one_close_are_before_it_or_refused(cashapp: Cashapp) -> None:
    async def post(uow_first: UnitOfWork) -> bool:
        try:
            await ledger.post(uow_first, [entry(date(2026, 3, 31)), entry(date(2026, 2, 1))])
        except PeriodClosedError:
            return False
        return True

    async def person() -> bool:
        async with cashapp.units.begin() as uow:
            return await post(uow)

    outcomes = await asyncio.gather(
        *(person() for _ in range(8)),
        close(cashapp, MARCH),
        close(cashapp, Period(2026, 1)),
        *(person() for _ in range(8)),
    )

    assert await lines_posted(cashapp) == 4 * outcomes.count(True)
    assert await cashapp.violations() == []


async def waiting_for_a_lock(cashapp: Cashapp) -> None:
    """Return when somebody waits for a period's lock."""
    waiting = text(
        "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    async with asyncio.timeout(5):
        while True:
            async with cashapp.units.read() as session:
                if (await session.execute(waiting)).scalar_one():
                    return
