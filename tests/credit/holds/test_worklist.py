"""The analyst's worklist: what waits, whose it is, what it is worth, and what is left of the credit."""

from typing import Any

import pytest

from shared.unit_of_work import Units
from tests.credit.conduct import deliver
from tests.credit.desk import DAY, CreditDesk
from tests.credit.ledger import invoice, receipt
from tests.credit.releases.test_routes import release


async def worklist(desk: CreditDesk, **params: Any) -> list[Any]:
    """Return every page of the list, in small pages."""
    found: list[Any] = []
    cursor = None
    while True:
        more: dict[str, str] = {"cursor": cursor} if cursor else {}
        page = await desk.ask("credit_analyst", "GET", "/v1/holds", params={"limit": 2, "as_of": DAY} | params | more)
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def numbers(holds: list[Any]) -> list[str]:
    return [hold["order_id"] for hold in holds]


async def held_orders(desk: CreditDesk) -> None:
    """Hold five orders of two customers with an analyst each."""
    await desk.customer("C-1", limit="1.00", credit_analyst="n.berg", name="Nordlicht Handel")
    await desk.customer("C-2", limit="1.00", credit_analyst="o.sund", name="Süd & Söhne")
    for customer_id, order_id, amount, day, delivery in (
        ("C-1", "SO-1", "30.00", "2026-02-20", "2026-04-01"),
        ("C-1", "SO-2", "10.00", "2026-02-10", None),
        ("C-2", "SO-3", "20.00", "2026-03-02", "2026-03-10"),
        ("C-2", "SO-4", "20.00", "2026-02-10", "2026-03-10"),
        ("C-2", "SO-5", "40.00", "2026-03-01", None),
    ):
        await desk.check(customer_id, order_id, amount, as_of=day, requested_delivery_date=delivery)


async def test_the_list_is_sorted_and_its_pages_leave_nothing_out(desk: CreditDesk) -> None:
    await held_orders(desk)

    assert {sort: numbers(await worklist(desk, sort=sort)) for sort in ("age", "amount", "delivery_date")} == {
        "age": ["SO-2", "SO-4", "SO-1", "SO-5", "SO-3"],
        "amount": ["SO-5", "SO-1", "SO-4", "SO-3", "SO-2"],
        "delivery_date": ["SO-3", "SO-4", "SO-1", "SO-2", "SO-5"],
    }


FILTERS: list[tuple[dict[str, str], list[str]]] = [
    ({"analyst": "n.berg"}, ["SO-2", "SO-1"]),
    ({"analyst": "nobody"}, []),
    ({"customer_id": "C-2"}, ["SO-4", "SO-5", "SO-3"]),
    ({"order_id": "SO-3"}, ["SO-3"]),
    ({"rule": "static_limit"}, ["SO-2", "SO-4", "SO-1", "SO-5", "SO-3"]),
    ({"rule": "account_blocked"}, []),
    ({"manual": "true"}, []),
    ({"min_amount": "20.00"}, ["SO-4", "SO-1", "SO-5", "SO-3"]),
    ({"min_amount": "20.01"}, ["SO-1", "SO-5"]),
    ({"delivery_before": "2026-03-11"}, ["SO-4", "SO-3"]),
    ({"delivery_before": "2026-03-10"}, []),
    ({"analyst": "o.sund", "min_amount": "40", "status": "open"}, ["SO-5"]),
    ({"status": "released"}, []),
]


async def test_the_list_is_filtered(desk: CreditDesk) -> None:
    await held_orders(desk)

    found = [(wanted, numbers(await worklist(desk, **wanted))) for wanted, _ in FILTERS]

    assert found == FILTERS


async def test_an_entry_says_what_an_analyst_has_to_know(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00", credit_analyst="n.berg")
    await deliver(units, invoice("1", "C-1", "700.00").event())
    await desk.check("C-1", "SO-1", "400.00", as_of="2026-02-20", requested_delivery_date="2026-04-01")

    [hold] = await worklist(desk)

    assert {name: hold[name] for name in ("amount", "currency", "open_amount", "requested_delivery_date")} == {
        "amount": "400.00",
        "currency": "EUR",
        "open_amount": "400.00",
        "requested_delivery_date": "2026-04-01",
    }
    assert (hold["customer_name"], hold["credit_analyst"], hold["risk_class"]) == ("Nordlicht Handel", "n.berg", "C")
    assert (hold["opened_on"], hold["age_days"]) == ("2026-02-20", 10)
    assert (hold["exposure"], hold["credit_limit"], hold["available"]) == ("700.00", "1000.00", "300.00")
    assert {kind: way["amount"] for kind, way in hold["what_would_release"].items()} == {
        "payment": "100.00",
        "limit": "1100.00",
        "reduction": "300.00",
    }


async def test_what_is_told_to_release_an_order_releases_it(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await deliver(units, invoice("1", "C-1", "700.00").event())
    await desk.check("C-1", "SO-1", "400.00")
    [hold] = await worklist(desk)
    [missing, enough] = receipt("1", "C-1", "99.99"), receipt("2", "C-1", "0.01")

    await deliver(units, missing.event())
    before = (await desk.order("SO-1"))["status"]
    await deliver(units, enough.event())

    assert hold["what_would_release"]["payment"]["amount"] == "100.00"
    assert (before, (await desk.order("SO-1"))["status"]) == ("held", "released")


async def test_nothing_but_a_person_releases_what_a_person_holds(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "400.00")
    body = {"order_id": "SO-1", "reason_code": "rumour", "as_of": DAY}
    await desk.ask("credit_analyst", "POST", "/v1/holds", json=body)

    [hold] = await worklist(desk, manual="true", rule="manual")

    assert hold["what_would_release"] == {"payment": None, "limit": None, "reduction": None}


async def test_amounts_of_another_currency_are_told_in_both(desk: CreditDesk) -> None:
    rates = {"base": "EUR", "rates": {"JPY": "160"}}
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-01", json=rates)
    await desk.customer("C-1", limit="1.00")
    await desk.check("C-1", "SO-1", "16000", currency="JPY")

    [hold] = await worklist(desk, min_amount="100.00")

    assert (hold["amount"], hold["currency"], hold["order_value"], hold["account_currency"]) == (
        "16000",
        "JPY",
        "100.00",
        "EUR",
    )


async def test_where_the_limit_is_unmanaged_nothing_is_said_of_what_is_left(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await desk.limit("C-1", None)
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/block", json={"reason": "press"})
    await desk.check("C-1", "SO-1", "400.00")

    [hold] = await worklist(desk)

    assert (hold["credit_limit"], hold["available"]) == (None, None)


async def test_what_waits_is_asked_for_in_both_its_states(desk: CreditDesk) -> None:
    await held_orders(desk)
    holds = {hold["order_id"]: hold["id"] for hold in await worklist(desk)}
    await desk.check("C-1", "SO-6", "50000.01", as_of="2026-03-02")
    [big] = await worklist(desk, order_id="SO-6")
    await release(desk, big["id"])
    await release(desk, holds["SO-5"])

    waiting = await worklist(desk, status=["open", "release_requested"])
    requested = await worklist(desk, status="release_requested")

    assert sorted(numbers(waiting)) == ["SO-1", "SO-2", "SO-3", "SO-4", "SO-6"]
    assert [(hold["order_id"], hold["release_request"]["requested_by"]) for hold in requested] == [
        ("SO-6", "credit_analyst")
    ]


async def test_a_hold_tells_its_history_and_its_version(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1.00")
    hold_id = (await desk.check("C-1", "SO-1", "60000.00")).json()["hold_id"]
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/block", json={"reason": "press"})
    await release(desk, hold_id)
    await release(desk, hold_id, "credit_manager")

    answer = await desk.send("credit_analyst", "GET", f"/v1/holds/{hold_id}", params={"as_of": DAY})

    history = [(line["version"], line["status"], line["rules"], line["actor"]) for line in answer.json()["history"]]
    both = ["static_limit", "account_blocked"]
    assert history == [
        (1, "open", ["static_limit"], "erp"),
        (2, "open", both, "system"),
        (3, "release_requested", both, "credit_analyst"),
        (4, "released", both, "credit_manager"),
    ]
    assert answer.headers["ETag"] == '"4"'


async def test_a_hold_that_does_not_exist_is_404(desk: CreditDesk) -> None:
    answer = await desk.send("credit_analyst", "GET", "/v1/holds/hld_none")

    assert (answer.status_code, answer.json()["code"]) == (404, "hold_not_found")


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"sort": "size"}, "sort"),
        ({"status": "gone"}, "status.0"),
        ({"min_amount": "-1"}, "min_amount"),
        ({"min_amount": "NaN"}, "min_amount"),
        ({"min_amount": "1" * 40}, "min_amount"),
        ({"delivery_before": "2026-02-30"}, "delivery_before"),
        ({"as_of": "3000-01-01"}, "as_of"),
        ({"cursor": "nonsense"}, "cursor"),
    ],
)
async def test_a_malformed_question_is_refused_by_its_field(
    desk: CreditDesk, params: dict[str, str], field: str
) -> None:
    answer = await desk.send("credit_analyst", "GET", "/v1/holds", params=params)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize(
    "params", [{"cursor": "WyJkMjAyNi0wMy0wMSIsICJzXHUwMDAwIl0"}, {"customer_id": "a\0b"}, {"rule": "a\0b"}]
)
async def test_a_nul_character_is_refused_wherever_it_hides(desk: CreditDesk, params: dict[str, str]) -> None:
    assert (await desk.send("credit_analyst", "GET", "/v1/holds", params=params)).status_code == 422


async def test_a_cursor_of_another_order_is_refused(desk: CreditDesk) -> None:
    await held_orders(desk)
    page = await desk.ask("credit_analyst", "GET", "/v1/holds", params={"limit": 1, "sort": "amount"})

    answer = await desk.send("credit_analyst", "GET", "/v1/holds", params={"cursor": page["next_cursor"]})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


async def test_who_may_not_read_credit_sees_no_holds(desk: CreditDesk) -> None:
    answers = [await desk.http.get("/v1/holds"), await desk.http.get("/v1/holds/hld_1")]

    assert [answer.status_code for answer in answers] == [401, 401]
