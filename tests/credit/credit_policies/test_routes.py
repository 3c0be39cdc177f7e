from typing import Any

import pytest

from tests.credit.desk import CreditDesk

STRICT: dict[str, Any] = {"rules": [{"rule": "max_document_value", "max_amount": "10.00", "reaction": "reject"}]}


async def put(desk: CreditDesk, content: dict[str, Any], risk_class: str = "C", **headers: str) -> Any:
    return await desk.send("credit_manager", "PUT", f"/v1/credit-policies/{risk_class}", json=content, headers=headers)


async def test_every_risk_class_starts_with_a_policy(desk: CreditDesk) -> None:
    policies = [await desk.ask("auditor", "GET", f"/v1/credit-policies/{one}") for one in "ABCDE"]

    assert {policy["version"] for policy in policies} == {1}
    assert [rule["rule"] for rule in policies[0]["rules"]] == [
        "static_limit",
        "limit_validity",
        "account_blocked",
        "oldest_open_item",
    ]


async def test_a_new_version_decides_from_then_on_and_is_named_in_the_decision(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    before = (await desk.check("C-1", "SO-1", "10.01")).json()

    answer = await put(desk, STRICT)
    after = (await desk.check("C-1", "SO-2", "10.01")).json()

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert [(one["decision"], one["policy_version"]) for one in (before, after)] == [("approved", 1), ("rejected", 2)]
    assert (await desk.order("SO-2"))["status"] == "rejected"


async def test_equal_content_makes_no_new_version_and_a_stale_one_is_refused(desk: CreditDesk) -> None:
    await put(desk, STRICT)

    same = await put(desk, STRICT)
    stale = await put(desk, {"rules": []}, **{"If-Match": '"1"'})

    assert same.headers["ETag"] == '"2"'
    assert stale.status_code == 412


async def test_only_the_account_s_own_class_is_meant(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await put(desk, STRICT, "D")

    assert (await desk.check("C-1", "SO-1", "10.01")).json()["decision"] == "approved"


async def test_a_held_order_counts_where_the_policy_says_so(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await put(desk, {"rules": [{"rule": "static_limit"}], "held_orders_reserve": True})

    held = (await desk.check("C-1", "SO-1", "150.00")).json()
    next_one = (await desk.check("C-1", "SO-2", "50.00")).json()

    assert (held["decision"], held["exposure_after"]) == ("held", "150.00")
    assert next_one["decision"] == "held"
    assert await desk.exposure("C-1", "open_orders") == "200.00"


async def test_a_held_order_is_not_let_go_by_a_checkpoint_with_fewer_rules(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.check("C-1", "SO-1", "150.00")

    at_delivery = (await desk.check("C-1", "SO-1", "150.00", checkpoint="delivery")).json()

    assert at_delivery["decision"] == "held"


async def test_the_horizon_leaves_out_what_is_delivered_later_also_within_one_batch(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await put(desk, {"rules": [{"rule": "dynamic_limit", "horizon_days": 30}]})
    order = {"customer_id": "C-1", "amount": "60.00", "currency": "EUR", "as_of": "2026-03-02"}
    checks = [
        order | {"order_id": "SO-1", "requested_delivery_date": "2026-05-01"},
        order | {"order_id": "SO-2", "requested_delivery_date": "2026-03-10"},
        order | {"order_id": "SO-3", "requested_delivery_date": "2026-05-01"},
        order | {"order_id": "SO-4", "requested_delivery_date": "2026-03-10"},
    ]

    results = (await desk.ask("erp", "POST", "/v1/credit-checks/batch", json={"checks": checks}))["results"]

    assert [result["decision"] for result in results] == ["approved", "approved", "approved", "held"]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"rules": [{"rule": "moon_phase"}]}, "rules.0"),
        ({"rules": [{"rule": "oldest_open_item"}]}, "rules.0.oldest_open_item.days"),
        ({"rules": [{"rule": "static_limit", "reaction": "shout"}]}, "rules.0.static_limit.reaction"),
        ({"rules": [], "colour": "red"}, "colour"),
    ],
)
async def test_a_mistake_is_named(desk: CreditDesk, content: dict[str, Any], field: str) -> None:
    answer = await put(desk, content)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_unknown_class_is_404_and_an_analyst_writes_no_policy(desk: CreditDesk) -> None:
    unknown = await put(desk, STRICT, "Z")
    analyst = await desk.send("credit_analyst", "PUT", "/v1/credit-policies/C", json=STRICT)

    assert (unknown.status_code, analyst.status_code) == (404, 403)
