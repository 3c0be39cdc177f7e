"""Payers that nobody has told of yet: credit-service is asked for them, and nobody waits for that at a lock."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.cashapp.driver import Cashapp, cashapp_on, credit_service, takes
from tests.support.services import copied_database


class Credit:
    """credit-service, which looks at each question for a customer which receipts nobody has locked."""

    def __init__(self) -> None:
        self.books: Cashapp | None = None
        self.free: dict[str, set[str]] = {}

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.books is not None:
            free = text("select receipt_id from receipts for update skip locked")
            async with self.books.units.read() as session:
                self.free[request.url.path.rpartition("/")[2]] = set(await session.scalars(free))
        return credit_service(request)


@pytest.fixture(scope="module")
async def credit(postgres_url: str, cashapp_template: str) -> AsyncIterator[Credit]:
    credit = Credit()
    with copied_database(postgres_url, cashapp_template) as url:
        async with cashapp_on(url, credit) as books:
            credit.books = books
            yield credit
            assert await books.violations() == []


async def ask(books: Cashapp, receipt: Any, customer_id: str, way: str) -> httpx.Response:
    """Say whose a receipt is, by itself or with where its money goes."""
    body: dict[str, Any] = {"customer_id": customer_id}
    if way == "applications":
        body |= {"on_account": "100.00", "allocations": []}
    return await books.post(f"/v1/receipts/{receipt['id']}/{way}", body, role="ar_specialist")


@pytest.mark.parametrize(("way", "customer_id"), [("identify", "C-2"), ("applications", "C-3")])
async def test_a_receipt_is_not_locked_while_credit_service_is_asked_whose_it_is(
    credit: Credit, way: str, customer_id: str
) -> None:
    assert credit.books is not None
    receipt = await credit.books.receipt("100.00")

    answer = await ask(credit.books, receipt, customer_id, way)

    assert answer.status_code in (200, 201), answer.text
    assert receipt["id"] in credit.free[customer_id]
    assert (await credit.books.receipt_now(receipt))["customer_id"] == customer_id


@pytest.mark.parametrize("way", ["identify", "applications"])
async def test_nobody_can_be_said_to_have_paid_who_is_no_customer(credit: Credit, way: str) -> None:
    assert credit.books is not None
    receipt = await credit.books.receipt("100.00")

    answer = await ask(credit.books, receipt, "C-404", way)

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_customer")
    assert (await credit.books.receipt_now(receipt))["status"] == "unidentified"


async def test_a_receipt_is_whose_first_item_it_pays_when_nobody_says_more(credit: Credit) -> None:
    assert credit.books is not None
    item = await credit.books.invoice("UC-1", "100.00", customer_id="C-1")
    receipt = await credit.books.receipt("100.00")

    answer = await credit.books.apply(receipt, takes(item, "100.00"))

    assert answer.status_code == 201, answer.text
    assert (await credit.books.receipt_now(receipt))["customer_id"] == "C-1"
