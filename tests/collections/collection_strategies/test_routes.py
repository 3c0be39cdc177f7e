"""Collection strategies over HTTP: versions, and rules that make sense."""

import asyncio
from typing import Any

import pytest

from collections_service.collection_strategies.domain import Strategy, strategy_for
from tests.collections.desk import Desk

PATH = "/v1/collection-strategies/key-accounts"
BODY: dict[str, Any] = {"name": "Key accounts", "rules": [{"rule": "days_past_due", "days": 30, "points": 10}]}


async def put(desk: Desk, body: dict[str, Any] = BODY, *, role: str = "credit_manager", **headers: str) -> Any:
    return await desk.ask("PUT", PATH, role=role, json=body, headers=headers)


async def test_a_default_strategy_stands_ready(desk: Desk) -> None:
    default = await desk.get("/v1/collection-strategies/default")

    assert (default["id"], default["version"], default["portfolio"]) == ("default", 1, None)
    assert {rule["rule"] for rule in default["rules"]} >= {"past_due_amount", "days_past_due", "broken_promises"}


async def test_the_default_strategy_can_be_put_as_it_was_got(desk: Desk) -> None:
    default = await desk.get("/v1/collection-strategies/default")
    body = {name: default[name] for name in ("name", "portfolio", "rules", "follow_up_days", "dunning_procedure")}

    answer = await desk.ask("PUT", "/v1/collection-strategies/default", role="credit_manager", json=body)

    assert (answer.status_code, answer.json()["rules"]) == (200, default["rules"])


async def test_a_change_is_a_new_version_and_equal_content_is_none(desk: Desk) -> None:
    first, same = await put(desk), await put(desk)
    second = await put(desk, BODY | {"follow_up_days": 3})

    assert [answer.status_code for answer in (first, same, second)] == [201, 200, 200]
    assert [answer.headers["ETag"] for answer in (first, same, second)] == ['"1"', '"1"', '"2"']
    assert (await desk.get(PATH))["follow_up_days"] == 3


async def test_a_stale_version_is_not_overwritten(desk: Desk) -> None:
    await put(desk)
    await put(desk, BODY | {"name": "Other"})

    answer = await put(desk, BODY | {"name": "Mine"}, **{"If-Match": '"1"'})

    assert (answer.status_code, (await desk.get(PATH))["name"]) == (412, "Other")


async def test_versions_put_at_once_follow_each_other(desk: Desk) -> None:
    answers = await asyncio.gather(*(put(desk, BODY | {"follow_up_days": days}) for days in range(1, 9)))

    assert sorted(answer.json()["version"] for answer in answers) == list(range(1, 9))


async def test_only_who_may_write_policies_puts_a_strategy(desk: Desk) -> None:
    assert (await put(desk, role="collector")).status_code == 403


async def test_an_unknown_strategy_is_not_found(desk: Desk) -> None:
    answer = await desk.ask("GET", PATH)

    assert (answer.status_code, answer.json()["code"]) == (404, "collection_strategy_not_found")


async def test_a_rule_without_its_own_threshold_is_refused(desk: Desk) -> None:
    for rule in (
        {"rule": "days_past_due", "points": 1},
        {"rule": "days_past_due", "points": 1, "amount": "5"},
        {"rule": "days_past_due", "points": 1, "days": 5, "count": 1},
        {"rule": "promise_due", "points": 1, "days": 5},
        {"rule": "risk_class", "points": 1, "classes": []},
        {"rule": "moon", "points": 1},
        {"rule": "promise_due", "points": 1001},
        {"rule": "past_due_amount", "points": 1, "amount": "-1"},
    ):
        answer = await put(desk, BODY | {"rules": [rule]})
        assert (answer.status_code, answer.json()["errors"][0]["field"].split(".")[0]) == (422, "rules"), rule


@pytest.mark.parametrize(("collector", "expected"), [("anna", "a-anna"), ("ben", "default"), (None, "default")])
def test_a_customer_is_ranked_by_its_collectors_strategy_else_by_the_default(
    collector: str | None, expected: str
) -> None:
    known = [
        Strategy(name, portfolio, [], follow_up_days=7)
        for name, portfolio in (("z-anna", "anna"), ("default", None), ("a-anna", "anna"), ("carla", "carla"))
    ]

    found = strategy_for(collector, known)

    assert found is not None
    assert found.strategy_id == expected


def test_without_a_default_nobody_else_is_ranked_by_points() -> None:
    assert strategy_for("ben", [Strategy("anna", "anna", [], follow_up_days=7)]) is None
