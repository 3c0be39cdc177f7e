"""Drafts of policies: written, simulated over past orders, activated by a second person."""

import asyncio
from typing import Any

import httpx
import pytest

from credit_service.app import create_app
from credit_service.settings import CreditSettings
from credit_service.worker import JOB_FUNCTIONS
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.support.services import app_of, serving, settings_for

STRICT: dict[str, Any] = {
    "rules": [{"rule": "max_document_value", "max_amount": "100.00"}],
    "note": "Small orders only.",
}
DRAFTS = "/v1/credit-policies/C/drafts"


async def drafted(desk: CreditDesk, content: dict[str, Any] = STRICT) -> str:
    return str((await desk.ask("credit_manager", "POST", DRAFTS, json=content))["id"])


async def simulated(desk: CreditDesk, units: Units, draft_id: str, **body: Any) -> Any:
    job = await desk.ask("credit_manager", "POST", f"{DRAFTS}/{draft_id}/simulate", json=body)
    while await JobRunner(units, JOB_FUNCTIONS).run_next():
        pass
    return (await desk.ask("credit_manager", "GET", f"/v1/jobs/{job['id']}"))["result"]


async def activate(desk: CreditDesk, draft_id: str, role: str = "credit_manager_2") -> httpx.Response:
    return await desk.send(role, "POST", f"{DRAFTS}/{draft_id}/activate")


async def test_a_simulation_says_what_the_past_month_s_orders_would_have_come_to(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "90.00")
    await desk.check("C-1", "SO-2", "150.00")
    await desk.check("C-1", "SO-3", "2000.00", as_of="2026-02-01")
    await desk.check("C-1", "SO-4", "2000.00", as_of="2026-01-30")
    await desk.check("C-1", "SO-5", "60.00", as_of="2026-03-03")
    await desk.check("C-1", "SO-6", "120.00")
    await desk.check("C-1", "SO-6", "80.00")

    result = await simulated(desk, units, await drafted(desk), until="2026-03-02", days=31)

    assert (result["first_day"], result["last_day"], result["orders"]) == ("2026-01-31", "2026-03-02", 4)
    assert result["before"] == {"approved": 3, "held": 1, "rejected": 0}
    assert result["after"] == {"approved": 2, "held": 2, "rejected": 0}
    assert result["newly_stopped"] == {"orders": 1, "amounts": [{"amount": "150.00", "currency": "EUR"}]}
    assert result["newly_let_go"] == {"orders": 0, "amounts": []}
    assert [(one["order_id"], one["before"], one["after"]) for one in result["changes"]] == [
        ("SO-2", "approved", "held")
    ]
    assert result["changes"][0]["reasons"][0]["rule"] == "max_document_value"


async def test_what_the_draft_s_rules_ask_for_and_was_not_read_then_is_counted(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00")
    await desk.check("C-1", "SO-1", "90.00")
    draft_id = await drafted(desk, {"rules": [{"rule": "dynamic_limit", "horizon_days": 30}]})

    result = await simulated(desk, units, draft_id, until="2026-03-02")

    assert (result["orders"], result["incomplete"], result["changed"]) == (1, 1, 0)


async def test_a_draft_is_in_force_once_another_person_activates_it(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="1000.00")
    draft_id = await drafted(desk)
    await simulated(desk, units, draft_id)
    before = (await desk.check("C-1", "SO-1", "150.00")).json()

    answer = await activate(desk, draft_id)
    after = (await desk.check("C-1", "SO-2", "150.00")).json()

    assert (answer.status_code, answer.headers["ETag"], answer.json()["version"]) == (200, '"2"', 2)
    assert [(one["decision"], one["policy_version"]) for one in (before, after)] == [("approved", 1), ("held", 2)]
    versions = (await desk.ask("auditor", "GET", "/v1/credit-policies/C/versions"))["data"]
    assert [(one["version"], one["drafted_by"], one["changed_by"], one["note"]) for one in versions] == [
        (1, None, "openitem", None),
        (2, "credit_manager", "credit_manager_2", "Small orders only."),
    ]
    first = await desk.ask("auditor", "GET", "/v1/credit-policies/C", params={"version": 1})
    assert [rule["rule"] for rule in first["rules"]][:1] == ["static_limit"]
    shown = await desk.ask("auditor", "GET", f"{DRAFTS}/{draft_id}")
    assert (shown["status"], shown["activated_version"], shown["simulation"]["orders"]) == ("activated", 2, 0)


async def test_nobody_activates_a_draft_of_his_own_or_one_that_nobody_tried(desk: CreditDesk, units: Units) -> None:
    draft_id = await drafted(desk)

    untried = await activate(desk, draft_id)
    await simulated(desk, units, draft_id)
    own = await activate(desk, draft_id, "credit_manager")
    analyst = await activate(desk, draft_id, "credit_analyst")
    unknown = await activate(desk, "pdr_none")
    of_another_class = await desk.send("credit_manager_2", "POST", f"/v1/credit-policies/D/drafts/{draft_id}/activate")

    assert (untried.status_code, untried.json()["code"]) == (409, "policy_draft_not_simulated")
    assert (own.status_code, own.json()["code"]) == (403, "four_eyes")
    assert [one.status_code for one in (analyst, unknown, of_another_class)] == [403, 404, 404]
    assert (await desk.ask("auditor", "GET", "/v1/credit-policies/C"))["version"] == 1


async def test_a_draft_from_an_earlier_version_is_drafted_again(desk: CreditDesk, units: Units) -> None:
    first, second = await drafted(desk), await drafted(desk, {"rules": []})
    await simulated(desk, units, first)
    await simulated(desk, units, second)

    await activate(desk, first)
    outdated = await activate(desk, second)
    again = await activate(desk, first)

    assert (outdated.status_code, outdated.json()["code"]) == (409, "policy_draft_outdated")
    assert (again.status_code, again.json()["code"]) == (409, "policy_draft_closed")


async def test_two_who_activate_at_once_make_one_version(desk: CreditDesk, units: Units) -> None:
    draft_id = await drafted(desk)
    await simulated(desk, units, draft_id)

    answers = await asyncio.gather(*(activate(desk, draft_id, f"credit_manager_{number}") for number in (2, 3)))

    assert sorted(one.status_code for one in answers) == [200, 409]
    assert (await desk.ask("auditor", "GET", "/v1/credit-policies/C"))["version"] == 2


async def test_a_discarded_draft_is_neither_simulated_nor_activated(desk: CreditDesk, units: Units) -> None:
    draft_id = await drafted(desk)
    await desk.ask("credit_manager_2", "POST", f"{DRAFTS}/{draft_id}/discard")

    late = await desk.send("credit_manager", "POST", f"{DRAFTS}/{draft_id}/simulate", json={})

    assert (late.status_code, late.json()["code"]) == (409, "policy_draft_closed")
    assert (await activate(desk, draft_id)).json()["code"] == "policy_draft_closed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"until": "2026-02-30"}, "until"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_mistake_in_a_simulation_is_named(desk: CreditDesk, body: dict[str, Any], field: str) -> None:
    answer = await desk.send("credit_manager", "POST", f"{DRAFTS}/{await drafted(desk)}/simulate", json=body)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_an_unknown_version_or_class_is_404(desk: CreditDesk) -> None:
    version = await desk.send("auditor", "GET", "/v1/credit-policies/C", params={"version": 9})
    unknown = await desk.send("auditor", "GET", "/v1/credit-policies/Z/versions")

    assert (version.status_code, version.json()["code"]) == (404, "policy_version_not_found")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "policy_not_found")


async def test_where_a_second_person_is_needed_a_policy_is_not_put(credit_database: str) -> None:
    settings = settings_for(credit_database, CreditSettings).model_copy(update={"policies_need_second_person": True})
    with app_of(create_app, settings) as app:
        async with serving(app) as client:
            answer = await CreditDesk(client).send("credit_manager", "PUT", "/v1/credit-policies/C", json={"rules": []})

    assert (answer.status_code, answer.json()["code"]) == (409, "second_person_needed")
