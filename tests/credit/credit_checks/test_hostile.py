"""What a caller may get wrong with a credit check, and what goes wrong around one."""

import asyncio
from typing import Any

import pytest

from credit_service.app import create_app
from credit_service.settings import CreditSettings
from tests.credit.desk import DAY, CreditDesk
from tests.support.proxy import line_to
from tests.support.services import serving, settings_for, verifier

ORDER = {"customer_id": "C-1", "order_id": "SO-1", "amount": "100.00", "currency": "EUR", "as_of": DAY}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"customer_id": "nobody"}, "customer_id"),
        ({"customer_id": ""}, "customer_id"),
        ({"customer_id": "x" * 65}, "customer_id"),
        ({"order_id": None}, "order_id"),
        ({"order_id": "a\0b"}, "order_id"),
        ({"currency": "ISK", "amount": "100"}, "currency"),
        ({"currency": "XXQ"}, "currency"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": "-1.00"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": 100}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "999999999999999.99"}, None),
        ({"amount": "9" * 16}, "amount"),
        ({"checkpoint": "moon"}, "checkpoint"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"as_of": 20260302}, "as_of"),
        ({"requested_delivery_date": "tomorrow"}, "requested_delivery_date"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_mistake_is_named_and_reserves_nothing(
    desk: CreditDesk, change: dict[str, Any], field: str | None
) -> None:
    await desk.customer("C-1", limit="1000.00")

    answer = await desk.send("erp", "POST", "/v1/credit-checks", json=ORDER | change)

    if field is None:
        assert answer.json()["decision"] == "held"
    else:
        assert answer.status_code == 422
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await desk.exposure("C-1") == "0.00"


@pytest.mark.parametrize("content", [b"{", b"", b"\xff", b"[]", b"null", b'"text"', b'{"customer_id": "\\ud800"}'])
async def test_a_body_that_is_no_check_is_refused(desk: CreditDesk, content: bytes) -> None:
    answer = await desk.send(
        "erp", "POST", "/v1/credit-checks", content=content, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_an_unpaired_surrogate_is_refused_and_fails_nobody_else(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    bad = b'{"customer_id": "C-1", "order_id": "\\ud800", "amount": "1.00", "currency": "EUR"}'

    broken, good = await asyncio.gather(
        desk.send("erp", "POST", "/v1/credit-checks", content=bad, headers={"Content-Type": "application/json"}),
        desk.check("C-1", "SO-1", "10.00"),
    )

    assert broken.status_code in (400, 422)
    assert good.status_code == 201


async def test_an_exposure_that_no_column_holds_is_refused_and_fails_nobody_else(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await desk.limit("C-1", None)
    await desk.check("C-1", "SO-0", "999999999999999.00")

    absurd, good = await asyncio.gather(
        desk.check("C-1", "SO-1", "999999999999999.00"), desk.check("C-1", "SO-2", "0.50")
    )

    assert (absurd.status_code, absurd.json()["code"]) == (422, "amount_out_of_range")
    assert good.json()["decision"] == "approved"


async def test_another_media_type_is_refused_with_a_problem(desk: CreditDesk) -> None:
    answer = await desk.send(
        "erp", "POST", "/v1/credit-checks", content=b"amount=1", headers={"Content-Type": "text/plain"}
    )

    assert answer.status_code in (400, 415, 422)


async def test_an_unknown_parameter_is_refused(desk: CreditDesk) -> None:
    answer = await desk.send("erp", "POST", "/v1/credit-checks?dry_run=true", json=ORDER)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "dry_run")


async def test_without_a_token_or_the_scope_nothing_is_checked(desk: CreditDesk) -> None:
    anonymous = await desk.http.post("/v1/credit-checks", json=ORDER)
    collector = await desk.send("collector", "POST", "/v1/credit-checks", json=ORDER)

    assert (anonymous.status_code, collector.status_code) == (401, 403)


async def test_one_bad_check_fails_none_of_those_that_wait_with_it(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")

    answers = await asyncio.gather(
        *(desk.check("C-1" if number % 2 else "nobody", f"SO-{number}", "10.00") for number in range(20))
    )

    assert [answer.status_code for answer in answers] == [422, 201] * 10
    assert await desk.exposure("C-1") == "100.00"


async def test_a_batch_answers_each_check_with_its_decision_or_its_problem(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="150.00")
    checks: list[Any] = [
        ORDER,
        ORDER | {"order_id": "SO-2", "amount": "100.00"},
        ORDER | {"customer_id": "nobody", "order_id": "SO-3"},
        ORDER | {"order_id": "SO-4", "amount": "-1.00"},
        "no check at all",
        ORDER | {"order_id": "SO-1"},
        ORDER | {"order_id": "SO-5", "amount": "50.00"},
    ]

    results = (await desk.ask("erp", "POST", "/v1/credit-checks/batch", json={"checks": checks}))["results"]

    assert [result.get("decision") for result in results] == [
        "approved",
        "held",
        None,
        None,
        None,
        "approved",
        "approved",
    ]
    assert [result.get("code") for result in results[2:5]] == ["unknown_customer", "invalid_request", "invalid_request"]
    assert results[3]["errors"][0]["field"] == "amount"
    assert results[5]["id"] == results[0]["id"]
    assert await desk.exposure("C-1") == "150.00"


@pytest.mark.parametrize("checks", [[], [ORDER] * 1001, None, {}])
async def test_a_batch_has_one_to_a_thousand_checks(desk: CreditDesk, checks: Any) -> None:
    answer = await desk.send("erp", "POST", "/v1/credit-checks/batch", json={"checks": checks})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "checks")


async def test_a_dry_run_decides_and_changes_nothing(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")

    passing = await desk.check("C-1", "SO-1", "100.00", dry_run=True)
    failing = await desk.check("C-1", "SO-1", "100.01", dry_run=True)

    assert (passing.status_code, passing.json()["decision"], passing.json()["id"]) == (200, "approved", None)
    assert (failing.json()["decision"], failing.json()["hold_id"]) == ("held", None)
    assert await desk.exposure("C-1") == "0.00"
    assert (await desk.send("erp", "GET", "/v1/orders/SO-1")).status_code == 404


async def test_an_order_of_one_customer_is_not_taken_by_another(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.customer("C-2")

    answers = await asyncio.gather(*(desk.check(f"C-{number}", "SO-1", "10.00") for number in (1, 2)))

    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_while_the_database_is_away_no_order_is_approved(credit_database: str) -> None:
    async with line_to(credit_database) as (line, url):
        app = create_app(settings_for(url, CreditSettings), verifier=verifier())
        async with serving(app) as client:
            desk = CreditDesk(client)
            await desk.customer("C-1")
            line.cut()
            away = await desk.check("C-1", "SO-1", "10.00")
            line.mend()
            back = await desk.check("C-1", "SO-1", "10.00")

    assert (away.status_code, away.json()["code"]) == (503, "unavailable")
    assert (back.status_code, back.json()["decision"]) == (201, "approved")


async def test_while_the_database_is_away_the_policy_last_seen_says_what_to_do(credit_database: str) -> None:
    advice = {"action": "ship_below", "amount": "500.00", "currency": "EUR"}
    policy = {"rules": [{"rule": "static_limit"}], "when_unavailable": advice}
    async with line_to(credit_database) as (line, url):
        app = create_app(settings_for(url, CreditSettings), verifier=verifier())
        async with serving(app) as client:
            desk = CreditDesk(client)
            await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json=policy)
            await desk.customer("C-1")
            await desk.check("C-1", "SO-1", "10.00")
            line.cut()
            seen = await desk.check("C-1", "SO-2", "10.00")
            unseen = await desk.check("C-2", "SO-3", "10.00")
            checks = [ORDER | {"customer_id": f"C-{number}", "order_id": f"SO-{number}"} for number in (1, 2)]
            listed = await desk.send("erp", "POST", "/v1/credit-checks/batch", json={"checks": checks})

    assert [answer.status_code for answer in (seen, unseen, listed)] == [503, 503, 503]
    assert seen.json()["when_unavailable"] == advice
    assert "less than 500.00 EUR" in seen.json()["detail"]
    assert unseen.json()["when_unavailable"] == listed.json()["when_unavailable"] == {"action": "hold"}


async def test_a_connection_that_was_lost_meanwhile_costs_no_check(credit_database: str) -> None:
    async with line_to(credit_database) as (line, url):
        app = create_app(settings_for(url, CreditSettings), verifier=verifier())
        async with serving(app) as client:
            desk = CreditDesk(client)
            await desk.customer("C-1")
            await desk.check("C-1", "SO-1", "10.00")
            line.drop()

            answer = await desk.check("C-1", "SO-2", "10.00")

    assert answer.status_code == 201


@pytest.mark.parametrize("field", ["customer_id", "order_id", "order_type", "payment_terms"])
async def test_a_check_with_a_card_number_is_refused_and_leaves_no_trace(desk: CreditDesk, field: str) -> None:
    await desk.customer("C-1")
    order = {"customer_id": "C-1", "order_id": "SO-1", "amount": "1.00", "currency": "EUR"}
    bad = order | {field: "4111 1111 1111 1111"}

    one = await desk.send("erp", "POST", "/v1/credit-checks", json=bad)
    many = await desk.send("erp", "POST", "/v1/credit-checks/batch", json={"checks": [order, bad]})

    assert [answer.status_code for answer in (one, many)] == [422, 422]
    assert [answer.json()["code"] for answer in (one, many)] == ["card_number", "card_number"]
    assert [error["field"] for error in many.json()["errors"]] == [f"checks.1.{field}"]
    assert await desk.exposure("C-1", "open_orders") == "0.00"
