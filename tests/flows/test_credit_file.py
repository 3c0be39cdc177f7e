"""What is known of a customer's credit, told through the gateway: how it comes in, what it changes, who may not bend it."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.flows.world import DAY, World, eventually
from tests.support.bureaus import Bureau
from tests.support.console import run_sql

pytestmark = pytest.mark.stack

TODAY = DAY.isoformat()


async def refused(world: World, role: str, path: str, body: Any = None, **options: Any) -> tuple[int, str]:
    """Return how a POST is refused."""
    answer = await world.request(role, "POST", path, json=body, **options)
    return answer.status_code, answer.json()["code"]


async def test_a_guarantee_counts_until_it_is_ended_and_then_lets_the_order_go(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    path = f"/v1/customers/{customer}/guarantees"
    terms = {"kind": "given", "currency": "EUR", "amount": "800.00", "valid_from": TODAY}
    assert (await world.request("erp", "PUT", f"{path}/G-1", json=terms)).status_code == 403
    noted = await world.request("credit_analyst", "PUT", f"{path}/G-1", json=terms)
    await world.expect_exposure(customer, special="800.00", total="800.00")
    order = await world.check(customer, "300.00")

    stale = await world.request(
        "credit_analyst", "PUT", f"{path}/G-1", json=terms | {"amount": "1.00"}, headers={"If-Match": '"9"'}
    )
    await world.ask("credit_analyst", "POST", f"{path}/G-1/end", json={"note": "Deed returned."})

    assert (noted.status_code, stale.status_code, order["decision"]) == (201, 412, "held")
    assert (await world.get("erp", f"/v1/orders/{order['order_id']}"))["status"] == "released"
    await world.expect_exposure(customer, open_orders="300.00", special="0.00", total="300.00")

    over = terms | {"amount": "900.00", "valid_until": (DAY + timedelta(days=15)).isoformat()}
    await world.ask("credit_analyst", "PUT", f"{path}/G-2", json=over)
    listed = await world.get("auditor", path)
    assert [(one["guarantee_id"], one["status"], one["counts"]) for one in listed["data"]] == [
        ("G-1", "ended", "0.00"),
        ("G-2", "ended", "0.00"),
    ]


async def test_a_new_version_of_a_scorecard_assesses_from_now_on_and_what_was_assessed_stays(world: World) -> None:
    path = "/v1/scorecards/wholesale"
    default = await world.get("credit_manager", "/v1/scorecards/default")
    content = {name: value for name, value in default.items() if name not in ("scorecard_id", "version")}
    harder = content | {"factors": [_without_points(one, "country") for one in content["factors"]]}
    assert (await world.request("credit_analyst", "PUT", path, json=content)).status_code == 403
    await world.ask("credit_manager", "PUT", path, json=content)
    customer = await world.customer(limit=None)

    async def assess() -> Any:
        body = {"customer_id": customer, "as_of": TODAY, "scorecard_id": "wholesale"}
        return await world.ask("credit_analyst", "POST", "/v1/credit-assessments", json=body)

    first = await assess()
    second_version = await world.request("credit_manager_2", "PUT", path, json=harder, headers={"If-Match": '"1"'})
    stale = await world.request("credit_manager", "PUT", path, json=content, headers={"If-Match": '"1"'})
    second = await assess()
    replays = [
        await world.ask("auditor", "POST", f"/v1/credit-assessments/{one['id']}/replay") for one in (first, second)
    ]

    assert (second_version.json()["version"], stale.status_code) == (2, 412)
    assert (first["scorecard_version"], second["scorecard_version"]) == (1, 2)
    assert second["score"] < first["score"]
    assert [(one["identical"], one["outcome"]["score"]) for one in replays] == [
        (True, first["score"]),
        (True, second["score"]),
    ]


def _without_points(factor: dict[str, Any], name: str) -> dict[str, Any]:
    if factor["factor"] != name:
        return factor
    return factor | {"groups": [one | {"points": 0} for one in factor["groups"]]}


async def test_who_has_the_database_cannot_bend_a_journal_unseen(world: World) -> None:
    customer = await world.customer(limit="1000.00")
    path = f"/v1/customers/{customer}/credit-file/integrity"
    noted = await world.get("auditor", path)
    entry = f"customer_id = '{customer}' and position = 2"

    def bend(change: str) -> None:
        """Change the second entry as somebody does who has all of the database."""
        statement = f"set session_replication_role = replica; update journal_entries set {change} where {entry}"
        run_sql(world.stack.database_urls["credit"], statement)

    async def proof() -> Any:
        return await world.job("auditor", await world.ask("auditor", "POST", "/v1/journal-proofs"))

    bend("actor = actor || '!'")
    bent, told = await world.get("auditor", path), await proof()
    bend("actor = rtrim(actor, '!')")
    intact, again = await world.get("auditor", path), await proof()

    assert (noted["intact"], intact["intact"], again["result"]["intact"]) == (True, True, True)
    assert (bent["intact"], bent["first_broken"], bent["fault"]) == (False, 2, "altered")
    assert (told["result"]["intact"], told["result"]["broken"]) == (False, 1)
    assert told["errors"] == [{"customer_id": customer, "first_broken": 2, "fault": "altered"}]
    assert (await refused(world, "collector", "/v1/journal-proofs"))[0] == 403


async def test_an_insurer_is_told_of_an_overdue_in_time_and_the_end_of_a_cover_is_seen_before_it_comes(
    world: World,
) -> None:
    today = datetime.now(UTC).date()
    customer = await world.customer(limit="1000.00")
    item = await world.invoice(customer, "200.00", issued_on=today - timedelta(days=50))
    await world.expect_exposure(customer, open_items="200.00")
    cover = {
        "insurer": "Coface",
        "policy_number": "P-2",
        "currency": "EUR",
        "insured_limit": "5000.00",
        "covered_pct": "90",
        "valid_from": "2026-01-01",
        "valid_until": (today + timedelta(days=25)).isoformat(),
        "notify_overdue_after_days": 15,
        "notify_within_days": 30,
    }
    await world.ask("credit_analyst", "PUT", f"/v1/customers/{customer}/credit-insurance", json=cover)

    listed = await world.get("credit_analyst", "/v1/insurance-alarms", customer_id=customer, status="open")
    alarms = {one["kind"]: one for one in listed["data"]}
    overdue, expiring = alarms["overdue_to_be_told"], alarms["expiring"]
    path = f"/v1/insurance-alarms/{overdue['id']}/acknowledge"
    told = {"note": "Told by e-mail.", "reference": "CLM-1"}
    shut = [(await refused(world, role, path, told))[0] for role in ("erp", "collector", "auditor")]
    seen = await world.ask("credit_analyst", "POST", path, json=told)

    due = date.fromisoformat(item["due_date"])
    assert (overdue["amount"], overdue["items"], overdue["told"]) == ("200.00", 1, False)
    assert overdue["tell_by"] == (due + timedelta(days=45)).isoformat()
    assert expiring["expires_on"] == cover["valid_until"]
    assert (shut, seen["status"], seen["told"]) == ([403, 403, 403], "acknowledged", True)
    assert await refused(world, "credit_manager", path, told) == (409, "insurance_alarm_not_open")


async def test_insured_cover_lets_more_go_where_the_policy_counts_it_until_it_ends(world: World) -> None:
    ends = datetime.now(UTC).date() + timedelta(days=40)
    policy = {"rules": [{"rule": "static_limit"}], "insured_cover_counts": True}
    await world.ask("credit_manager", "PUT", "/v1/credit-policies/B", json=policy)
    customer = await world.customer(limit=None)
    limit = {"customer_id": customer, "requested_limit": "1000.00", "currency": "EUR", "reason": "test"}
    await world.ask("credit_manager", "POST", "/v1/limit-requests", json=limit | {"risk_class": "B"})
    cover = {
        "insurer": "Allianz Trade",
        "policy_number": "P-3",
        "currency": "EUR",
        "insured_limit": "2000.00",
        "covered_pct": "90",
        "deductible": "300.00",
        "valid_from": "2026-01-01",
        "valid_until": ends.isoformat(),
    }
    await world.ask("credit_analyst", "PUT", f"/v1/customers/{customer}/credit-insurance", json=cover)

    async def decision(amount: str, day: date) -> str:
        checked = await world.check(customer, amount, dry_run=True, as_of=day.isoformat())
        return str(checked["decision"])

    # 90 % of 2,000 less 300 are paid: 1,500 above the limit of 1,000.
    assert [await decision(amount, ends) for amount in ("2500.00", "2500.01")] == ["approved", "held"]
    assert await decision("1000.01", ends + timedelta(days=1)) == "held"


async def test_an_order_is_decided_at_once_while_its_customers_bureau_hangs(world: World, bureau: Bureau) -> None:
    customer = await world.customer(limit="1000.00")
    path = f"/v1/customers/{customer}/bureau-reports"
    bureau.fail("coface.companies", "hang", times=9)
    job = await world.ask("credit_analyst", "POST", path, json={"provider": "coface"})

    async def hanging() -> None:
        assert sum(fault.times for fault in bureau.books.faults) < 9

    await eventually(hanging)
    started = asyncio.get_running_loop().time()
    checked = await world.check(customer, "100.00")
    took = asyncio.get_running_loop().time() - started
    running = await world.get("credit_analyst", f"/v1/jobs/{job['id']}")
    ended = await world.job("credit_analyst", job)
    bureau.books.faults.clear()

    assert (checked["decision"], running["status"]) == ("approved", "running")
    # One answer of the bureau may take two seconds here, and it is asked more than once.
    assert took < 2
    assert (ended["status"], ended["errors"][0]["code"]) == ("failed", "bureau_failed")
    assert (await world.get("auditor", path))["data"] == []


@pytest.mark.parametrize(
    ("endpoint", "kind", "code"),
    [
        ("coface.companies", "html", "bureau_failed"),
        ("coface.content", "truncated", "bureau_report_not_collected"),
        ("coface.content", "absurd", "bureau_failed"),
        ("coface.content", "wrong_company", "wrong_company"),
    ],
)
async def test_nonsense_of_a_bureau_is_no_report(
    world: World, bureau: Bureau, endpoint: str, kind: str, code: str
) -> None:
    customer = await world.customer(limit="1000.00")
    path = f"/v1/customers/{customer}/bureau-reports"
    bureau.fail(endpoint, kind, times=9)

    job = await world.job(
        "credit_analyst", await world.ask("credit_analyst", "POST", path, json={"provider": "coface"})
    )
    bureau.books.faults.clear()

    assert (job["status"], job["errors"][0]["code"]) == ("failed", code)
    assert (await world.get("auditor", path))["data"] == []
    assert (await world.check(customer, "100.00"))["decision"] == "approved"


async def test_a_fresh_report_is_not_bought_twice_and_above_the_cap_a_manager_says_why(
    world: World, bureau: Bureau
) -> None:
    customers = [await world.customer(limit=None) for _ in range(3)]
    paths = [f"/v1/customers/{customer}/bureau-reports" for customer in customers]
    order, sales = {"provider": "dun_bradstreet"}, bureau.sales
    assert (await refused(world, "collector", paths[0], order))[0] == 403
    for path in paths[:2]:
        job = await world.job("credit_analyst", await world.ask("credit_analyst", "POST", path, json=order))
        assert job["status"] == "succeeded", job

    again = await world.request("credit_analyst", "POST", paths[0], json=order)
    too_dear = await refused(world, "credit_analyst", paths[2], order)
    assert (again.status_code, bureau.sales - sales) == (200, 2)
    assert too_dear == (409, "cost_cap_reached")

    forced = order | {"force": True, "reason": "A large order waits."}
    assert (await refused(world, "credit_analyst", paths[2], forced)) == (409, "cost_cap_reached")
    queued = await world.ask("credit_manager", "POST", paths[2], json=forced)
    job = await world.job("credit_manager", queued)
    budgets = (await world.get("auditor", "/v1/bureau-budgets"))["data"]

    assert (job["status"], bureau.sales - sales) == ("succeeded", 3)
    spent = {one["provider"]: (one["spent"], one["monthly_cap"]) for one in budgets}
    assert spent["dun_bradstreet"] == ("120.00", "100.00")


async def test_a_file_is_kept_to_the_letter_and_the_file_tells_who_read_it(world: World) -> None:
    customer = await world.customer(limit=None)
    path = f"/v1/customers/{customer}/attachments"
    content = b"%PDF-1.7 \x00\xff \xc3\x28 not really"
    files, data = (
        {"file": ("Bilanz 2025 \u2013 geprüft.pdf", content, "application/pdf")},
        {"description": "Annual report"},
    )

    kept = await world.ask("credit_analyst", "POST", path, files=files, data=data)
    download = f"{path}/{kept['id']}/content"
    shut = [(await world.request(role, "GET", download)).status_code for role in ("erp", "collector", "controller")]
    written = (await world.request("auditor", "POST", path, files=files)).status_code
    read = await world.request("credit_manager", "GET", download)
    file = await world.get("auditor", f"/v1/customers/{customer}/credit-file")

    assert (read.content, read.headers["X-Content-Type-Options"]) == (content, "nosniff")
    assert read.headers["Content-Disposition"].startswith("attachment;")
    assert (shut, written) == ([403, 403, 403], 403)
    assert [one["file_name"] for one in file["attachments"]] == ["Bilanz 2025 \u2013 geprüft.pdf"]
    assert ("credit_manager", kept["id"]) in [(one["actor"], one["subject"]) for one in file["readings"]]
    other = await world.customer(limit=None)
    assert (
        await world.request("auditor", "GET", f"/v1/customers/{other}/attachments/{kept['id']}/content")
    ).status_code == 404


async def test_what_changed_since_the_preview_of_a_mass_change_is_left_alone_and_named(world: World) -> None:
    customers = sorted([await world.customer(limit="1000.00") for _ in range(2)])
    asked = {"filter": {"customer_ids": customers}, "change": {"percent": "10"}, "reason": "A good year."}
    assert (await refused(world, "erp", "/v1/limit-mass-changes", asked))[0] == 403
    preview = await world.ask("credit_analyst", "POST", "/v1/limit-mass-changes", json=asked)
    path = f"/v1/limit-mass-changes/{preview['id']}"
    before = (await world.get("credit_analyst", f"{path}/lines"))["data"]
    await world.limit(customers[0], "2000.00")

    stale = await refused(world, "credit_manager", f"{path}/approve", headers={"If-Match": '"9"'})
    await world.job("credit_manager", await world.ask("credit_manager", "POST", f"{path}/approve"))
    again = await refused(world, "credit_manager_2", f"{path}/approve")
    lines = (await world.get("credit_analyst", f"{path}/lines"))["data"]

    assert [(one["old"]["credit_limit"], one["new"]["credit_limit"], one["status"]) for one in before] == [
        ("1000.00", "1100.00", "planned"),
        ("1000.00", "1100.00", "planned"),
    ]
    assert (stale[0], again[0]) == (412, 409)
    assert [(one["customer_id"], one["status"]) for one in lines] == list(
        zip(customers, ("changed_since", "applied"), strict=True)
    )
    limits = [(await world.get("auditor", f"/v1/customers/{one}/credit"))["credit_limit"] for one in customers]
    assert limits == ["2000.00", "1100.00"]


async def test_a_draft_is_not_activated_unsimulated_nor_after_the_policy_has_changed_beneath_it(world: World) -> None:
    policy: dict[str, Any] = {"rules": [{"rule": "static_limit"}], "insured_cover_counts": True}
    path = "/v1/credit-policies/B"
    drafts = f"{path}/drafts"
    await world.ask("credit_manager", "PUT", path, json=policy)
    assert (await refused(world, "credit_analyst", drafts, policy))[0] == 403
    draft = await world.ask("credit_manager", "POST", drafts, json=policy | {"small_value_below": "5.00"})

    unsimulated = await refused(world, "credit_manager_2", f"{drafts}/{draft['id']}/activate")
    days = {"until": TODAY, "days": 31}
    await world.job(
        "credit_manager", await world.ask("credit_manager", "POST", f"{drafts}/{draft['id']}/simulate", json=days)
    )
    await world.ask("credit_manager", "PUT", path, json=policy | {"small_value_below": "7.00"})
    outdated = await refused(world, "credit_manager_2", f"{drafts}/{draft['id']}/activate")
    await world.ask("credit_manager", "PUT", path, json=policy)

    assert unsimulated == (409, "policy_draft_not_simulated")
    assert outdated == (409, "policy_draft_outdated")
