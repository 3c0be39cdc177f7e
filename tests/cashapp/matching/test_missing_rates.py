"""Exchange rates that cannot be had: only exchanges are missing, and nobody waits for them at a lock."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.cashapp.driver import Cashapp, cashapp_on, credit_service
from tests.support.services import copied_database


class Credit:
    """credit-service, which tells rates, is away, or keeps them to itself; `asked` sees each question for a rate."""

    def __init__(self) -> None:
        self.status = 200
        self.books: Cashapp | None = None
        self.unlocked: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.startswith("/v1/exchange-rates/"):
            return credit_service(request)
        if self.books is not None:
            async with self.books.units.read() as session:
                self.unlocked = list(
                    await session.scalars(text("select receipt_id from receipts for update skip locked"))
                )
        if self.status == 503:
            raise httpx.ConnectError("away")
        return credit_service(request) if self.status == 200 else httpx.Response(self.status)


@pytest.fixture(scope="module")
def credit() -> Credit:
    return Credit()


@pytest.fixture(scope="module")
async def books(postgres_url: str, cashapp_template: str, credit: Credit) -> AsyncIterator[Cashapp]:
    with copied_database(postgres_url, cashapp_template) as url:
        async with cashapp_on(url, credit) as cashapp:
            yield cashapp
            assert await cashapp.violations() == []


async def dollars(books: Cashapp, named: str, amount: str = "101.00") -> dict[str, Any]:
    return await books.receipt(amount, currency="USD", reference=named, customer_id="C-1")


@pytest.fixture(autouse=True)
def _answering(credit: Credit) -> None:
    credit.status, credit.books = 200, None


async def proposals(books: Cashapp, receipt: dict[str, Any]) -> dict[str, Any]:
    return dict(await books.get(f"/v1/receipts/{receipt['id']}/proposals", role="ar_specialist"))


@pytest.mark.parametrize("status", [503, 403, 500])
async def test_without_rates_the_other_proposals_are_there_and_what_is_missing_is_told(
    books: Cashapp, credit: Credit, status: int
) -> None:
    await books.invoice(f"NR-{status}", "90.00")
    receipt = await dollars(books, f"NR-{status}")
    credit.status = status
    found = await proposals(books, receipt)
    assert [one["method"] for one in found["data"]] == ["on_account"]
    (missing,) = found["missing"]
    assert (missing["currency"], missing["reason"]) == ("EUR", "cannot_be_asked")
    assert "Items in EUR that the receipt names are not proposed: credit-service" in missing["detail"]


async def test_a_rate_that_nobody_stored_is_told_with_how_to_store_it(books: Cashapp) -> None:
    await books.invoice("NR-1001", "90.00", currency="GBP")
    (missing,) = (await proposals(books, await dollars(books, "NR-1001")))["missing"]
    assert (missing["currency"], missing["reason"]) == ("GBP", "not_stored")
    assert "PUT /v1/exchange-rates/2026-03-20" in missing["detail"]


async def test_nothing_is_missing_where_nothing_needs_a_rate(books: Cashapp, credit: Credit) -> None:
    await books.invoice("NR-1002", "90.00", currency="USD")
    credit.status = 503
    assert (await proposals(books, await dollars(books, "NR-1002", "50.00")))["missing"] == []


async def test_no_second_best_is_applied_where_an_exchange_may_be_the_best(books: Cashapp, credit: Credit) -> None:
    item = await books.invoice("NR-1003", "90.00")
    receipt = await dollars(books, "NR-1003")
    credit.status = 503
    answer = await books.post(f"/v1/receipts/{receipt['id']}/applications")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert (await books.receipt_now(receipt))["unapplied"] == "101.00"
    credit.status = 200
    answer = await books.post(f"/v1/receipts/{receipt['id']}/applications")
    assert answer.status_code == 201, answer.text
    assert (await books.item(item["id"]))["status"] == "cleared"


async def test_what_is_surer_than_any_exchange_is_applied_without_rates(books: Cashapp, credit: Credit) -> None:
    own = await books.invoice("NR-1004", "60.00", currency="USD", customer_id="C-2")
    other = await books.invoice("NR-1005", "60.00", reference="NR-1004", customer_id="C-1")
    credit.status = 503
    receipt = await books.receipt("60.00", currency="USD", reference="NR-1004", customer_id="C-2", method="cheque")
    if receipt["status"] != "applied":
        answer = await books.post(f"/v1/receipts/{receipt['id']}/applications")
        assert answer.status_code == 201, answer.text
    assert [(await books.item(one["id"]))["status"] for one in (own, other)] == ["cleared", "open"]


async def test_the_receipt_is_not_locked_while_rates_are_asked_for(books: Cashapp, credit: Credit) -> None:
    await books.invoice("NR-1006", "90.00")
    receipt = await dollars(books, "NR-1006")
    credit.books = books
    answer = await books.post(f"/v1/receipts/{receipt['id']}/applications")
    assert answer.status_code == 201, answer.text
    assert receipt["id"] in credit.unlocked
