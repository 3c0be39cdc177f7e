"""A caller's mistake is a problem document that names the field and the remedy, and nothing is half done."""

from typing import Any
from uuid import uuid4

import pytest

from tests.flows.world import DAY, World, bank_credit, bank_file

pytestmark = pytest.mark.stack

CHECK = {"customer_id": "?", "order_id": "SO-bad", "amount": "10.00", "currency": "EUR"}
ITEM = {
    "number": "RE-bad",
    "kind": "invoice",
    "customer_id": "?",
    "issue_date": "2026-03-02",
    "due_date": "2026-04-01",
    "amount": "10.00",
    "currency": "EUR",
}
RECEIPT = {"method": "wire", "amount": "10.00", "currency": "EUR", "value_date": "2026-03-02", "customer_id": "?"}
PROMISE = {"customer_id": "?", "promised_on": "2026-04-01", "amount": "10.00", "currency": "EUR"}
DISPUTE = {"customer_id": "?", "items": [], "reason_code": "price", "description": "x", "source": "call"}
BODIES = {
    "/v1/credit-checks": ("erp", CHECK),
    "/v1/items": ("erp", ITEM),
    "/v1/receipts": ("ar_specialist", RECEIPT),
    "/v1/promises": ("collector", PROMISE),
}

MISTAKES = [
    ({"customer_id": "nobody"}, "customer_id"),
    ({"currency": "EURO"}, "currency"),
    ({"currency": "ZZZ"}, "currency"),
    ({"amount": "10.001"}, "amount"),
    ({"currency": "JPY", "amount": "10.50"}, "amount"),
    ({"amount": "-10.00"}, "amount"),
    ({"amount": "0.00"}, "amount"),
    ({"amount": "1" + "0" * 30}, "amount"),
    ({"amount": 10.0}, "amount"),
    ({"amount": "ten"}, "amount"),
    ({"colour": "red"}, "colour"),
    ({"customer_id": None}, "customer_id"),
]


@pytest.fixture(scope="module")
async def customer(world: World) -> str:
    return await world.customer()


def expect_problem(answer: Any, *, field: str | None) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    if field is not None:
        assert field in [error["field"] for error in problem["errors"]], problem
        assert all(error["detail"] for error in problem["errors"])


@pytest.mark.parametrize(
    ("path", "mistake", "field"),
    [
        (path, mistake, field)
        for path in BODIES
        for mistake, field in MISTAKES
        # A receipt may have an unknown payer.
        if (path, mistake) != ("/v1/receipts", {"customer_id": None})
    ],
)
async def test_a_mistake_in_a_field_is_named(
    world: World, customer: str, path: str, mistake: dict[str, Any], field: str
) -> None:
    role, body = BODIES[path]

    answer = await world.request(role, "POST", path, json=body | {"customer_id": customer} | mistake)

    expect_problem(answer, field=field)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/items", "issue_date"),
        ("/v1/receipts", "value_date"),
        ("/v1/promises", "promised_on"),
        ("/v1/credit-checks", "as_of"),
    ],
)
@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "02/03/2026", "today", 20260302])
async def test_a_day_that_does_not_exist_is_named(world: World, customer: str, path: str, field: str, day: Any) -> None:
    role, body = BODIES[path]

    expect_problem(
        await world.request(role, "POST", path, json=body | {"customer_id": customer, field: day}), field=field
    )


@pytest.mark.parametrize("path", [*BODIES, "/v1/disputes", "/v1/limit-requests", "/v1/activities", "/v1/items/batch"])
@pytest.mark.parametrize("content", [b"{", b"", b"\xff", b"[]", b"null", b'"text"', b"1" * 100, b"[" * 50_000])
async def test_a_body_that_is_no_object_is_refused(world: World, path: str, content: bytes) -> None:
    answer = await world.request("admin", "POST", path, content=content, headers={"Content-Type": "application/json"})

    expect_problem(answer, field=None)


@pytest.mark.parametrize("path", [*BODIES, "/v1/disputes"])
async def test_a_body_that_is_too_large_is_refused(world: World, path: str) -> None:
    answer = await world.request("admin", "POST", path, json={"customer_id": "x" * 5_000_000})

    expect_problem(answer, field=None)
    assert answer.status_code == 413


async def test_a_check_in_another_currency_than_the_account_without_a_rate_names_the_currency(
    world: World, customer: str
) -> None:
    body = CHECK | {"customer_id": customer, "currency": "ISK", "amount": "1000"}

    expect_problem(await world.request("erp", "POST", "/v1/credit-checks", json=body), field="currency")


async def test_one_bad_check_in_a_batch_leaves_the_others_alone(world: World) -> None:
    customer = await world.customer()
    checks = [
        CHECK | {"customer_id": customer, "order_id": f"SO-{uuid4().hex}"},
        CHECK | {"customer_id": "nobody", "order_id": f"SO-{uuid4().hex}"},
        CHECK | {"customer_id": customer, "order_id": f"SO-{uuid4().hex}"},
    ]

    answer = await world.ask("erp", "POST", "/v1/credit-checks/batch", json={"checks": checks})

    assert [result.get("decision") for result in answer["results"]] == ["approved", None, "approved"]
    assert answer["results"][1]["status"] == 422
    await world.expect_exposure(customer, open_orders="20.00")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"not a bank file at all", "recognised"),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><Document>&a;</Document>", "recognised"),
        (b":20:1\r\n:25:123/456\r\n:28C:1\r\n:60F:C260302EUR10,00\r\n:61:garbage\r\n:62F:C260302EUR10,00\r\n", "line"),
        (b"\x00" * 1000, "recognised"),
    ],
)
async def test_a_file_that_cannot_be_read_is_a_failed_job_that_says_why(
    world: World, content: bytes, word: str
) -> None:
    files = {"file": ("statement", content)}
    answer = await world.request(
        "erp", "POST", "/v1/imports", files=files, data={"kind": "bank_statement", "create_accounts": "true"}
    )
    if answer.is_success:
        job = await world.job("erp", answer.json())
        told = f"{job['errors']} {job['result']}"
        assert job["status"] == "failed" or job["errors"], job
    else:
        expect_problem(answer, field=None)
        told = answer.text
    assert word.lower() in told.lower(), told


async def test_a_statement_whose_totals_fail_takes_nothing_and_names_the_total(world: World) -> None:
    payer = f"Broken {uuid4().hex}"
    content = bank_file(
        bank_credit("10.00", "x", paid_on=DAY, payer=payer, account="DE00000000000000000042"),
        bank_credit("20.00", "y", paid_on=DAY, payer=payer, account="DE00000000000000000042"),
    ).replace(b">20.00<", b">21.00<")

    job = await world.import_file(content)

    assert job["status"] == "failed", job
    unidentified = (await world.get("ar_specialist", "/v1/receipts", status="unidentified", limit=500))["data"]
    assert payer not in [receipt["payer_name"] for receipt in unidentified]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/customers/none"),
        ("GET", "/v1/orders/none"),
        ("GET", "/v1/items/none"),
        ("GET", "/v1/receipts/none"),
        ("GET", "/v1/promises/none"),
        ("GET", "/v1/disputes/none"),
        ("GET", "/v1/jobs/none"),
        ("GET", "/v1/nothing"),
        ("GET", "/v1/customers/%00"),
        ("GET", "/v1/customers/none/credit"),
    ],
)
async def test_what_does_not_exist_is_404_with_a_remedy(world: World, method: str, path: str) -> None:
    answer = await world.request("admin", method, path)

    expect_problem(answer, field=None)
    assert answer.status_code in (404, 422, 400)


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=zzz", "stauts=open", "as_of=2026-02-30"])
async def test_a_bad_filter_is_refused_not_ignored(world: World, query: str) -> None:
    name = query.split("=")[0]

    expect_problem(await world.request("admin", "GET", f"/v1/items?{query}"), field=name)


async def test_a_caller_without_a_token_or_with_too_small_a_role_is_refused(world: World) -> None:
    for role, path, status in (("auditor", "/v1/items", 403), ("collector", "/v1/credit-checks", 403)):
        answer = await world.request(role, "POST", path, json={})
        assert answer.status_code == status
    anonymous = await world.request("erp", "GET", "/v1/items", headers={"Authorization": ""})
    assert anonymous.status_code == 401
