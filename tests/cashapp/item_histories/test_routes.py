"""The life of an item, told in order."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cashapp_service.disputes.handlers import on_dispute_resolved, on_disputes_changed
from cashapp_service.item_histories.domain import Step, life
from shared.events.dispute import DisputeOpened, DisputeResolved
from tests.cashapp.disputes.test_handlers import case, decided
from tests.cashapp.driver import Cashapp, kinds, takes
from tests.cashapp.integrity.test_conservation import DEEDS, Company
from tests.cashapp.returns.bank import BY_CARD, opened
from tests.support.services import bearer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def history(cashapp: Cashapp, item: dict[str, Any]) -> Any:
    return await cashapp.get(f"/v1/items/{item['id']}/history", role="auditor")


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-3, 3)), min_size=1, max_size=12),
    st.lists(st.integers(-5, 20), max_size=6),
)
def test_every_step_shows_the_balance_after_it(changes: list[tuple[int, int]], others: list[int]) -> None:
    postings = [
        Step(kind="credit", at=NOON + timedelta(hours=n + jitter), by=None, detail=str(n), amount=Decimal(change))
        for n, (change, jitter) in enumerate(changes)
    ]
    beside = [Step(kind="submission", at=NOON + timedelta(hours=one), by=None, detail="") for one in others]

    steps = life(postings, beside)

    assert [one.detail for one in steps if one.kind == "credit"] == [str(n) for n in range(len(changes))]
    assert steps[-1].balance == sum(change for change, _ in changes)
    before = Decimal(0)
    for one in steps:
        assert one.balance == before + (one.amount or 0)
        before = one.balance


async def test_an_items_life_is_told_with_who_what_and_by_which_document(cashapp: Cashapp) -> None:
    item = await cashapp.invoice("RE-1", "1000.00")
    memo = await cashapp.invoice("CM-1", "100.00", kind="credit_memo")
    await cashapp.post(
        f"/v1/items/{item['id']}/submissions",
        {"channel": "portal", "submitted_on": "2026-03-02", "status": "failed", "failure_reason": "no order"},
        role="ar_specialist",
    )
    receipt = await cashapp.receipt("600.00", customer_id="C-1", payer_name="Handel C-1")
    body = {"allocations": [takes(item, "700.00", shortfall="partial"), takes(memo, "-100.00")]}
    applied = await cashapp.post(f"/v1/receipts/{receipt['id']}/applications", body, role="ar_specialist")
    async with cashapp.units.begin() as uow:
        await on_disputes_changed(uow, [DisputeOpened(version=1, dispute=case((item, "250.00")))])
        state = decided((item, "250.00"), amount="250.00")
        await on_dispute_resolved(uow, DisputeResolved(version=2, dispute=state))
    await cashapp.post(f"/v1/applications/{applied.json()['id']}/reverse", {}, role="controller")

    told = await history(cashapp, item)

    assert [(one["kind"], one["by"], one["amount"], one["balance"]) for one in told["steps"]] == [
        ("issue", "admin", "1000.00", "1000.00"),
        ("submission", "ar_specialist", None, "1000.00"),
        ("payment", "ar_specialist", "-600.00", "400.00"),
        ("credit", "ar_specialist", "-100.00", "300.00"),
        ("dispute", None, None, "300.00"),
        ("credit", None, "-250.00", "50.00"),
        ("dispute", None, None, "50.00"),
        ("reversal", "controller", "600.00", "650.00"),
        ("credit", "controller", "100.00", "750.00"),
    ]
    assert told["balance"] == told["steps"][-1]["balance"] == (await cashapp.item(item["id"]))["balance"]
    sentences = [one["detail"] for one in told["steps"]]
    assert sentences[2] == "600.00 EUR paid by wire of 600.00 EUR from Handel C-1"
    assert sentences[3] == "100.00 EUR credited with CM-1"
    assert sentences[4] == "dispute DSP-1 new: 250.00 EUR disputed"
    assert sentences[5] == "250.00 EUR credited with CM-DSP-1 by dispute DSP-1"
    assert sentences[8] == "100.00 EUR credit taken back with CM-1"
    assert [one["number"] for one in told["steps"][3]["related"]] == ["CM-1"]
    assert told["steps"][2]["application_id"] == applied.json()["id"]


async def test_a_residual_item_tells_when_it_was_put_back_and_carried_over_again(cashapp: Cashapp) -> None:
    item = await cashapp.invoice("RE-1", "1000.00")
    receipt = await cashapp.receipt("950.00", **BY_CARD)
    short = takes(item, "950.00", shortfall="residual", reason_code="price")
    application = (await cashapp.apply(receipt, short)).json()
    residual = {"id": application["allocations"][0]["residual_item_id"]}
    await opened(cashapp, receipt, "300.00")

    of_item, of_residual = [
        [
            (one["balance"], one["detail"])
            for one in (await history(cashapp, each))["steps"]
            if one["kind"] == "residual"
        ]
        for each in (item, residual)
    ]

    number = (await cashapp.item(residual["id"]))["number"]
    assert of_item == [
        ("0.00", f"50.00 EUR carried into a residual item with {number}"),
        ("1000.00", f"50.00 EUR residual taken back with {number}"),
        ("300.00", f"50.00 EUR carried into a residual item with {number}"),
    ]
    assert of_residual == [
        ("0.00", "50.00 EUR put back where it was carried from with RE-1"),
        ("50.00", "50.00 EUR carried over again with RE-1"),
    ]


async def test_another_due_date_is_told_and_changes_no_balance(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    path = f"/v1/items/{item['id']}/due-date"
    body = {"due_date": "2026-04-30", "reason_code": "late_delivery", "note": "agreed by phone"}

    stale = await cashapp.post(path, body, headers={"If-Match": '"7"'})
    changed = await cashapp.post(path, body, headers={"If-Match": '"1"'})
    refused = [
        await cashapp.post(path, body | change)
        for change in ({}, {"due_date": "2026-02-01"}, {"reason_code": ""}, {"due_date": "soon"})
    ]
    forbidden = await cashapp.post(path, body | {"due_date": "2026-05-01"}, role="collector")

    assert (stale.status_code, changed.status_code, forbidden.status_code) == (412, 200, 403)
    assert [one.status_code for one in refused] == [422] * 4
    assert (changed.json()["due_date"], changed.json()["version"], changed.headers["ETag"]) == ("2026-04-30", 2, '"2"')
    told = (await history(cashapp, item))["steps"][-1]
    assert (told["kind"], told["balance"], told["by"]) == ("due_date", "1000.00", "admin")
    assert told["detail"] == "due on 2026-04-30 instead of 2026-03-31: late_delivery, agreed by phone"
    _, event = await cashapp.events("item.posted", "item.updated")
    assert (kinds([event]), event.version) == (["item.updated"], 2)
    assert (event.item.due_date, event.posting.amount) == (date(2026, 4, 30), 0)  # type: ignore[attr-defined]
    receipt = await cashapp.receipt(customer_id="C-1")
    await cashapp.apply(receipt, takes(item, "1000.00"))
    assert (await cashapp.post(path, body | {"due_date": "2026-06-01"})).json()["code"] == "item_cleared"
    assert await cashapp.violations() == []


async def test_after_any_deeds_the_last_balance_of_every_history_is_the_items(cashapp: Cashapp) -> None:
    chance, company = random.Random(20261122), Company(cashapp)
    for _ in range(60):
        await chance.choice(DEEDS)(company, chance)

    items = (await cashapp.get("/v1/items", limit=500))["data"]

    assert len(items) > 5
    for item in items:
        told = await history(cashapp, item)
        assert told["steps"][-1]["balance"] == item["balance"], item["number"]
        assert len(told["steps"]) == item["version"]


async def test_an_unknown_item_has_no_history(cashapp: Cashapp) -> None:
    answer = await cashapp.client.get("/v1/items/itm_none/history", headers=bearer("auditor"))

    assert answer.status_code == 404
