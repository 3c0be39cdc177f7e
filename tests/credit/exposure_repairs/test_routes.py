"""A repair makes a customer's exposure what its owner's documents say, and says what it changed."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from credit_service.app import create_app
from credit_service.settings import CreditSettings
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.exposure.test_handlers import tell
from tests.credit.exposure_checks.test_jobs import check, lived, spoil
from tests.credit.ledger import invoice, receipt
from tests.credit.owner import Books
from tests.support.services import app_of, serving, settings_for


@pytest.fixture
async def books() -> Books:
    return Books()


@pytest.fixture
async def credit(credit_database: str, books: Books) -> AsyncIterator[httpx.AsyncClient]:
    """The service over HTTP, with somebody to ask for the owner's documents."""
    settings = settings_for(credit_database, CreditSettings)
    with app_of(create_app, settings, transport=books.transport()) as app:
        async with serving(app) as client:
            yield client


async def repair(desk: CreditDesk, customer_id: str = "C-1", role: str = "credit_manager") -> Any:
    return await desk.ask(role, "POST", f"/v1/customers/{customer_id}/exposure/repair")


async def everything(units: Units) -> list[Any]:
    """Return all that a repair might touch."""
    tables = ("credit_accounts", "orders", "deliveries", "open_items", "receipts", "journal_entries", "order_changes")
    async with units.read() as session:
        return [
            [tuple(row) for row in await session.execute(text(f"select * from {table} order by 1, 2"))]
            for table in tables
        ]


async def test_a_healthy_customer_stays_as_it_is(desk: CreditDesk, units: Units, books: Books) -> None:
    await lived(desk, units, books)
    before = await everything(units)

    answer = await repair(desk)

    assert answer == {
        "customer_id": "C-1",
        "currency": "EUR",
        "changed": False,
        "exposure": [],
        "documents": [],
        "remaining": 0,
    }
    assert await everything(units) == before


async def test_missed_events_are_made_up_for(desk: CreditDesk, units: Units, books: Books) -> None:
    items = await lived(desk, units, books)
    books.post(
        items["C-1"].now("40.00").event(kind="payment"),
        invoice("9", "C-1", "120.00", "SO-1").event(),
        receipt("1", "C-1", "30.00").now(unapplied=Decimal(0)).event(),
    )

    answer = await repair(desk)

    assert {(one["document"], one["old"], one["new"]) for one in answer["documents"]} == {
        ("itm_1", "version 1, 100 EUR, order SO-1", "version 2, 40 EUR, order SO-1"),
        ("itm_9", None, "version 1, 120 EUR, order SO-1"),
        ("rcp_1", "version 1, 30 EUR", "version 2, 0 EUR"),
        ("SO-1", "open 300.00 EUR, delivered 100.00 EUR", "open 280.00 EUR, delivered 0.00 EUR"),
        ("SO-1/1", "not invoiced 100.00 EUR", "not invoiced 0.00 EUR"),
    }
    assert {(one["category"], one["old"], one["new"]) for one in answer["exposure"]} == {
        ("open_orders", "300.00", "280.00"),
        ("delivered", "100.00", "0.00"),
        ("open_items", "100.00", "160.00"),
        ("unapplied", "30.00", "0.00"),
    }
    assert (await check(units)).total == 0
    assert (await repair(desk))["changed"] is False


@pytest.mark.parametrize(
    "statement",
    [
        "update credit_accounts set open_items = 7, delivered = 9, special = 1, oldest_due_date = null",
        "update orders set open_amount = 1, reserved = 1, delivered_amount = 3",
        "update deliveries set open_amount = 1, account_open = 1",
        "update open_items set balance = 3, account_balance = 3",
        "update open_items set account_balance = 3, account_amount = 3",
        "update receipts set cash = 3, account_cash = 4",
        "delete from open_items",
        "update open_items set customer_id = 'C-2' where customer_id = 'C-1'",
        "insert into receipts (receipt_id, version, customer_id, cash, currency, rate, account_cash) "
        "values ('rcp_x', 1, 'C-1', 5, 'EUR', 1, 5)",
    ],
)
async def test_whatever_was_spoilt_is_as_before(desk: CreditDesk, units: Units, books: Books, statement: str) -> None:
    await lived(desk, units, books)
    before = [await desk.credit(f"C-{number}") for number in range(3)]
    await spoil(units, statement)

    changed = [(await repair(desk, f"C-{number}"))["changed"] for number in range(3)]

    assert any(changed)
    assert [await desk.credit(f"C-{number}") for number in range(3)] == before
    assert (await check(units)).total == 0


async def test_a_repair_is_in_the_journal_and_releases_what_it_frees(
    desk: CreditDesk, units: Units, books: Books
) -> None:
    await desk.customer("C-1")
    item = invoice("1", "C-1", "900.00")
    books.post(item.event(), item.now("0.00").event(kind="payment"))
    await tell(units, item.event())
    assert (await desk.check("C-1", "SO-1", "500.00")).json()["decision"] == "held"

    await repair(desk)

    assert (await desk.order("SO-1"))["status"] == "released"
    async with units.read() as session:
        statement = text("select actor, old, new from journal_entries where kind = 'exposure.repaired'")
        (entry,) = (await session.execute(statement)).all()
    assert entry.actor == "credit_manager"
    assert (entry.old["open_items"], entry.new["open_items"]) == ("900.00", "0.00")


async def test_the_rate_kept_with_a_document_survives_its_repair(desk: CreditDesk, units: Units, books: Books) -> None:
    await desk.customer("C-1")
    rates = {"base": "EUR", "rates": {"USD": "2"}}
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-01", json=rates)
    item = invoice("1", "C-1", "100.00", currency="USD")
    await tell(units, item.event())
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-01", json=rates | {"rates": {"USD": "4"}})
    books.post(item.event(), item.now("50.00").event(kind="payment"))

    await repair(desk)

    assert await desk.exposure("C-1", "open_items") == "25.00"


async def test_an_event_that_comes_meanwhile_is_not_undone(desk: CreditDesk, units: Units, books: Books) -> None:
    items = await lived(desk, units, books)
    paid = items["C-1"].now("40.00")
    books.post(paid.event(kind="payment"))

    async def comes(_: str) -> None:
        books.before_answer = None
        await tell(units, paid.now("10.00").event(kind="payment"))

    books.before_answer = comes
    answer = await repair(desk)

    assert answer["changed"] is False
    assert await desk.exposure("C-1", "open_items") == "10.00"


async def test_repairs_events_and_checks_at_once_end_with_the_truth(
    desk: CreditDesk, units: Units, books: Books
) -> None:
    items = await lived(desk, units, books)

    async def live() -> None:
        item = items["C-1"]
        for number in range(12):
            item = item.now(str(90 - number))
            books.post(item.event(kind="payment"))
            await tell(units, item.event(kind="payment"))

    await asyncio.gather(
        live(),
        *(repair(desk) for _ in range(4)),
        *(desk.check("C-1", f"NEW-{number}", "10.00") for number in range(6)),
    )

    assert await desk.exposure("C-1", "open_items") == "79.00"
    assert (await check(units)).total == 0


async def test_an_owner_that_is_away_is_a_503_and_changes_nothing(desk: CreditDesk, units: Units, books: Books) -> None:
    await lived(desk, units, books)
    await spoil(units, "update credit_accounts set open_items = 7")
    books.away = True

    answer = await desk.send("credit_manager", "POST", "/v1/customers/C-1/exposure/repair")

    assert answer.status_code == 503
    assert await desk.exposure("C-1", "open_items") == "7.00"


@pytest.mark.parametrize("role", ["erp", "collector", "credit_analyst", "auditor"])
async def test_only_who_repairs_may(desk: CreditDesk, role: str) -> None:
    await desk.customer("C-1")

    assert (await desk.send(role, "POST", "/v1/customers/C-1/exposure/repair")).status_code == 403


async def test_nobodys_exposure_is_a_404(desk: CreditDesk) -> None:
    answer = await desk.send("credit_manager", "POST", "/v1/customers/C-9/exposure/repair")

    assert (answer.status_code, answer.json()["code"]) == (404, "customer_not_found")
