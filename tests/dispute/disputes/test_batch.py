"""Many claims in one request: each is opened or refused by itself, by the same rules as one alone."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.dispute.desk import Desk, conserved
from tests.dispute.ledger import Ledger


def claim(*items: tuple[str, str | None], **changes: Any) -> dict[str, Any]:
    """Return a claim."""
    named = [{"item_id": item_id} | ({"disputed_amount": amount} if amount else {}) for item_id, amount in items]
    return {"customer_id": "C-1", "items": named, "reason_code": "price", "opened_on": "2026-03-02"} | changes


async def results(desk: Desk, *claims: Any) -> list[dict[str, Any]]:
    answer = await desk.post("/disputes/batch", {"disputes": claims})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


async def test_each_claim_is_a_case_of_its_own_told_in_its_turn(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "100.00"), ledger.post("itm_2", "200.00", customer="C-2"))

    first, second = await results(desk, claim(("itm_1", "10.00")), claim(("itm_2", None), customer_id="C-2"))

    assert [(one["number"], one["disputed_amount"]) for one in (first, second)] == [
        ("DSP-000001", "10.00"),
        ("DSP-000002", "200.00"),
    ]
    assert await desk.told() == [("dispute.opened", 1, "new")] * 2
    case = await desk.case(second["id"])
    assert [(line["action"], line["from_status"], line["to_status"]) for line in case["history"]] == [
        ("open", None, "new")
    ]


async def test_a_refused_claim_leaves_no_trace_and_keeps_no_other_from_being_opened(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "100.00"), ledger.post("itm_2", "50.00", customer="C-2"))

    found = await results(
        desk,
        claim(("itm_1", "60.00")),
        claim(("itm_1", "40.01")),
        claim(("itm_9", None)),
        claim(("itm_2", None)),
        claim(("itm_1", "1.001")),
        claim(("itm_1", None), reason_code="two words"),
        17,
        claim(("itm_1", "40.00")),
    )

    codes = [one.get("code", "opened") for one in found]
    assert codes == [
        "opened",
        "disputes_too_much",
        "unknown_item",
        "foreign_item",
        "too_many_decimals",
        "invalid",
        "invalid",
        "opened",
    ]
    assert [one["status"] for one in found[1:3]] == [409, 422]
    assert found[5]["errors"][0]["field"] == "reason_code"
    assert len(await desk.cases()) == len(await desk.told()) == 2


async def test_a_batch_of_which_no_claim_can_be_read_has_its_results_too(desk: Desk) -> None:
    found = await results(desk, 17, claim(("itm_1", None), reason_code="two words"))

    assert [(one["code"], one["status"]) for one in found] == [("invalid", 422)] * 2


async def test_a_batch_twice_under_one_key_opens_its_cases_once(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(ledger.post("itm_1", "100.00"))
    body = {"disputes": [claim(("itm_1", "10.00"))]}

    answers = [await desk.post("/disputes/batch", body, **{"Idempotency-Key": "k-1"}) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert len(await desk.cases()) == 1


async def test_batches_at_once_dispute_no_more_than_is_open(desk: Desk, ledger: Ledger) -> None:
    await desk.hear(*(ledger.post(f"itm_{one}", "100.00") for one in range(4)))
    claims = [claim((f"itm_{one}", "30.00")) for one in range(4)]

    turns = await asyncio.gather(*(results(desk, *(claims if turn % 2 else claims[::-1])) for turn in range(6)))

    assert Counter(one.get("code", "opened") for turn in turns for one in turn) == {
        "opened": 12,
        "disputes_too_much": 12,
    }
    assert all(conserved(case) for case in await desk.cases())


@pytest.mark.parametrize("disputes", [[], None, "x", [{}] * 501], ids=["none", "null", "text", "too many"])
async def test_a_batch_that_is_no_list_of_claims_is_refused(desk: Desk, disputes: Any) -> None:
    answer = await desk.post("/disputes/batch", {"disputes": disputes})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "disputes")


async def test_a_batch_that_names_more_items_than_are_locked_at_once_is_refused(desk: Desk) -> None:
    hundred = claim(*((f"itm_{one}", None) for one in range(100)))

    answer = await desk.post("/disputes/batch", {"disputes": [hundred] * 11})

    assert (answer.status_code, answer.json()["code"]) == (422, "batch_too_large")


async def test_who_may_not_open_a_case_opens_no_batch(desk: Desk) -> None:
    answer = await desk.post("/disputes/batch", {"disputes": [claim(("itm_1", None))]}, role="auditor")

    assert answer.status_code == 403
