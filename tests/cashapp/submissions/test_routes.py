"""How documents reach the customer."""

import asyncio
from typing import Any

import pytest

from cashapp_service.customers.handlers import on_customer_changed
from shared.events.credit import CustomerState, CustomerUpdated, PaymentRequirements
from tests.cashapp.driver import Cashapp, takes


async def submit(cashapp: Cashapp, item: dict[str, Any], channel: str = "portal", **fields: str) -> tuple[int, Any]:
    """Record a submission sent the day after the issue, and return the answer."""
    body = {"channel": channel, "submitted_on": "2026-03-02"} | fields
    answer = await cashapp.post(f"/v1/items/{item['id']}/submissions", body)
    return answer.status_code, answer.json()


async def requires(cashapp: Cashapp, **requirements: Any) -> None:
    """Have credit-service tell what C-1 needs in order to pay."""
    state = CustomerState(
        customer_id="C-1",
        name="Handel C-1",
        country="DE",
        currency="EUR",
        payment_terms="net 30",
        payment_requirements=PaymentRequirements(**requirements),
    )
    async with cashapp.units.begin() as uow:
        await on_customer_changed(uow, CustomerUpdated(version=2, customer=state))


async def state_of(cashapp: Cashapp, item: dict[str, Any]) -> str:
    return str((await cashapp.item(item["id"]))["submission"])


async def test_a_submission_moves_forward_and_a_repeat_changes_nothing(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    assert await state_of(cashapp, item) == "pending"

    sent = await submit(cashapp, item, reference="A-1")
    assert await state_of(cashapp, item) == "submitted"
    arrived = await submit(cashapp, item, reference="A-1", status="delivered", status_on="2026-03-03")
    late_repeat = await submit(cashapp, item, reference="A-1")
    assert await state_of(cashapp, item) == "delivered"
    rejected = await submit(cashapp, item, reference="A-1", status="failed", failure_reason="no such order")

    assert [one[0] for one in (sent, arrived, late_repeat, rejected)] == [201, 200, 200, 200]
    assert {one[1]["id"] for one in (sent, arrived, late_repeat, rejected)} == {sent[1]["id"]}
    assert late_repeat[1]["status"] == "delivered"
    assert await state_of(cashapp, item) == "failed"
    (found,) = (await cashapp.get(f"/v1/items/{item['id']}/submissions"))["data"]
    assert [(one["status"], one["recorded_by"]) for one in found["steps"]] == [
        ("submitted", "admin"),
        ("delivered", "admin"),
        ("failed", "admin"),
    ]


async def test_what_failed_is_sent_again_and_does_not_come_back_to_life(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    await submit(cashapp, item, reference="A-1", status="failed", failure_reason="portal closed")

    back = await submit(cashapp, item, reference="A-1", status="delivered")
    again = await submit(cashapp, item, "email", reference="A-2")
    arrived = await submit(cashapp, item, "email", status="delivered")

    assert (back[0], back[1]["code"]) == (409, "submission_not_forward")
    assert [error["field"] for error in back[1]["errors"]] == ["status"]
    assert (again[0], arrived[0], arrived[1]["position"]) == (201, 200, 2)
    assert await state_of(cashapp, item) == "delivered"
    await submit(cashapp, item, "post", reference="a copy")
    assert await state_of(cashapp, item) == "delivered"


async def test_instalments_are_sent_as_one_document(cashapp: Cashapp) -> None:
    first = await cashapp.invoice(payment_terms="30% 10, 70% 60")
    second = first["instalments"][1]

    await submit(cashapp, second, reference="A-1")
    moved = await submit(cashapp, first, reference="A-1", status="delivered")

    assert moved[0] == 200
    assert [await state_of(cashapp, one) for one in (first, second)] == ["delivered"] * 2
    assert len((await cashapp.get("/v1/items", submission="delivered"))["data"]) == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"status": "failed"}, "failure_reason"),
        ({"status": "delivered", "failure_reason": "lost"}, "failure_reason"),
        ({"submitted_on": "2026-02-28"}, "submitted_on"),
        ({"status": "delivered", "status_on": "2026-03-01"}, "status_on"),
        ({"channel": "fax"}, "channel"),
        ({"status": "pending"}, "status"),
        ({"reference": "x" * 201}, "reference"),
    ],
)
async def test_a_report_that_makes_no_sense_is_refused(cashapp: Cashapp, fields: dict[str, str], field: str) -> None:
    item = await cashapp.invoice()

    status, answer = await submit(cashapp, item, **fields)

    assert (status, [one["field"] for one in answer["errors"]]) == (422, [field])
    assert (await cashapp.get(f"/v1/items/{item['id']}/submissions"))["data"] == []


async def test_only_who_writes_items_records_submissions_and_unknown_items_have_none(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    body = {"channel": "email"}

    forbidden = await cashapp.post(f"/v1/items/{item['id']}/submissions", body, role="auditor")
    unknown = await cashapp.post("/v1/items/itm_none/submissions", body)

    assert (forbidden.status_code, unknown.status_code) == (403, 404)


async def test_letters_are_marked_as_mailed_many_at_once_and_once(cashapp: Cashapp) -> None:
    items = [await cashapp.invoice(f"RE-{n}") for n in range(3)]
    body = {"item_ids": [one["id"] for one in items] + ["itm_none"], "mailed_on": "2026-03-02", "reference": "list 7"}

    first = await cashapp.post("/v1/submissions/mailed", body)
    second = await cashapp.post("/v1/submissions/mailed", body)
    early = await cashapp.post("/v1/submissions/mailed", body | {"mailed_on": "2026-02-01"})

    assert [one["result"] for one in first.json()["results"]] == ["marked"] * 3 + ["not_found"]
    assert [one["result"] for one in second.json()["results"]] == ["unchanged"] * 3 + ["not_found"]
    assert early.status_code == 422
    assert len((await cashapp.get("/v1/items", submission="delivered"))["data"]) == 3


async def test_reports_of_one_submission_at_once_make_one(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()

    answers = await asyncio.gather(*(submit(cashapp, item, reference="A-1") for _ in range(6)))

    assert sorted(status for status, _ in answers) == [200] * 5 + [201]


async def test_what_is_not_delivered_by_its_day_is_listed_with_what_stands_in_the_way(cashapp: Cashapp) -> None:
    items = {
        name: await cashapp.invoice(name, issue_date=day, po_number=po)
        for name, day, po in [
            ("A-late", "2026-03-01", "PO-1"),
            ("B-failed", "2026-03-05", "PO-1"),
            ("C-no-po", "2026-03-05", None),
            ("D-sent", "2026-03-02", "PO-1"),
            ("E-in-time", "2026-03-04", "PO-1"),
            ("F-delivered", "2026-03-01", "PO-1"),
            ("G-paid", "2026-03-01", "PO-1"),
        ]
    }
    await requires(cashapp, po_required=True, portal="ariba.example", submission_channel="portal")
    await submit(cashapp, items["B-failed"], submitted_on="2026-03-05", status="failed", failure_reason="order closed")
    await submit(cashapp, items["D-sent"], "email")
    await submit(cashapp, items["F-delivered"], status="delivered")
    receipt = await cashapp.receipt(customer_id="C-1")
    await cashapp.apply(receipt, takes(items["G-paid"], "1000.00"))

    found = await cashapp.get("/v1/undelivered-items", as_of="2026-03-06", limit=3)
    rest = await cashapp.get("/v1/undelivered-items", as_of="2026-03-06", cursor=found["next_cursor"])

    shown = {one["number"]: (one["days_late"], [why["code"] for why in one["obstacles"]]) for one in found["data"]}
    assert shown == {
        "A-late": (3, ["not_submitted"]),
        "D-sent": (2, ["wrong_channel", "not_confirmed"]),
        "B-failed": (0, ["portal_rejected"]),
    }
    assert [(one["number"], one["obstacles"][0]["code"]) for one in rest["data"]] == [("C-no-po", "po_missing")]
    assert found["data"][0]["customer_name"] == "Handel C-1"
    await cashapp.invoice("H-request", issue_date="2026-03-06", po_number="PO-1", kind="down_payment_request")
    to_raise = await cashapp.get("/v1/undelivered-items", as_of="2026-03-06", kind="down_payment_request")
    assert [one["number"] for one in to_raise["data"]] == ["H-request"]
    tomorrow = await cashapp.get("/v1/undelivered-items", as_of="2026-03-07", customer_id="C-1", kind="invoice")
    assert "E-in-time" in [one["number"] for one in tomorrow["data"]]
    assert (await cashapp.get("/v1/undelivered-items", as_of="2026-03-07", company_code="2000"))["data"] == []


async def test_the_submissions_of_a_document_come_page_by_page(cashapp: Cashapp) -> None:
    item = await cashapp.invoice()
    for number in range(5):
        await submit(cashapp, item, reference=f"A-{number}")

    path, found, cursor = f"/v1/items/{item['id']}/submissions", [], None
    while True:
        page = await cashapp.get(path, limit=2, **({"cursor": cursor} if cursor else {}))
        found += [(one["position"], one["reference"], len(one["steps"])) for one in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert found == [(number + 1, f"A-{number}", 1) for number in range(5)]
