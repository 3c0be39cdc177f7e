"""Many people at the receipts of one customer at the same time: nobody is refused for the others' sake, nothing is lost."""

import asyncio
import random
from decimal import Decimal

import pytest
from sqlalchemy import text

from cashapp_service.periods import use_cases as periods
from cashapp_service.periods.domain import Period
from shared.events.cashapp import PeriodClosed, PeriodState
from shared.unit_of_work import Units
from tests.cashapp.driver import Cashapp, takes

CLIENTS = 16


async def test_sixteen_clients_applying_receipts_of_one_customer_are_all_served(books: Cashapp) -> None:
    items = [await books.invoice(f"ONCE-{number}", "100.00") for number in range(8)]
    receipts = [await books.receipt("4.00", customer_id="C-1", bank_reference=f"ONCE-{n}") for n in range(CLIENTS * 2)]

    async def client(number: int) -> list[int]:
        chance, statuses = random.Random(number), []
        for receipt in receipts[number::CLIENTS]:
            chosen = [takes(item, "1.00") for item in chance.sample(items, 4)]
            statuses.append((await books.apply(receipt, *chosen)).status_code)
        return statuses

    answers = await asyncio.gather(*(client(number) for number in range(CLIENTS)))

    assert {status for statuses in answers for status in statuses} == {201}
    left = [Decimal((await books.item(item["id"]))["balance"]) for item in items]
    assert sum(left) == 8 * 100 - len(receipts) * 4


async def test_applying_and_reversing_at_once_leaves_what_was_there(books: Cashapp) -> None:
    items = [await books.invoice(f"THERE-{number}", "50.00") for number in range(4)]
    receipts = [await books.receipt("40.00", customer_id="C-1", bank_reference=f"THERE-{n}") for n in range(8)]

    async def there_and_back(number: int) -> None:
        order = items[:: 1 if number % 2 else -1]
        made = await books.apply(receipts[number], *(takes(item, "2.00") for item in order))
        assert made.status_code == 201, made.text
        back = await books.post(f"/v1/applications/{made.json()['id']}/reverse")
        assert back.status_code == 200, back.text

    await asyncio.gather(*(there_and_back(number) for number in range(8)))

    assert {(await books.item(item["id"]))["balance"] for item in items} == {"50.00"}
    assert {(await books.receipt_now(one))["unapplied"] for one in receipts} == {"40.00"}


async def test_a_second_reversal_at_the_same_time_is_refused(books: Cashapp) -> None:
    item, receipt = await books.invoice("TWICE-1", "50.00"), await books.receipt("50.00", customer_id="C-1")
    made = (await books.apply(receipt, takes(item, "50.00"))).json()

    answers = await asyncio.gather(*(books.post(f"/v1/applications/{made['id']}/reverse") for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_work_that_met_a_deadlock_is_done_again_and_tells_once(books: Cashapp) -> None:
    """Two transactions take two locks in opposite orders; PostgreSQL ends one, which goes again inside its own request."""
    first, second = asyncio.Event(), asyncio.Event()
    tries: list[int] = []

    async def both(units: Units, own: int, other: int, mine: asyncio.Event, theirs: asyncio.Event) -> None:
        async with units.begin() as uow:

            async def work() -> None:
                tries.append(own)
                state = PeriodState(company_code=f"L{own}", period="2025-01", status="closed", changed_by="nobody")
                uow.publish(PeriodClosed(version=1, period=state))
                await uow.session.execute(text(f"select pg_advisory_xact_lock({own})"))
                mine.set()
                await theirs.wait()
                await uow.session.execute(text(f"select pg_advisory_xact_lock({other})"))

            await uow.retried(work)

    await asyncio.gather(both(books.units, 71, 72, first, second), both(books.units, 72, 71, second, first))

    assert (sorted(set(tries)), len(tries)) == ([71, 72], 3)
    told = [one.period.company_code for one in await books.events("period.closed") if isinstance(one, PeriodClosed)]
    assert sorted(told) == ["L71", "L72"]


async def test_an_application_read_again_has_a_version_and_refuses_a_stale_one(books: Cashapp) -> None:
    item, receipt = await books.invoice("VERSION-1", "50.00"), await books.receipt("50.00", customer_id="C-1")
    made = (await books.apply(receipt, takes(item, "50.00"))).json()
    path = f"/v1/applications/{made['id']}"

    stale = await books.post(f"{path}/reverse", headers={"If-Match": '"2"'})
    done = await books.post(f"{path}/reverse", headers={"If-Match": '"1"'})

    assert (stale.status_code, done.status_code, done.headers["ETag"]) == (412, 200, '"2"')
    assert (await books.get(path))["status"] == "reversed"
    listed = await books.get("/v1/applications", receipt_id=receipt["id"], status="reversed")
    assert [one["id"] for one in listed["data"]] == [made["id"]]


@pytest.mark.parametrize("body", [{"allocations": []}, {"on_account": "60.00"}], ids=["nothing", "too much"])
async def test_a_refused_application_leaves_no_trace(books: Cashapp, body: dict[str, str]) -> None:
    receipt = await books.receipt("50.00", customer_id="C-1")
    rows = "select (select count(*) from journal_entries), (select count(*) from outbox), (select count(*) from applications)"

    async def counted() -> list[int]:
        async with books.units.read() as session:
            return list((await session.execute(text(rows))).one())

    before = await counted()
    answer = await books.post(f"/v1/receipts/{receipt['id']}/applications", body)

    assert answer.status_code in (409, 422)
    assert await counted() == before
    assert (await books.receipt_now(receipt))["version"] == 1


async def test_what_nobody_dated_is_posted_on_the_first_open_day(books: Cashapp) -> None:
    item = await books.invoice("CLOSED-1", "50.00", company_code="3000", issue_date="2025-03-01")
    early = await books.receipt("50.00", company_code="3000", value_date="2025-03-10", customer_id="C-1")
    unknown = await books.receipt("10.00", company_code="3000", value_date="2025-03-12")
    async with books.units.begin() as uow:
        await periods.close_period(uow, "3000", Period(2025, 3), by="controller")

    chosen = await books.apply(early, takes(item, "20.00"), posting_date="2025-03-20")
    applied = await books.apply(early, takes(item, "20.00"))
    identified = await books.post(f"/v1/receipts/{unknown['id']}/identify", {"customer_id": "C-1"})
    late = await books.receipt("30.00", company_code="3000", value_date="2025-03-11", customer_id="C-1")

    assert (chosen.status_code, chosen.json()["code"]) == (409, "period_closed")
    assert applied.json()["posting_date"] == "2025-04-01"
    entries = (await books.get("/v1/ledger/entries", receipt_id=late["id"]))["data"]
    assert {(one["posting_date"], one["value_date"]) for one in entries} == {("2025-04-01", "2025-03-11")}
    assert identified.status_code == 200, identified.text
    for receipt in (early, late):
        body = {"reason": "nsf", "value_date": "2025-03-15"}
        back = await books.post(f"/v1/receipts/{receipt['id']}/return", body)
        assert back.status_code == 201, back.text
    assert (await books.item(item["id"]))["balance"] == "50.00"
