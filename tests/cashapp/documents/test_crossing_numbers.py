"""Numbers that instalments of one document have and other documents may have as their own, where two batches cross in them."""

import asyncio
from typing import Any

import httpx
from sqlalchemy import text

from cashapp_service.documents import use_cases as documents
from cashapp_service.documents.schemas import ItemBody
from tests.cashapp.driver import Cashapp, takes

INSTALMENTS = "50% 10, 50% 20"
_WAITING = text(
    "select count(distinct l.pid) from pg_locks l join pg_stat_activity a using (pid)"
    " where not l.granted and a.datname = current_database()"
)


class Undone(Exception):  # noqa: N818 - it is no error
    """Takes a transaction back."""


def invoice(number: str, **fields: Any) -> dict[str, Any]:
    body = {"number": number, "kind": "invoice", "customer_id": "C-1", "issue_date": "2026-03-01", "amount": "100.00"}
    return body | {"currency": "EUR", "payment_terms": "net 30"} | fields


async def batch(books: Cashapp, *documents: dict[str, Any]) -> httpx.Response:
    return await books.post("/v1/items/batch", {"items": list(documents)})


async def wait_for(books: Cashapp, count: int) -> None:
    """Return as soon as so many transactions wait for others."""
    while True:
        async with books.units.read() as session:
            if (await session.execute(_WAITING)).scalar_one() >= count:
                return
        await asyncio.sleep(0.01)


async def nobody(_: str) -> None:
    return None


def codes(answer: httpx.Response) -> list[str | None]:
    """Return what became of each document of a batch: None where it stands there."""
    assert answer.status_code == 200, answer.text
    return [one.get("code") for one in answer.json()["results"]]


async def test_batches_that_wait_for_each_other_in_a_circle_are_both_posted_but_for_the_number_they_both_want(
    books: Cashapp,
) -> None:
    """The first batch has `X-1/1` as instalment and wants `X-1.5`; the second has `X-1.5` and wants `X-1/1`. Both are kept
    where they cross by somebody who has the numbers between, and then takes them back.
    """
    await books.invoice("X-0")
    held = [ItemBody.model_validate(invoice(number)).document() for number in ("X-1.4", "X-1.6")]
    try:
        async with asyncio.timeout(20), books.units.begin() as uow:
            await documents.post_documents(uow, held, nobody)
            first = asyncio.create_task(
                batch(books, invoice("X-1", payment_terms=INSTALMENTS), invoice("X-1.4"), invoice("X-1.5"))
            )
            await wait_for(books, 1)
            second = asyncio.create_task(batch(books, invoice("X-1.5"), invoice("X-1.6"), invoice("X-1/1")))
            await wait_for(books, 2)
            raise Undone
    except Undone:
        pass
    # The database ends the circle by undoing one of them, which begins again when the other is posted.
    wanted = codes(await first)[0], codes(await second)[2]
    assert wanted in ((None, "item_exists"), ("item_exists", None))
    assert codes(await first)[1:] == codes(await second)[:2] == [None, None]


async def test_documents_with_numbers_of_their_own_do_not_wait_for_one_another(books: Cashapp) -> None:
    await books.invoice("X-0-0")
    async with asyncio.timeout(20), books.units.begin() as uow:
        await documents.post_documents(uow, [ItemBody.model_validate(invoice("2026/17")).document()], nobody)
        assert codes(await batch(books, invoice("2026/18"), invoice("2027", payment_terms=INSTALMENTS))) == [None] * 2


async def test_the_rest_of_an_item_gets_another_number_where_its_own_is_taken_meanwhile(books: Cashapp) -> None:
    item, receipt = await books.invoice("X-7"), await books.receipt("600.00", customer_id="C-1")
    residual = takes(item, "600.00", shortfall="residual", reason_code="price")
    async with asyncio.timeout(20):
        async with books.units.begin() as uow:
            await documents.post_documents(uow, [ItemBody.model_validate(invoice("X-7-R")).document()], nobody)
            applying = asyncio.create_task(books.apply(receipt, residual))
            await wait_for(books, 1)
        answer = await applying
    assert answer.status_code == 201, answer.text
    rest = await books.item(answer.json()["allocations"][0]["residual_item_id"])
    assert (rest["number"], rest["balance"]) == ("X-7-R-2", "400.00")
