from typing import Any

import httpx
from sqlalchemy import text

from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk


async def review(
    desk: CreditDesk, customer_id: str = "C-1", role: str = "credit_analyst", **more: Any
) -> httpx.Response:
    body = {"outcome": "confirmed", "note": "statements seen", "reviewed_on": "2026-03-02"} | more
    return await desk.send(role, "POST", f"/v1/customers/{customer_id}/reviews", json=body)


async def due(desk: CreditDesk, **params: Any) -> list[Any]:
    page = await desk.ask("auditor", "GET", "/v1/reviews", params={"as_of": "2026-03-02"} | params)
    return list(page["data"])


async def test_a_review_sets_the_next_one_after_the_months_of_its_class(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answer = await review(desk)

    assert (answer.status_code, answer.json()["next_review_on"], answer.json()["due_on"]) == (201, "2026-09-02", None)
    assert (await desk.credit("C-1"))["next_review_on"] == "2026-09-02"


async def test_a_review_may_name_the_next_day_and_is_kept_with_the_file(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await review(desk, next_review_on="2026-04-01")
    await review(desk, reviewed_on="2026-04-03", next_review_on="2026-05-01", outcome="problem", note="late")

    page = await desk.ask("auditor", "GET", "/v1/customers/C-1/reviews")

    assert [(one["reviewed_on"], one["due_on"], one["outcome"]) for one in page["data"]] == [
        ("2026-04-03", "2026-04-01", "problem"),
        ("2026-03-02", None, "confirmed"),
    ]
    async with units.read() as session:
        kinds = await session.execute(
            text("select kind, new ->> 'next_review_on' from journal_entries order by position")
        )
        entries = [row[1] for row in kinds if row[0] == "account.reviewed"]
    assert entries == ["2026-04-01", "2026-05-01"]


async def test_a_review_releases_what_was_held_because_it_was_due(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await desk.limit("C-1", "1000.00", review_on="2026-03-01")
    policy = {"rules": [{"rule": "review_due", "reaction": "hold"}]}
    await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json=policy)
    held = (await desk.check("C-1", "SO-1", "10.00")).json()

    await review(desk)

    assert [reason["rule"] for reason in held["reasons"]] == ["review_due"]
    assert (await desk.order("SO-1"))["status"] == "released"


async def test_what_is_due_is_listed_most_overdue_first(desk: CreditDesk) -> None:
    for customer_id, day in (
        ("C-1", "2026-02-20"),
        ("C-2", "2026-02-10"),
        ("C-3", "2026-03-02"),
        ("C-4", "2026-03-03"),
    ):
        await desk.customer(customer_id, limit=None)
        await desk.limit(customer_id, "1000.00", review_on=day)
    await desk.customer("C-5")

    listed = await due(desk)

    assert [(one["customer_id"], one["days_overdue"]) for one in listed] == [("C-2", 20), ("C-1", 10), ("C-3", 0)]
    assert {one["customer_id"] for one in await due(desk, due_before="2026-03-04")} == {"C-1", "C-2", "C-3", "C-4"}
    assert await due(desk, due_before="2026-02-10") == []


async def test_the_list_pages_by_day_and_number(desk: CreditDesk) -> None:
    for customer_id in ("C-1", "C-2", "C-3"):
        await desk.customer(customer_id, limit=None)
        await desk.limit(customer_id, "1000.00", review_on="2026-02-20", valid_until="2026-02-2" + customer_id[-1])
    params: dict[str, Any] = {"as_of": "2026-03-02", "limit": 1, "expiring_within_days": 0}
    seen = []

    while True:
        page = await desk.ask("auditor", "GET", "/v1/reviews", params=params)
        seen += [one["customer_id"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]

    assert seen == ["C-1", "C-2", "C-3"]


async def test_limits_that_end_soon_are_listed_where_asked_for(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await desk.limit("C-1", "1000.00", valid_until="2026-03-12")
    await desk.customer("C-2")
    await desk.limit("C-2", "5000.00", temporary=True, valid_until="2026-03-05")

    listed = await due(desk, expiring_within_days=10)

    assert [(one["customer_id"], one["due_on"], one["reasons"]) for one in listed] == [
        ("C-2", "2026-03-05", ["temporary_increase_ends"]),
        ("C-1", "2026-03-12", ["limit_expires"]),
    ]
    assert [one["customer_id"] for one in await due(desk, expiring_within_days=9)] == ["C-2"]
    assert await due(desk) == []


async def test_an_entry_tells_exposure_limit_class_and_who_watches(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None, credit_analyst="ana")
    await desk.limit("C-1", "1000.00", review_on="2026-03-01", risk_class="B")
    await desk.check("C-1", "SO-1", "250.00")

    (entry,) = await due(desk, analyst="ana", risk_class="B")

    told = {name: entry[name] for name in ("name", "exposure", "effective_limit", "utilisation", "risk_class")}
    assert told == {
        "name": "Nordlicht Handel",
        "exposure": "250.00",
        "effective_limit": "1000.00",
        "utilisation": "0.2500",
        "risk_class": "B",
    }
    assert await due(desk, analyst="bob") == []
    assert await due(desk, risk_class="C") == []


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"next_review_on": "2026-03-02"}, "next_review_on"),
    ({"note": ""}, "note"),
    ({"outcome": "fine"}, "outcome"),
    ({"reviewed_on": "2026-02-30"}, "reviewed_on"),
    ({"reviewed_on": "2999-12-31"}, "next_review_on"),
]


async def test_a_mistake_is_named(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    for change, field in MISTAKES:
        answer = await review(desk, **change)

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field], change


async def test_who_may_review(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answers = [await review(desk, role=role) for role in ("collector", "auditor", "credit_manager")]

    assert [answer.status_code for answer in answers] == [403, 403, 201]


async def test_a_customer_that_does_not_exist_is_404(desk: CreditDesk) -> None:
    assert (await review(desk)).status_code == 404
    assert (await desk.send("auditor", "GET", "/v1/customers/C-1/reviews")).status_code == 404


async def test_days_at_the_end_of_the_calendar_are_answered(desk: CreditDesk) -> None:
    assert await due(desk, as_of="2999-12-31", expiring_within_days=366) == []
    assert (await desk.send("auditor", "GET", "/v1/reviews", params={"expiring_within_days": 367})).status_code == 422
