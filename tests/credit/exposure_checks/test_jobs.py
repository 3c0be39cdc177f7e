"""The self-check finds what is wrong, and nothing else, while everything runs."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from credit_service.exposure_checks import use_cases
from credit_service.exposure_checks.jobs import ExposureCheck
from credit_service.exposure_checks.use_cases import Found, Owner, Patience
from credit_service.settings import CreditSettings
from credit_service.worker import owner_of_items, waiting_job_functions
from shared.http.client import ServiceClient
from shared.http.service_token import NoServiceTokenError, ServiceToken
from shared.job_runner import JobRunner
from shared.security import Principal
from shared.unit_of_work import Units
from tests.credit.deliveries.test_routes import deliver
from tests.credit.desk import CreditDesk
from tests.credit.exposure.test_handlers import tell
from tests.credit.ledger import Item, invoice, receipt
from tests.credit.owner import Books
from tests.support.services import settings_for

SHORT = Patience(0.3, 0.05)


async def somebody() -> Principal:
    return Principal("auditor", frozenset(), frozenset(), "t")


@pytest.fixture
async def books() -> Books:
    return Books()


@pytest.fixture
async def owner(books: Books) -> AsyncIterator[Owner]:
    client = ServiceClient("cashapp-service", "http://cashapp", transport=books.transport())
    yield Owner(client, somebody, customers_a_part=2)
    await client.close()


async def check(units: Units, owner: Owner | None = None) -> Found:
    found = Found()
    await use_cases.check_own(units, found)

    async def progress(_: int) -> None:
        return

    if owner is not None:
        await use_cases.check_owner(units, owner, found, patience=SHORT, progress=progress)
    return found


def names(found: Found) -> list[tuple[str, str, str | None]]:
    return [(one.customer_id, one.category, one.document) for one in found.listed]


async def lived(desk: CreditDesk, units: Units, books: Books) -> dict[str, Item]:
    """Have three customers with documents that are as their owner has them."""
    items = {}
    for number in range(3):
        customer = f"C-{number}"
        await desk.customer(customer)
        await desk.check(customer, f"SO-{number}", "500.00")
        await deliver(desk, f"SO-{number}", "1", "200.00")
        items[customer] = invoice(str(number), customer, "100.00", f"SO-{number}")
        events = [items[customer].event(), receipt(str(number), customer, "30.00").event()]
        books.post(*events)
        await tell(units, *events)
    return items


async def spoil(units: Units, statement: str) -> None:
    async with units.begin() as uow:
        await uow.session.execute(text(statement))


async def test_healthy_exposures_have_no_differences(
    desk: CreditDesk, units: Units, books: Books, owner: Owner
) -> None:
    await lived(desk, units, books)

    found = await check(units, owner)

    assert (found.accounts, found.documents, found.total, found.in_flight) == (3, 12, 0, 0)
    assert books.asked == {"/v1/document-digests": 3}


@pytest.mark.parametrize(
    ("column", "statement"),
    [
        ("open_orders", "update credit_accounts set open_orders = open_orders + 1 where customer_id = 'C-1'"),
        ("delivered", "update credit_accounts set delivered = delivered + 1 where customer_id = 'C-1'"),
        ("open_items", "update credit_accounts set open_items = open_items + 1 where customer_id = 'C-1'"),
        ("special", "update credit_accounts set special = special + 1 where customer_id = 'C-1'"),
        ("unapplied", "update credit_accounts set unapplied = unapplied + 1 where customer_id = 'C-1'"),
        ("unconverted", "update credit_accounts set unconverted = 1 where customer_id = 'C-1'"),
        ("oldest_due_date", "update credit_accounts set oldest_due_date = '2020-01-01' where customer_id = 'C-1'"),
    ],
)
async def test_an_account_that_is_not_the_sum_of_its_documents_is_found(
    desk: CreditDesk, units: Units, books: Books, column: str, statement: str
) -> None:
    await lived(desk, units, books)
    await spoil(units, statement)

    assert names(await check(units)) == [("C-1", column, None)]


@pytest.mark.parametrize(
    ("category", "statement"),
    [
        ("open_orders", "update orders set open_amount = 1 where order_id = 'SO-1'"),
        ("delivered", "update orders set delivered_amount = 1 where order_id = 'SO-1'"),
        ("delivered", "update deliveries set open_amount = 1 where order_id = 'SO-1'"),
    ],
)
async def test_an_order_that_does_not_follow_from_its_documents_is_found(
    desk: CreditDesk, units: Units, books: Books, category: str, statement: str
) -> None:
    await lived(desk, units, books)
    await spoil(units, statement)

    assert names(await check(units)) == [("C-1", category, "SO-1")]


async def test_an_event_that_never_came_is_found(desk: CreditDesk, units: Units, books: Books, owner: Owner) -> None:
    items = await lived(desk, units, books)
    books.post(items["C-1"].now("40.00").event(kind="payment"), invoice("9", "C-2", "5.00").event())
    books.post(invoice("10", "C-99", "5.00").event())

    found = await check(units, owner)

    assert [(one.document, one.ours, one.theirs) for one in found.listed] == [
        ("itm_1", "version 1, 100 EUR, order SO-1", "version 2, 40 EUR, order SO-1"),
        ("itm_9", None, "version 1, 5 EUR"),
        ("itm_10", None, "version 1, 5 EUR"),
    ]


async def test_equal_versions_with_other_content_are_found_at_once(
    desk: CreditDesk, units: Units, books: Books, owner: Owner
) -> None:
    await lived(desk, units, books)
    await spoil(units, "update open_items set balance = 99 where item_id = 'itm_1'")

    found = await check(units, owner)

    assert [(one.document, one.why) for one in found.listed] == [
        ("itm_1", "The version is the owner's, its content is not.")
    ]


async def test_what_the_owner_does_not_know_is_found(
    desk: CreditDesk, units: Units, books: Books, owner: Owner
) -> None:
    await lived(desk, units, books)
    await tell(units, invoice("8", "C-1", "5.00").event(), invoice("9", "Z-9", "5.00").event())

    found = await check(units, owner)

    assert names(found) == [("C-1", "open_items", "itm_8"), ("Z-9", "open_items", "itm_9")]


async def test_an_event_that_comes_while_it_is_waited_for_is_no_difference(
    desk: CreditDesk, units: Units, books: Books, owner: Owner
) -> None:
    items = await lived(desk, units, books)
    late = items["C-1"].now("40.00").event(kind="payment")
    books.post(late)

    async def comes(path: str) -> None:
        if path.endswith("states"):
            await tell(units, late)

    books.before_answer = comes

    assert (await check(units, owner)).total == 0


async def test_nothing_is_found_while_everything_moves(
    desk: CreditDesk, units: Units, books: Books, owner: Owner
) -> None:
    items = await lived(desk, units, books)
    stopping = asyncio.Event()

    async def live(customer: str) -> None:
        item, balance = items[customer], 100
        while not stopping.is_set():
            balance = balance - 1 if balance > 1 else 100
            item = item.now(str(balance))
            books.post(item.event(kind="payment"))
            await asyncio.sleep(0.01)
            await tell(units, item.event(kind="payment"))
            await deliver(desk, f"SO-{customer[-1]}", f"d{item.version}", "1.00")

    living = [asyncio.create_task(live(customer)) for customer in items]
    found = [await check(units, owner) for _ in range(3)]
    stopping.set()
    await asyncio.gather(*living)

    assert [one.total for one in found] == [0, 0, 0]


async def test_the_job_says_what_it_found_and_whether_the_owner_was_asked(
    desk: CreditDesk, units: Units, books: Books, credit_database: str
) -> None:
    await lived(desk, units, books)
    await spoil(units, "update credit_accounts set open_items = 7 where customer_id = 'C-1'")
    job = await desk.ask("credit_manager", "POST", "/v1/exposure-checks")

    functions = waiting_job_functions(settings_for(credit_database, CreditSettings))
    assert await JobRunner(units, functions).run_next()

    done = await desk.ask("credit_manager", "GET", f"/v1/jobs/{job['id']}")
    assert done["status"] == "succeeded"
    assert done["result"] == {
        "accounts": 3,
        "documents": 12,
        "differences": [
            {
                "customer_id": "C-1",
                "category": "open_items",
                "document": None,
                "ours": "7",
                "theirs": "100",
                "why": "The account is not the sum of its documents.",
            }
        ],
        "differences_total": 1,
        "compared_with_owner": False,
        "in_flight": 0,
    }


async def test_an_owner_that_is_away_fails_the_job_and_not_the_exposures(
    desk: CreditDesk, units: Units, books: Books, owner: Owner
) -> None:
    await lived(desk, units, books)
    books.away = True
    job = await desk.ask("credit_manager", "POST", "/v1/exposure-checks")

    await JobRunner(units, {use_cases.EXPOSURE_CHECK: ExposureCheck(owner)}).run_next()

    done = await desk.ask("credit_manager", "GET", f"/v1/jobs/{job['id']}")
    assert (done["status"], done["errors"]) == (
        "failed",
        [{"detail": "cashapp-service cannot be reached at the moment: try again shortly."}],
    )


@pytest.mark.parametrize("role", ["erp", "collector", "credit_analyst", "auditor"])
async def test_only_who_repairs_has_exposures_checked(desk: CreditDesk, role: str) -> None:
    assert (await desk.send(role, "POST", "/v1/exposure-checks")).status_code == 403


async def test_a_worker_without_a_client_asks_no_owner_and_one_with_asks_as_it(
    credit_database: str, books: Books, tmp_path: Any
) -> None:
    settings = settings_for(credit_database, CreditSettings)
    token = ServiceToken(
        token_url="http://gateway/oauth/token",
        client_id="auditor",
        clients_file=tmp_path / "clients.json",
        transport=books.transport(),
    )
    with pytest.raises(NoServiceTokenError):
        await token.principal()
    (tmp_path / "clients.json").write_text('{"auditor": "secret"}')

    assert owner_of_items(settings) is None
    assert owner_of_items(settings.model_copy(update={"oidc_client_id": "auditor"})) is not None
    assert (await token.principal()).token == "t"
