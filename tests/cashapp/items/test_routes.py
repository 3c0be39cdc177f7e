"""Items over HTTP: found, page by page, as of any day."""

import pytest

from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer


async def test_items_are_listed_by_due_date_page_by_page(cashapp: Cashapp) -> None:
    for day in ("05", "03", "04"):
        await cashapp.invoice(f"RE-{day}", due_date=f"2026-04-{day}")

    first = await cashapp.get("/v1/items", limit=2)
    second = await cashapp.get("/v1/items", limit=2, cursor=first["next_cursor"])

    assert [item["number"] for item in first["data"] + second["data"]] == ["RE-03", "RE-04", "RE-05"]
    assert second["next_cursor"] is None


async def test_items_are_found_by_customer_status_number_and_due_date(cashapp: Cashapp) -> None:
    await cashapp.invoice("A", due_date="2026-03-10")
    await cashapp.invoice("B", customer_id="C-2", due_date="2026-03-20")

    async def found(**params: str) -> list[str]:
        return [item["number"] for item in (await cashapp.get("/v1/items", **params))["data"]]

    assert await found(customer_id="C-2") == ["B"]
    assert await found(due_before="2026-03-20") == ["A"]
    assert await found(number="B", status="open") == ["B"]
    assert await found(status="cleared") == []


async def test_items_are_found_by_what_their_users_know(cashapp: Cashapp) -> None:
    await cashapp.invoice("RE-1", "100.00", po_number="PO-7", reference="LS-9", due_date="2026-03-10")
    await cashapp.invoice("RE-2", "200.00", company_code="2000", due_date="2026-03-20")
    await cashapp.invoice("CM-1", "150.00", kind="credit_memo", reason_code="price", refers_to="RE-1")

    async def found(**params: str) -> list[str]:
        return [one["number"] for one in (await cashapp.get("/v1/items", **params))["data"]]

    questions = {
        "po_number": "PO-7",
        "reference": "LS-9",
        "due_from": "2026-03-11",
        "company_code": "2000",
        "kind": "credit_memo",
        "refers_to": "RE-1",
        "reason_code": "price",
        "amount_from": "150.00",
        "amount_to": "100.00",
        "disputed": "true",
        "submission": "delivered",
        "currency": "USD",
    }
    answers = {name: await found(**{name: value}) for name, value in questions.items()}

    assert answers == {
        "po_number": ["RE-1"],
        "reference": ["RE-1"],
        "due_from": ["RE-2"],
        "company_code": ["RE-2"],
        "kind": ["CM-1"],
        "refers_to": ["CM-1"],
        "reason_code": ["CM-1"],
        "amount_from": ["CM-1", "RE-2"],
        "amount_to": ["RE-1"],
        "disputed": [],
        "submission": [],
        "currency": [],
    }
    assert len(await found(disputed="false", submission="pending")) == 3


async def test_a_past_day_shows_the_balances_of_that_day(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(amount="100.00")
    receipt = await cashapp.receipt("100.00", customer_id="C-1", value_date="2026-03-20")
    await cashapp.apply(receipt, takes(item, "60.00"), posting_date="2026-03-20")
    await cashapp.apply(receipt, takes(item, "40.00"), posting_date="2026-03-25")

    async def seen(day: str) -> list[tuple[str, str]]:
        data = (await cashapp.get("/v1/items", as_of=day))["data"]
        return [(one["balance"], one["status"]) for one in data]

    assert await seen("2026-02-28") == []
    assert await seen("2026-03-19") == [("100.00", "open")]
    assert await seen("2026-03-20") == [("40.00", "open")]
    assert await seen("2026-03-25") == [("0.00", "cleared")]
    assert (await cashapp.get("/v1/items", as_of="2026-03-24", status="cleared"))["data"] == []


async def test_nothing_overflows_at_the_last_day_that_is_taken(cashapp: Cashapp) -> None:
    item = await cashapp.invoice(issue_date="2999-12-31", payment_terms="2/10 net 30")
    receipt = await cashapp.receipt("980.00", customer_id="C-1", value_date="2999-12-31")

    answer = await cashapp.apply(receipt, takes(item, "980.00", discount="20.00"))

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "query", ["number=%00", "customer_id=%00", "cursor=x", "limit=0", "as_of=2026-13-01", "status=x"]
)
async def test_a_strange_question_is_refused_not_broken_by(cashapp: Cashapp, query: str) -> None:
    answer = await cashapp.client.get(f"/v1/items?{query}", headers=bearer("auditor"))

    assert answer.status_code == 422
