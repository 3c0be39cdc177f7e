"""Clearing what is too little to be worth an effort, over HTTP on a real database; after each test the books must hold."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from shared.events.cashapp import ItemEvent
from shared.events.dispute import DisputeOpened
from tests.cashapp.disputes.test_handlers import case, deliver
from tests.cashapp.driver import Cashapp, takes
from tests.support.services import bearer

RUN = {"as_of": "2026-06-30", "currency": "EUR", "max_amount": "5.00", "older_than_days": 30}


@pytest.fixture(autouse=True)
async def _the_books_hold(cashapp: Cashapp) -> AsyncIterator[None]:
    yield
    assert await cashapp.violations() == []


async def run(cashapp: Cashapp, *, role: str = "controller", **fields: Any) -> dict[str, Any]:
    """Run over small balances and return the job's result."""
    answer = await cashapp.post("/v1/write-offs/small-balances", RUN | fields, role=role)
    assert answer.status_code == 202, answer.text
    await cashapp.work()
    job = await cashapp.get(f"/v1/jobs/{answer.json()['id']}")
    assert job["status"] == "succeeded", job
    return dict(job["result"])


async def decide(
    cashapp: Cashapp, run_id: str, verb: str, body: Any = None, role: str = "controller"
) -> httpx.Response:
    """Approve, reject or reverse a run."""
    return await cashapp.post(f"/v1/write-offs/small-balances/{run_id}/{verb}", body, role=role)


async def outcomes(cashapp: Cashapp, run_id: str) -> dict[str, tuple[str, str | None]]:
    """Return what became of each item of a run, by number."""
    found = await cashapp.get(f"/v1/write-offs/small-balances/{run_id}/items")
    return {one["number"]: (one["outcome"], one["reason"]) for one in found["data"]}


async def test_small_debit_and_credit_balances_are_cleared_against_tolerance(cashapp: Cashapp) -> None:
    debit = await cashapp.invoice("RE-1", "4.00")
    credit = await cashapp.invoice("GS-1", "1.50", kind="credit_memo")
    large = await cashapp.invoice("RE-2", "5.01")

    result = await run(cashapp)

    assert (result["status"], result["items"], result["debits"], result["credits"]) == ("posted", 2, "4.00", "1.50")
    assert [(await cashapp.item(one["id"]))["balance"] for one in (debit, credit, large)] == ["0.00", "0.00", "5.01"]
    assert (await cashapp.trial_balance())["tolerance"] == Decimal("2.50")
    told = [event.posting for event in await cashapp.events("item.cleared") if isinstance(event, ItemEvent)]
    assert {(one.kind, one.amount, one.posting_date.isoformat()) for one in told} == {
        ("tolerance", Decimal("-4.00"), "2026-06-30"),
        ("tolerance", Decimal("1.50"), "2026-06-30"),
    }


async def test_sides_that_cancel_each_other_out_still_count_with_their_amounts(cashapp: Cashapp) -> None:
    await cashapp.invoice("RE-1", "4.00")
    await cashapp.invoice("GS-1", "4.00", kind="credit_memo")

    result = await run(cashapp)
    found = await cashapp.get(f"/v1/write-offs/small-balances/{result['run_id']}")

    assert (found["debits"], found["credits"], found["status"]) == ("4.00", "4.00", "posted")
    assert "tolerance" not in await cashapp.trial_balance()


async def test_a_dry_run_tells_and_posts_nothing(cashapp: Cashapp) -> None:
    item = await cashapp.invoice("RE-1", "4.00")

    result = await run(cashapp, dry_run=True)

    assert (result["run_id"], result["items"], result["first"][0]["number"]) == (None, 1, "RE-1")
    assert (await cashapp.item(item["id"]))["balance"] == "4.00"
    assert (await cashapp.get("/v1/write-offs/small-balances"))["data"] == []


async def test_only_old_undisputed_items_of_the_currency_and_company_are_small_balances(cashapp: Cashapp) -> None:
    await cashapp.invoice("RE-EDGE", "5.00", due_date="2026-05-31")
    await cashapp.invoice("RE-YOUNG", "1.00", due_date="2026-06-01")
    await cashapp.invoice("RE-USD", "1.00", currency="USD")
    await cashapp.invoice("RE-2000", "1.00", company_code="2000")
    await cashapp.invoice("AZ-1", "1.00", kind="down_payment_request", due_date="2026-03-02")
    disputed = await cashapp.invoice("RE-DISPUTED", "1.00")
    await deliver(cashapp, DisputeOpened(version=1, dispute=case((disputed, "1.00"))))

    of_one = await run(cashapp, company_code="1000", dry_run=True)
    of_all = await run(cashapp, dry_run=True)

    assert [one["number"] for one in of_one["first"]] == ["RE-EDGE"]
    assert {one["number"] for one in of_all["first"]} == {"RE-EDGE", "RE-2000"}


async def test_a_run_above_the_authority_waits_for_another_person(cashapp: Cashapp) -> None:
    item = await cashapp.invoice("RE-1", "4.00")

    result = await run(cashapp, role="ar_specialist")
    again = await run(cashapp, role="controller")
    before = (await cashapp.item(item["id"]))["balance"]
    approved = await decide(cashapp, result["run_id"], "approve")

    assert (result["status"], again["items"], before) == ("pending", 0, "4.00")
    assert (approved.json()["status"], approved.json()["decided_by"]) == ("posted", "controller")
    assert (await cashapp.item(item["id"]))["status"] == "cleared"
    late = [
        await decide(cashapp, result["run_id"], "approve"),
        await decide(cashapp, result["run_id"], "reject", {"note": "x"}),
    ]
    assert [(one.status_code, one.json()["code"]) for one in late] == [(409, "small_balance_run_state")] * 2


async def test_who_ran_does_not_decide_and_who_decides_needs_the_scope(cashapp: Cashapp) -> None:
    await cashapp.invoice("RE-1", "4.00", currency="USD")
    waits = await run(cashapp, role="ar_specialist", currency="USD")
    path = f"/v1/write-offs/small-balances/{waits['run_id']}/approve"

    own = await cashapp.client.post(path, headers=bearer("controller", "ar_specialist"))
    unscoped = await decide(cashapp, waits["run_id"], "approve", role="ar_specialist")
    rejected = await decide(cashapp, waits["run_id"], "reject", {"note": "Wait for the last statement"})
    starts = [
        (await cashapp.post("/v1/write-offs/small-balances", RUN, role=role)).status_code
        for role in ("collector", "erp", "auditor", "credit_analyst")
    ]

    assert (own.status_code, own.json()["code"]) == (403, "four_eyes")
    assert (unscoped.status_code, rejected.json()["status"], starts) == (403, "rejected", [403] * 4)


async def test_what_changed_while_a_run_waited_is_left_out_and_says_why(cashapp: Cashapp) -> None:
    paid, disputed, same = [await cashapp.invoice(f"RE-{n}", "4.00") for n in range(3)]
    waits = await run(cashapp, role="ar_specialist")
    await cashapp.apply(await cashapp.receipt("4.00", customer_id="C-1", reference="-"), takes(paid, "1.00"))
    await deliver(cashapp, DisputeOpened(version=1, dispute=case((disputed, "1.00"))))

    await decide(cashapp, waits["run_id"], "approve")

    assert await outcomes(cashapp, waits["run_id"]) == {
        "RE-0": ("skipped", "Its balance is 3.00 EUR now."),
        "RE-1": ("skipped", "It is disputed now."),
        "RE-2": ("posted", None),
    }
    assert [(await cashapp.item(one["id"]))["balance"] for one in (paid, disputed, same)] == ["3.00", "4.00", "0.00"]


async def test_a_run_is_taken_back_once_and_its_items_are_open_again(cashapp: Cashapp) -> None:
    item = await cashapp.invoice("RE-1", "4.00")
    result = await run(cashapp)
    body = {"reason": "The wrong company", "posting_date": "2026-07-02"}

    early = await decide(cashapp, result["run_id"], "reverse", body | {"posting_date": "2026-06-29"})
    answers = [await decide(cashapp, result["run_id"], "reverse", body) for _ in range(2)]

    assert (early.status_code, early.json()["code"]) == (422, "posted_too_early")
    assert [one.status_code for one in answers] == [200, 409]
    assert (await cashapp.item(item["id"]))["balance"] == "4.00"
    assert "tolerance" not in await cashapp.trial_balance()


async def test_a_run_that_cannot_be_is_refused_with_the_remedy(cashapp: Cashapp) -> None:
    wrong: list[dict[str, Any]] = [
        {"max_amount": "50.01"},
        {"currency": "JPY", "max_amount": "1"},
        {"as_of": "2999-01-01"},
        {"older_than_days": -1},
        {"max_amount": "0.00"},
        {"surprise": 1},
    ]

    answers = [await cashapp.post("/v1/write-offs/small-balances", RUN | fields) for fields in wrong]

    assert [one.status_code for one in answers] == [422] * len(wrong)
    assert [one.json()["code"] for one in answers[:3]] == ["not_a_small_balance"] * 2 + ["run_in_the_future"]


async def test_runs_at_once_clear_each_item_once(cashapp: Cashapp) -> None:
    items = [await cashapp.invoice(f"RE-{n}", "2.00") for n in range(5)]
    for _ in range(3):
        assert (await cashapp.post("/v1/write-offs/small-balances", RUN)).status_code == 202

    await asyncio.gather(*(cashapp.work() for _ in range(3)))

    runs = (await cashapp.get("/v1/write-offs/small-balances"))["data"]
    assert sorted(one["items"] for one in runs) == [0, 0, 5]
    assert {(await cashapp.item(one["id"]))["version"] for one in items} == {2}
