import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from credit_service.authorities.domain import Authority, Decider, Grant
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.days.jobs import DAY_RUN, run_day
from credit_service.limit_requests import use_cases
from credit_service.limit_requests.domain import LimitRequestOutdatedError, Wanted
from shared.days import StoppedClock
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk


async def ask_for(desk: CreditDesk, amount: str | None, role: str = "credit_analyst", **more: Any) -> httpx.Response:
    body = {"customer_id": "C-1", "requested_limit": amount, "currency": "EUR", "reason": "test"} | more
    return await desk.send(role, "POST", "/v1/limit-requests", json=body)


async def decide(desk: CreditDesk, request: Any, role: str, verb: str = "approve") -> httpx.Response:
    return await desk.send(role, "POST", f"/v1/limit-requests/{request['id']}/{verb}")


@pytest.mark.parametrize(
    ("role", "amount", "status"),
    [
        ("credit_analyst", "50000.00", "approved"),
        ("credit_analyst", "50000.01", "pending"),
        ("credit_manager", "1000000.00", "approved"),
        ("credit_manager", "1000000.01", "pending"),
        ("credit_manager", None, "approved"),
        ("credit_analyst", None, "pending"),
    ],
)
async def test_a_limit_holds_at_once_inside_the_askers_authority_only(
    desk: CreditDesk, role: str, amount: str | None, status: str
) -> None:
    await desk.customer("C-1", limit=None)

    answer = await ask_for(desk, amount, role)

    assert (answer.status_code, answer.json()["status"]) == (201, status)
    expected = amount if status == "approved" else "0.00"
    assert (await desk.credit("C-1"))["credit_limit"] == expected


async def test_nobody_approves_his_own_request(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    request = (await ask_for(desk, "5000000.00", "credit_manager")).json()

    answer = await decide(desk, request, "credit_manager")

    assert (answer.status_code, answer.json()["code"]) == (403, "four_eyes")


async def test_nobody_approves_above_his_authority(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    request = (await ask_for(desk, "5000000.00", "credit_manager")).json()

    answer = await decide(desk, request, "credit_manager_2")

    assert (answer.status_code, answer.json()["code"]) == (403, "authority_exceeded")
    assert (await desk.credit("C-1"))["limit_state"] == "zero"


async def test_an_analyst_approves_nothing(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    request = (await ask_for(desk, "60000.00")).json()

    assert (await decide(desk, request, "credit_analyst_2")).status_code == 403


async def test_another_with_the_authority_approves_and_it_is_decided_once(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    request = (await ask_for(desk, "60000.00", valid_until="2026-12-31", payment_terms="net 14")).json()

    answers = await asyncio.gather(*(decide(desk, request, "credit_manager") for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    credit = await desk.credit("C-1")
    assert (credit["credit_limit"], credit["limit_valid_until"], credit["payment_terms"], credit["version"]) == (
        "60000.00",
        "2026-12-31",
        "net 14",
        1,
    )


async def test_a_rejected_request_changes_no_limit(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    request = (await ask_for(desk, "60000.00")).json()

    rejected = (await decide(desk, request, "credit_manager", "reject")).json()

    assert (rejected["status"], rejected["decided_by"]) == ("rejected", "credit_manager")
    assert (await desk.credit("C-1"))["credit_limit"] == "100.00"


async def test_no_credit_an_amount_and_unmanaged_are_never_confused(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="0.00")
    decisions = [(await desk.check("C-1", "SO-0", "0.01")).json()["decision"]]
    await desk.limit("C-1", "10.00")
    decisions.append((await desk.check("C-1", "SO-1", "9.99")).json()["decision"])
    await desk.limit("C-1", None)

    unmanaged = (await desk.check("C-1", "SO-2", "99999999.00")).json()

    assert [*decisions, unmanaged["decision"]] == ["held", "approved", "approved"]
    assert unmanaged["available_after"] is None
    assert (await desk.credit("C-1"))["limit_state"] == "unmanaged"


async def test_a_higher_limit_releases_what_was_held_for_the_lower(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.check("C-1", "SO-1", "500.00")

    await desk.limit("C-1", "500.00")

    assert (await desk.order("SO-1"))["status"] == "released"
    assert await desk.exposure("C-1") == "500.00"


PLAIN_MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"customer_id": "nobody"}, "customer_id"),
    ({"currency": "USD"}, "currency"),
    ({"requested_limit": "-1.00"}, "requested_limit"),
    ({"requested_limit": "1.001"}, "requested_limit"),
    ({"reason": ""}, "reason"),
    ({"valid_until": "2026-02-30"}, "valid_until"),
]


async def test_a_mistake_is_named(desk: CreditDesk) -> None:
    await desk.customer("C-1")

    for change, field in PLAIN_MISTAKES:
        asked = {"requested_limit": "10.00"} | change
        answer = await ask_for(desk, asked.pop("requested_limit"), **asked)

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field], change


async def test_requests_are_listed_newest_first_by_customer_and_state(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await ask_for(desk, "60000.00")
    await ask_for(desk, "10.00")
    await ask_for(desk, "20.00")

    def listed(status: str) -> Any:
        return desk.ask("auditor", "GET", "/v1/limit-requests", params={"customer_id": "C-1", "status": status})

    assert [one["requested_limit"] for one in (await listed("approved"))["data"]] == ["20.00", "10.00"]
    assert [one["requested_limit"] for one in (await listed("pending"))["data"]] == ["60000.00"]


@pytest.mark.parametrize(("amount", "status"), [("8000000", "approved"), ("8000001", "pending")])
async def test_the_authority_is_compared_at_the_stored_rate(desk: CreditDesk, amount: str, status: str) -> None:
    rates = {"base": "EUR", "rates": {"JPY": "160"}}
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-01-01", json=rates)
    await desk.customer("C-1", limit=None, currency="JPY")

    answer = await ask_for(desk, amount, currency="JPY")

    assert answer.json()["status"] == status


async def test_a_newer_request_takes_the_place_of_that_of_the_same_person_and_kind(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    first = (await ask_for(desk, "60000.00")).json()
    temporary = (await ask_for(desk, "90000.00", temporary=True, valid_until="2999-01-01")).json()
    anothers = (await ask_for(desk, "70000.00", "credit_analyst_2")).json()
    second = (await ask_for(desk, "80000.00")).json()

    statuses = [(await request_of(desk, one))["status"] for one in (first, temporary, anothers, second)]

    assert statuses == ["superseded", "pending", "pending", "pending"]
    assert (await decide(desk, first, "credit_manager")).json()["code"] == "limit_request_decided"


async def request_of(desk: CreditDesk, request: Any) -> Any:
    return await desk.ask("auditor", "GET", f"/v1/limit-requests/{request['id']}")


async def test_two_requests_at_once_leave_one_that_waits(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")

    answers = await asyncio.gather(*(ask_for(desk, f"6000{n}.00") for n in range(4)))

    assert {answer.status_code for answer in answers} == {201}
    statuses = sorted([(await request_of(desk, answer.json()))["status"] for answer in answers])
    assert statuses == ["pending", "superseded", "superseded", "superseded"]


async def test_only_who_asked_withdraws(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    request = (await ask_for(desk, "60000.00")).json()

    another = await decide(desk, request, "credit_analyst_2", "withdraw")
    own = await decide(desk, request, "credit_analyst", "withdraw")
    late = await decide(desk, request, "credit_manager")

    assert (another.status_code, another.json()["code"]) == (403, "not_your_request")
    assert (own.status_code, own.json()["status"]) == (200, "withdrawn")
    assert (late.status_code, late.json()["code"]) == (409, "limit_request_decided")


async def test_of_an_approval_and_a_withdrawal_at_once_one_counts(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    request = (await ask_for(desk, "60000.00")).json()

    approved, withdrawn = await asyncio.gather(
        decide(desk, request, "credit_manager"), decide(desk, request, "credit_analyst", "withdraw")
    )

    assert sorted([approved.status_code, withdrawn.status_code]) == [200, 409]
    expected = "60000.00" if approved.status_code == 200 else "100.00"
    assert (await desk.credit("C-1"))["credit_limit"] == expected


async def test_a_stale_version_decides_nothing(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    request = (await ask_for(desk, "60000.00")).json()

    path = f"/v1/limit-requests/{request['id']}/approve"
    answer = await desk.send("credit_manager", "POST", path, headers={"If-Match": '"9"'})

    assert answer.status_code == 412


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "approved"),
        ({"valid_until": "2026-06-30"}, "approved"),
        ({"payment_terms": "net 60"}, "pending"),
        ({"risk_class": "A"}, "pending"),
        ({"temporary": True, "valid_until": "2026-06-30", "requested_limit": "90000.00"}, "pending"),
    ],
)
async def test_who_only_lowers_a_limit_needs_no_authority(
    desk: CreditDesk, change: dict[str, Any], status: str
) -> None:
    await desk.customer("C-1", limit="80000.00")

    answer = await ask_for(desk, change.pop("requested_limit", "60000.00"), **change)

    assert answer.json()["status"] == status


async def test_a_longer_validity_is_no_lowering(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await desk.limit("C-1", "80000.00", valid_until="2026-06-30")

    assert (await ask_for(desk, "80000.00", valid_until="2026-07-01")).json()["status"] == "pending"


async def test_a_limit_comes_with_terms_class_review_and_evidence(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    more: dict[str, Any] = {
        "payment_terms": "2/10 net 30",
        "risk_class": "B",
        "review_on": "2026-09-01",
        "evidence": ["cra_1", "call"],
    }

    request = (await ask_for(desk, "10.00", **more)).json()

    credit = await desk.credit("C-1")
    assert (credit["payment_terms"], credit["risk_class"], credit["next_review_on"]) == (
        "2/10 net 30",
        "B",
        "2026-09-01",
    )
    assert request["evidence"] == ["cra_1", "call"]


async def test_a_temporary_increase_holds_until_its_last_day_and_falls_back_by_itself(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await ask_for(desk, "500.00", temporary=True, valid_until="2026-03-31")

    on_the_last_day = (await desk.check("C-1", "SO-1", "400.00", as_of="2026-03-31")).json()
    after_it = (await desk.check("C-1", "SO-2", "60.00", as_of="2026-04-01")).json()

    assert (on_the_last_day["decision"], after_it["decision"]) == ("approved", "held")
    credit = [await desk.credit("C-1", as_of=day) for day in ("2026-03-31", "2026-04-01")]
    assert [(one["credit_limit"], one["effective_limit"]) for one in credit] == [
        ("100.00", "500.00"),
        ("100.00", "100.00"),
    ]


async def test_the_day_writes_down_that_an_increase_ended_once(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="100.00")
    await ask_for(desk, "500.00", temporary=True, valid_until="2026-03-31")

    ended = [
        (await run_the_day(desk, units, day))["limits_fallen_back"]
        for day in ("2026-03-31", "2026-04-03", "2026-04-04")
    ]

    assert ended == [0, 1, 0]
    credit, line = await desk.credit("C-1"), (await journal_of(desk))[0]
    assert (credit["credit_limit"], credit["temporary_limit"], credit["version"]) == ("100.00", None, 3)
    assert (line["kind"], line["approved_by"], line["old"]["temporary_limit"], line["version"]) == (
        "temporary_ended",
        "system",
        "500.00",
        3,
    )


async def run_the_day(desk: CreditDesk, units: Units, day: str) -> Any:
    job = await desk.ask("erp", "POST", f"/v1/days/{day}/run")
    await JobRunner(units, {DAY_RUN: run_day}).run_next()
    return (await desk.ask("erp", "GET", f"/v1/jobs/{job['id']}"))["result"]


async def journal_of(desk: CreditDesk, customer_id: str = "C-1") -> Any:
    return (await desk.ask("auditor", "GET", f"/v1/customers/{customer_id}/limit-changes"))["data"]


async def test_an_increase_is_replaced_by_the_next_one(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await ask_for(desk, "500.00", temporary=True, valid_until="2026-03-31")

    await ask_for(desk, "300.00", temporary=True, valid_until="2026-05-31")

    credit = await desk.credit("C-1", as_of="2026-03-02")
    assert (credit["effective_limit"], credit["temporary_until"]) == ("300.00", "2026-05-31")
    line = (await journal_of(desk))[0]
    assert (line["old"]["temporary_limit"], line["new"]["temporary_limit"]) == ("500.00", "300.00")


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"valid_until": None}, "valid_until", "temporary_increase"),
    ({"requested_limit": None}, "requested_limit", "temporary_increase"),
    ({"requested_limit": "0.00"}, "requested_limit", "temporary_increase"),
    ({"requested_limit": "100.00"}, "requested_limit", "not_an_increase"),
    ({"risk_class": "A"}, "risk_class", "temporary_increase"),
    ({"payment_terms": "net 60"}, "payment_terms", "temporary_increase"),
    ({"payment_terms": "whenever"}, "payment_terms", "invalid_payment_terms"),
    ({"risk_class": "F"}, "risk_class", "invalid_request"),
    ({"evidence": [""]}, "evidence.0", "invalid_request"),
]


async def test_what_no_increase_can_be_is_named(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")

    for change, field, code in MISTAKES:
        asked: dict[str, Any] = {"requested_limit": "500.00", "temporary": True, "valid_until": "2026-03-31"} | change
        answer = await ask_for(desk, asked.pop("requested_limit"), **asked)

        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert [error["field"] for error in answer.json()["errors"]] == [field], change


async def test_an_unmanaged_limit_is_not_increased_for_a_time(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    await desk.limit("C-1", None)

    answer = await ask_for(desk, "500.00", temporary=True, valid_until="2026-03-31")

    assert (answer.status_code, answer.json()["code"]) == (422, "not_an_increase")


async def test_an_increase_that_is_none_any_more_is_not_approved(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    request = (await ask_for(desk, "60000.00", temporary=True, valid_until="2026-03-31")).json()
    await desk.limit("C-1", "60000.00")

    answer = await decide(desk, request, "credit_manager")

    assert (answer.status_code, answer.json()["code"]) == (409, "limit_request_outdated")
    assert (await request_of(desk, request))["status"] == "pending"


async def test_a_request_in_a_currency_that_the_account_left_is_not_approved(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit=None)
    request = (await ask_for(desk, "60000.00")).json()
    await desk.customer("C-1", limit=None, currency="USD")

    answer = await decide(desk, request, "credit_manager")

    assert (answer.status_code, answer.json()["code"]) == (409, "limit_request_outdated")


async def test_the_day_expires_a_request_that_nobody_decided_in_time(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="100.00")
    request = (await ask_for(desk, "60000.00", valid_until="2026-03-31")).json()

    expired = [(await run_the_day(desk, units, day))["limit_requests_expired"] for day in ("2026-03-31", "2026-04-01")]

    ended = await request_of(desk, request)
    assert (expired, ended["status"], ended["decided_by"]) == ([0, 1], "expired", "system")


async def test_a_request_that_waited_too_long_is_rejected_but_not_approved(credit_database: str) -> None:
    clock = StoppedClock(datetime(2026, 3, 2, tzinfo=UTC))
    units = Units.connect(credit_database, source="credit-service", clock=clock)
    by = Decider("asker", Authority("EUR"))
    async with units.begin() as uow:
        await credit_accounts.open_account(uow, "C-1", currency="EUR", payment_terms="net 30")
        wanted = Wanted("C-1", Decimal(100), "EUR", None, "test")
        request_id = (await use_cases.request_limit(uow, wanted, by=by, waits_days=90)).request_id
    manager = Decider("manager", Authority("EUR", (Grant(Decimal(100)),)))

    clock.at = datetime(2026, 6, 1, tzinfo=UTC)
    async with units.begin() as uow:
        with pytest.raises(LimitRequestOutdatedError):
            await use_cases.approve(uow, request_id, by=manager, note=None, expected_version=None)
        clock.at = datetime(2026, 5, 31, tzinfo=UTC)
        row = await use_cases.approve(uow, request_id, by=manager, note=None, expected_version=None)
        assert row.status == "approved"
    await units.close()


async def test_the_journal_tells_old_new_who_why_and_on_what_evidence(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    request = (await ask_for(desk, "60000.00", valid_until="2026-12-31", evidence=["cra_1"])).json()
    await decide(desk, request, "credit_manager")

    line = (await journal_of(desk))[0]

    assert (line["requested_by"], line["approved_by"], line["reason"]) == ("credit_analyst", "credit_manager", "test")
    assert (line["request_id"], line["evidence"], line["version"]) == (request["id"], ["cra_1"], 2)
    assert [(side["credit_limit"], side["valid_until"]) for side in (line["old"], line["new"])] == [
        ("100.00", None),
        ("60000.00", "2026-12-31"),
    ]


async def test_the_journal_of_nobody_is_404_and_is_paged(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.limit("C-1", "200.00")
    path = "/v1/customers/C-1/limit-changes"

    first = await desk.ask("auditor", "GET", path, params={"limit": 1})
    second = await desk.ask("auditor", "GET", path, params={"limit": 1, "cursor": first["next_cursor"]})

    assert [page["data"][0]["version"] for page in (first, second)] == [2, 1]
    assert (await desk.send("auditor", "GET", "/v1/customers/nobody/limit-changes")).status_code == 404


async def test_zero_and_null_are_asked_for_and_nothing_at_all_is_a_mistake(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    body = {"customer_id": "C-1", "currency": "EUR", "reason": "test"}

    absent = await desk.send("credit_manager", "POST", "/v1/limit-requests", json=body)
    zero = await desk.limit("C-1", "0.00")
    state = (await desk.credit("C-1"))["limit_state"]
    unmanaged = await desk.limit("C-1", None)

    assert (absent.status_code, [error["field"] for error in absent.json()["errors"]]) == (422, ["requested_limit"])
    assert (zero["requested_limit"], state) == ("0.00", "zero")
    assert (unmanaged["requested_limit"], (await desk.credit("C-1"))["limit_state"]) == (None, "unmanaged")


async def test_a_better_class_releases_what_the_policy_of_the_worse_one_held(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="1000.00")
    strict = {"rules": [{"rule": "max_document_value", "max_amount": "100.00", "reaction": "hold"}]}
    await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json=strict)
    await desk.check("C-1", "SO-1", "500.00")

    await desk.limit("C-1", "1000.00", risk_class="B")

    assert (await desk.order("SO-1"))["status"] == "released"


async def test_others_are_told_of_an_increase_and_of_its_end(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="100.00")
    await ask_for(desk, "500.00", temporary=True, valid_until="2026-03-31")
    await run_the_day(desk, units, "2026-04-01")

    query = text("select body::jsonb -> 'data' from outbox where type = 'credit.limit_changed' order by position")
    async with units.read() as session:
        told = list((await session.execute(query)).scalars())

    assert [(one["version"], one["credit_limit"], one["temporary_limit"], one["temporary_until"]) for one in told] == [
        (1, "100.00", None, None),
        (2, "100.00", "500.00", "2026-03-31"),
        (3, "100.00", None, None),
    ]
