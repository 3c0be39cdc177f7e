"""Batches whose documents are made while PostgreSQL adds those before them."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from sqlalchemy import text

from cashapp_service.customers.domain import Debtor
from cashapp_service.documents.domain.document import Document
from cashapp_service.items.domain.issue import issue_entry
from shared.bulk import ROWS_AT_ONCE
from shared.days import FIRST_DAY
from shared.events.cashapp import ItemKind
from shared.money import Money
from tests.cashapp.driver import Cashapp, takes

COUNT = ROWS_AT_ONCE + 50


def invoice(position: int, **fields: Any) -> dict[str, Any]:
    return {
        "number": f"RE-{position:04}",
        "kind": "invoice",
        "customer_id": "C-1",
        "issue_date": "2026-03-01",
        "amount": "1190.00",
        "currency": "EUR",
    } | fields


async def counted(cashapp: Cashapp) -> dict[str, int]:
    async with cashapp.units.read() as session:
        tables = ("items", "journal_entries", "journal_lines", "outbox", "idempotency_keys")
        return {one: (await session.execute(text(f"select count(*) from {one}"))).scalar_one() for one in tables}


async def test_refused_documents_in_any_part_leave_no_trace_beside_the_others(cashapp: Cashapp) -> None:
    """In both parts: an unknown customer, a number that another document's instalment has, and one of two instalments of which
    only the first has a free number.
    """
    later = ROWS_AT_ONCE + 20
    for first in (10, later):
        await cashapp.post("/v1/items", invoice(first, number=f"RE-{first:04}a", payment_terms="50% 10, 50% 20"))
        await cashapp.post("/v1/items", invoice(first, number=f"RE-{first + 1:04}/2"))
    before = await counted(cashapp)
    batch = [invoice(n) for n in reversed(range(COUNT))]
    for first in (10, later):
        batch[COUNT - 1 - first]["number"] = f"RE-{first:04}a/1"
        batch[COUNT - 1 - (first + 1)]["payment_terms"] = "50% 10, 50% 20"
        batch[COUNT - 1 - (first + 2)]["customer_id"] = "C-9"

    results = (await cashapp.post("/v1/items/batch", {"items": batch})).json()["results"]

    refused = {batch[n]["number"]: one["code"] for n, one in enumerate(results) if "id" not in one}
    assert refused == {
        **{f"RE-{first:04}a/1": "item_exists" for first in (10, later)},
        **{f"RE-{first + 1:04}": "item_exists" for first in (10, later)},
        **{f"RE-{first + 2:04}": "unknown_customer" for first in (10, later)},
    }
    taken = COUNT - 6
    assert [one["number"] for one in results if "id" in one] == [
        one["number"] for one in batch if one["number"] not in refused
    ]
    added = {name: count - before[name] for name, count in (await counted(cashapp)).items()}
    assert added == {
        "items": taken,
        "journal_entries": taken,
        "journal_lines": 2 * taken,
        "outbox": taken,
        "idempotency_keys": 0,
    }
    assert await cashapp.violations() == []


async def test_a_batch_whose_last_part_fails_is_posted_not_at_all_and_may_be_sent_again(cashapp: Cashapp) -> None:
    before = await counted(cashapp)
    batch = {"items": [invoice(n) for n in range(COUNT)]}
    key = {"Idempotency-Key": "batch-1"}
    async with cashapp.units.begin() as uow:
        forbid = f"alter table items add constraint no_last check (number <> 'RE-{COUNT - 1:04}')"
        await uow.session.execute(text(forbid))
    try:
        failed = await cashapp.post("/v1/items/batch", batch, headers=key)
        left = await counted(cashapp)
    finally:
        async with cashapp.units.begin() as uow:
            await uow.session.execute(text("alter table items drop constraint no_last"))
    again = await cashapp.post("/v1/items/batch", batch, headers=key)
    repeated = await cashapp.post("/v1/items/batch", batch, headers=key)

    assert (failed.status_code, left) == (500, before)
    assert again.status_code == 200
    assert all("id" in one for one in again.json()["results"])
    assert repeated.json() == again.json()
    assert (await counted(cashapp))["items"] == COUNT
    assert await cashapp.violations() == []


async def test_batches_of_the_same_documents_at_once_post_each_of_them_once(cashapp: Cashapp) -> None:
    batch = [invoice(n) for n in range(2 * ROWS_AT_ONCE)]
    orders = (batch, batch[ROWS_AT_ONCE:] + batch[:ROWS_AT_ONCE])

    answers = await asyncio.gather(*(cashapp.post("/v1/items/batch", {"items": one}) for one in orders))

    assert [one.status_code for one in answers] == [200, 200]
    ids = [{one["number"]: one["id"] for one in answer.json()["results"]} for answer in answers]
    assert ids[0] == ids[1]
    after = await counted(cashapp)
    assert (after["items"], after["outbox"]) == (len(batch), len(batch))
    assert await cashapp.violations() == []


async def test_an_invoice_that_settles_too_much_is_refused_beside_those_that_are_posted(cashapp: Cashapp) -> None:
    request = await cashapp.invoice("AZ-1", "100.00", kind="down_payment_request")
    await cashapp.apply(await cashapp.receipt("100.00", customer_id="C-1"), takes(request, "100.00"))
    before = await counted(cashapp)
    settling = [{"down_payments": [{"number": "AZ-1", "amount": amount}]} for amount in ("100.01", "60.00")]
    batch = [invoice(1, **settling[0]), invoice(2, **settling[1]), invoice(3)]

    results = (await cashapp.post("/v1/items/batch", {"items": batch})).json()["results"]

    assert [one.get("code") for one in results] == ["down_payment_exceeded", None, None]
    assert [one.get("balance") for one in results] == [None, "1130.00", "1190.00"]
    after = await counted(cashapp)
    # Two issues and one settlement, which changes the invoice once more.
    assert [after[name] - before[name] for name in ("items", "journal_entries", "outbox")] == [2, 3, 3]
    assert await cashapp.violations() == []


@pytest.mark.parametrize("kind", get_args(ItemKind))
@pytest.mark.parametrize("terms", ["net 30", "30% 10, 70% 60"])
def test_an_item_of_a_document_is_what_the_posting_of_its_issue_makes_of_it(kind: ItemKind, terms: str) -> None:
    day = date(2026, 3, 5)
    document = Document(
        company_code="1000",
        number="RE-1",
        kind=kind,
        customer_id="C-1",
        issue_date=day - timedelta(4),
        amount=Money(Decimal("1190.01"), "EUR"),
        posting_date=day,
        payment_terms=terms,
        tax_amount=Decimal("190.00"),
    )
    items = document.items(Debtor("net 30", "DE"))
    unposted = [replace(one, version=0, balance=Decimal(0), last_posting_date=FIRST_DAY) for one in items]
    issue = issue_entry(unposted)

    posted = [one.after(line, issue.posting_date) for one, line in zip(unposted, issue.receivable_lines, strict=True)]

    assert posted == list(items)
    assert len(items) == (1 if terms == "net 30" else 2)


@pytest.mark.parametrize("instalments_first", [True, False])
async def test_of_two_documents_of_a_batch_that_want_one_number_the_first_has_it(
    cashapp: Cashapp, instalments_first: bool
) -> None:
    batch = [invoice(1, number="X-1", payment_terms="50% 10, 50% 20"), invoice(2, number="X-1/2"), invoice(3)]
    if not instalments_first:
        batch.reverse()

    results = (await cashapp.post("/v1/items/batch", {"items": batch})).json()["results"]

    refused = {batch[n]["number"]: one["code"] for n, one in enumerate(results) if "id" not in one}
    assert refused == {"X-1/2" if instalments_first else "X-1": "item_exists"}
    assert await cashapp.violations() == []
