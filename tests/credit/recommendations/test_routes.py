import asyncio
from typing import Any

import httpx
from sqlalchemy import text

from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk


async def recommend(desk: CreditDesk, kind: str, role: str = "collector", **more: Any) -> httpx.Response:
    body = {"customer_id": "C-1", "kind": kind, "rationale": "three broken promises"} | more
    return await desk.send(role, "POST", "/v1/recommendations", json=body)


async def decide(
    desk: CreditDesk, made: httpx.Response, decision: str = "accept", role: str = "credit_manager", **more: Any
) -> httpx.Response:
    body = {"decision": decision} | more
    return await desk.send(role, "POST", f"/v1/recommendations/{made.json()['id']}/decide", json=body)


def numbers(**content: Any) -> dict[str, Any]:
    return {"proposed": {"currency": "EUR"} | content}


async def published(units: Units, kind: str = "recommendation.decided") -> list[Any]:
    async with units.read() as session:
        rows = await session.execute(
            text("select body::jsonb -> 'data' from outbox where type = :kind order by position"), {"kind": kind}
        )
        return list(rows.scalars())


async def test_a_recommendation_changes_nothing_until_it_is_decided(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")

    made = await recommend(desk, "reduce_limit", **numbers(new_limit="400.00"), evidence=["rep_1"])

    assert (made.status_code, made.json()["status"], made.json()["evidence"]) == (201, "proposed", ["rep_1"])
    assert (await desk.credit("C-1"))["credit_limit"] == "1000.00"


async def test_an_accepted_reduction_lowers_the_limit_with_its_line_in_the_journal(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    made = await recommend(desk, "reduce_limit", **numbers(new_limit="400.00"), evidence=["rep_1"])

    decided = (await decide(desk, made, note="seen")).json()

    credit = await desk.credit("C-1")
    assert (decided["status"], decided["decided_by"], decided["account_version"]) == ("accepted", "credit_manager", 2)
    assert (credit["credit_limit"], credit["version"]) == ("400.00", 2)
    line = (await desk.ask("auditor", "GET", "/v1/customers/C-1/limit-changes"))["data"][0]
    assert (line["requested_by"], line["approved_by"], line["reason"], line["evidence"], line["request_id"]) == (
        "collector",
        "credit_manager",
        "three broken promises",
        ["rep_1"],
        decided["id"],
    )


async def test_what_is_held_already_is_held_for_what_was_decided_too(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "1500.00")

    await decide(desk, await recommend(desk, "legal"))

    (hold,) = await desk.holds("C-1", status="open")
    assert {reason["rule"] for reason in hold["reasons"]} == {"static_limit", "account_blocked"}


async def test_a_modified_reduction_does_what_the_manager_says_instead(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    made = await recommend(desk, "reduce_limit", **numbers(new_limit="400.00"))

    decided = (await decide(desk, made, "modify", **numbers(new_limit="800.00"))).json()

    assert decided["status"] == "modified"
    assert (decided["proposed"]["new_limit"], decided["decided"]["new_limit"]) == ("400.00", "800.00")
    assert (await desk.credit("C-1"))["credit_limit"] == "800.00"


async def test_a_reduction_without_a_number_means_what_is_owed_now(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "250.00")

    made = await recommend(desk, "reduce_limit")
    await decide(desk, made)

    assert made.json()["proposed"]["new_limit"] == "250.00"
    assert (await desk.check("C-1", "SO-2", "0.01")).json()["decision"] == "held"


async def test_a_reduction_ends_a_temporary_increase(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.limit("C-1", "5000.00", temporary=True, valid_until="2999-01-01")

    await decide(desk, await recommend(desk, "reduce_limit", **numbers(new_limit="999.00")))

    assert (await desk.credit("C-1"))["effective_limit"] == "999.00"


async def test_a_limit_is_not_raised_by_a_recommendation(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    made = await recommend(desk, "reduce_limit", **numbers(new_limit="400.00"))

    answers = [
        await recommend(desk, "reduce_limit", "credit_analyst", **numbers(new_limit="1000.01")),
        await decide(desk, made, "modify", **numbers(new_limit="1000.01")),
        await decide(desk, made, "modify", **numbers(new_limit="1000.00")),
    ]
    await desk.limit("C-1", "300.00")
    answers.append(await decide(desk, made))

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (409, "recommendation_open"),
        (422, "nothing_to_reduce"),
        (422, "nothing_to_reduce"),
        (409, "recommendation_outdated"),
    ]
    assert (await desk.credit("C-1"))["credit_limit"] == "300.00"


async def test_held_orders_means_that_every_new_order_is_held(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")

    await decide(desk, await recommend(desk, "hold_orders"))

    assert (await desk.credit("C-1"))["block"]["reason_code"] == "hold_orders"
    assert (await desk.check("C-1", "SO-2", "1.00")).json()["decision"] == "held"


async def test_orders_that_were_approved_are_held_until_a_person_lets_them_go(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "400.00")

    decided = (await decide(desk, await recommend(desk, "hold_orders"))).json()
    await desk.ask("credit_manager", "POST", "/v1/customers/C-1/unblock")

    assert (await desk.order("SO-1"))["status"] == "held"
    assert [hold["id"] for hold in await desk.holds("C-1", status="open")] == decided["hold_ids"]


async def test_prepayment_changes_the_agreed_terms_and_nothing_of_the_limit(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")

    await decide(desk, await recommend(desk, "prepayment"))

    credit = await desk.credit("C-1")
    assert (credit["payment_terms"], credit["credit_limit"]) == ("prepayment", "1000.00")
    line = (await desk.ask("auditor", "GET", "/v1/customers/C-1/limit-changes"))["data"][0]
    assert (line["kind"], line["old"]["payment_terms"], line["new"]["payment_terms"]) == (
        "terms",
        "net 30",
        "prepayment",
    )


async def test_after_prepayment_is_decided_an_order_on_credit_terms_is_held(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    policy = {"rules": [{"rule": "payment_terms", "reaction": "hold"}]}
    await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json=policy)
    await decide(desk, await recommend(desk, "prepayment"))

    on_credit = (await desk.check("C-1", "SO-1", "10.00", payment_terms="net 30")).json()
    paid_before = (await desk.check("C-1", "SO-2", "10.00", payment_terms="prepayment")).json()

    assert ([reason["rule"] for reason in on_credit["reasons"]], paid_before["decision"]) == (
        ["payment_terms"],
        "approved",
    )


async def test_after_prepayment_is_decided_an_order_that_is_not_marked_prepaid_is_held_by_the_rule(
    desk: CreditDesk,
) -> None:
    await desk.customer("C-1", limit="1000.00")
    await decide(desk, await recommend(desk, "prepayment"))
    before_the_rule = (await desk.check("C-1", "SO-1", "10.00")).json()
    policy = {"rules": [{"rule": "payment_terms", "reaction": "hold"}]}
    await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json=policy)

    unmarked = (await desk.check("C-1", "SO-2", "10.00")).json()
    marked = (await desk.check("C-1", "SO-3", "10.00", prepaid=True)).json()

    assert (before_the_rule["decision"], marked["decision"]) == ("approved", "approved")
    assert unmarked["reasons"] == [
        {
            "rule": "payment_terms",
            "detail": "The agreed terms are prepayment: the order is not marked prepaid.",
            "actual": "not prepaid",
            "limit": "prepayment",
            "reaction": "hold",
        }
    ]
    replayed = await desk.ask("auditor", "POST", f"/v1/credit-decisions/{unmarked['id']}/replay")
    assert replayed["identical"] is True


async def test_legal_action_blocks_until_who_approves_limits_lifts_it(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/block", json={"reason": "press"})

    await decide(desk, await recommend(desk, "legal"))

    assert (await desk.credit("C-1"))["block"]["reason_code"] == "legal"
    assert (await desk.send("credit_analyst", "POST", "/v1/customers/C-1/unblock")).status_code == 403


async def test_holding_orders_leaves_a_legal_block_as_it_is(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await decide(desk, await recommend(desk, "legal"))

    await decide(desk, await recommend(desk, "hold_orders"))

    assert (await desk.credit("C-1"))["block"]["reason_code"] == "legal"


async def test_a_payment_plan_and_a_write_off_are_told_to_those_who_do_them(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00")
    plan = [{"due_on": "2026-04-01", "amount": "60.00"}, {"due_on": "2026-05-01", "amount": "40.00"}]

    await decide(desk, await recommend(desk, "payment_plan", **numbers(amount="100.00", instalments=plan)))
    await decide(desk, await recommend(desk, "write_off", **numbers(amount="50.00", item_ids=["itm_1"])))
    await decide(desk, await recommend(desk, "legal"), "reject")

    told = [event["recommendation"] for event in await published(units)]
    assert [(one["kind"], one["status"]) for one in told] == [
        ("payment_plan", "accepted"),
        ("write_off", "accepted"),
        ("legal", "rejected"),
    ]
    assert told[0]["carried_out"]["instalments"] == plan
    assert (told[1]["carried_out"]["item_ids"], told[2]["carried_out"]) == (["itm_1"], None)
    assert (await desk.credit("C-1"))["version"] == 1


async def test_a_rejected_recommendation_does_nothing(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")

    decided = (await decide(desk, await recommend(desk, "hold_orders"), "reject", note="they have paid")).json()

    assert (decided["status"], decided["decision_note"], decided["decided"]) == ("rejected", "they have paid", None)
    assert not (await desk.credit("C-1"))["blocked"]


async def test_nobody_decides_what_he_recommended(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    made = await recommend(desk, "hold_orders", "credit_manager")

    own, another = await decide(desk, made), await decide(desk, made, role="credit_manager_2")

    assert (own.status_code, own.json()["code"], another.status_code) == (403, "four_eyes", 200)


async def test_collectors_and_analysts_recommend(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    answers = [
        await recommend(desk, kind, role)
        for kind, role in (("legal", "collector"), ("write_off", "credit_analyst"), ("prepayment", "erp"))
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 403]


async def test_only_a_manager_decides(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    made = await recommend(desk, "legal", "credit_analyst_2")

    for role in ("collector", "credit_analyst", "controller", "auditor"):
        assert (await decide(desk, made, role=role)).status_code == 403


async def test_of_many_decisions_at_once_one_is_carried_out(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00")
    made = await recommend(desk, "reduce_limit", **numbers(new_limit="400.00"))
    path = f"/v1/recommendations/{made.json()['id']}/withdraw"

    answers = await asyncio.gather(
        *(decide(desk, made, role=role) for role in ("credit_manager", "credit_manager_2", "credit_manager_3")),
        desk.send("collector", "POST", path),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len((await desk.ask("auditor", "GET", "/v1/customers/C-1/limit-changes"))["data"]) <= 2


async def test_of_two_recommendations_at_once_one_waits(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")

    answers = await asyncio.gather(*(recommend(desk, "legal") for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_only_who_recommended_withdraws(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    path = f"/v1/recommendations/{(await recommend(desk, 'legal')).json()['id']}/withdraw"

    another, own = await desk.send("credit_analyst", "POST", path), await desk.send("collector", "POST", path)

    assert (another.status_code, another.json()["code"]) == (403, "not_your_recommendation")
    assert (own.status_code, own.json()["status"]) == (200, "withdrawn")
    assert (await recommend(desk, "legal")).status_code == 201


PLAN = [{"due_on": "2026-04-01", "amount": "60.00"}, {"due_on": "2026-05-01", "amount": "40.00"}]


MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("legal", {"new_limit": "1.00"}, "proposed.new_limit"),
    ("legal", {"amount": "1.00"}, "proposed.amount"),
    ("write_off", {"instalments": PLAN}, "proposed.instalments"),
    ("payment_plan", {"item_ids": ["itm_1"]}, "proposed.item_ids"),
    ("payment_plan", {"instalments": PLAN, "amount": "100.01"}, "proposed.amount"),
    ("payment_plan", {"instalments": PLAN[::-1]}, "proposed.instalments"),
    ("payment_plan", {"instalments": [PLAN[0], PLAN[0]]}, "proposed.instalments"),
    ("payment_plan", {"instalments": [{"due_on": "2026-04-01", "amount": "0.001"}]}, "proposed.instalments"),
    (
        "payment_plan",
        {"instalments": [{"due_on": "2026-04-31", "amount": "1.00"}]},
        "proposed.instalments.0.due_on",
    ),
    ("reduce_limit", {"new_limit": "-1.00"}, "proposed.new_limit"),
    ("reduce_limit", {"new_limit": "1000.00"}, "proposed.new_limit"),
    ("reduce_limit", {"new_limit": "1.001"}, "proposed.new_limit"),
    ("reduce_limit", {"new_limit": "1.00", "currency": "USD"}, "currency"),
    ("burn", {}, "kind"),
]


async def test_a_proposal_that_does_not_fit_is_named(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")

    for kind, proposed, field in MISTAKES:
        answer = await recommend(desk, kind, **numbers(**proposed))

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field], (kind, proposed)


async def test_what_is_done_instead_comes_with_modify_and_only_there(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    made = await recommend(desk, "reduce_limit")

    for answer in (await decide(desk, made, **numbers(new_limit="1.00")), await decide(desk, made, "modify")):
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["proposed"])


async def test_a_recommendation_is_found_by_customer_kind_and_state(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    await decide(desk, await recommend(desk, "legal"))
    await recommend(desk, "prepayment")

    async def kinds(**filters: str) -> list[str]:
        listed = await desk.ask("auditor", "GET", "/v1/recommendations", params=filters)
        return [one["kind"] for one in listed["data"]]

    assert await kinds() == ["prepayment", "legal"]
    assert await kinds(status="proposed", customer_id="C-1") == ["prepayment"]
    assert await kinds(kind="legal", recommended_by="collector") == ["legal"]
    assert await kinds(customer_id="C-2") == []


async def test_a_recommendation_that_does_not_exist_is_404(desk: CreditDesk) -> None:
    missing = [
        await desk.send("credit_manager", "POST", "/v1/recommendations/rec_0/decide", json={"decision": "accept"}),
        await desk.send("auditor", "GET", "/v1/recommendations/rec_0"),
    ]

    assert [answer.status_code for answer in missing] == [404, 404]
    assert (await recommend(desk, "legal")).json()["code"] == "unknown_customer"


async def test_a_stale_version_decides_nothing(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    path = f"/v1/recommendations/{(await recommend(desk, 'legal')).json()['id']}/decide"

    answer = await desk.send("credit_manager", "POST", path, json={"decision": "accept"}, headers={"If-Match": '"7"'})

    assert answer.status_code == 412
    assert not (await desk.credit("C-1"))["blocked"]
