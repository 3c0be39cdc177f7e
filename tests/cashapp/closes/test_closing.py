"""A period is closed when its checklist allows it, with all before it, and reopened by two people."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import Account, Entry, Line
from shared.events.cashapp import PeriodClosed, PeriodReopened
from tests.cashapp.driver import Cashapp, mt940, takes
from tests.support.services import bearer

MARCH = "/v1/periods/2026-03"


async def close(cashapp: Cashapp, period: str = "2026-03", subject: str = "controller", **body: Any) -> httpx.Response:
    return await cashapp.client.post(f"/v1/periods/{period}/close", json=body, headers=bearer("controller", subject))


async def ask(cashapp: Cashapp, period: str = "2026-03", subject: str = "controller") -> httpx.Response:
    headers = bearer("controller", subject)
    return await cashapp.client.post(f"/v1/periods/{period}/reopen", json={"reason": "wrong payer"}, headers=headers)


async def decide(cashapp: Cashapp, reopening: str, deed: str, subject: str, **headers: str) -> httpx.Response:
    headers = bearer("controller", subject) | headers
    return await cashapp.client.post(f"/v1/reopenings/{reopening}/{deed}", headers=headers)


async def reopened(cashapp: Cashapp, period: str = "2026-03") -> None:
    asked = await ask(cashapp, period)
    answer = await decide(cashapp, asked.json()["id"], "approve", "controller_2")
    assert (asked.status_code, answer.status_code) == (201, 200), answer.text


async def post(cashapp: Cashapp, number: str, day: str = "2026-03-05") -> httpx.Response:
    body = {"number": number, "kind": "invoice", "customer_id": "C-1", "issue_date": day}
    return await cashapp.post("/v1/items", body | {"amount": "10.00", "currency": "EUR"})


async def states(cashapp: Cashapp, period: str = "2026-03", **params: str) -> dict[str, str]:
    found = await cashapp.get(f"/v1/periods/{period}", **params)
    return {one["name"]: one["state"] for one in found["checks"]}


async def test_clean_books_are_closed_and_the_close_keeps_what_was_known(cashapp: Cashapp) -> None:
    item = await cashapp.invoice("RE-1", "1000.00")
    await cashapp.imported(mt940("C1000,NTRFA//B1|Miller", day="260331"))
    (receipt,) = (await cashapp.get("/v1/receipts"))["data"]
    assert (await cashapp.apply(receipt, takes(item, "1000.00"))).status_code == 201

    answer = await close(cashapp, note="March")

    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["period"], made["version"], made["closed_by"], made["note"]) == ("2026-03", 1, "controller", "March")
    (control,) = made["control"]
    assert (control["entries"], control["debit"], control["credit"]) == (4, "4000.00", "4000.00")
    assert made["closed_behind"] == control["last_sequence"]
    assert {one["state"] for one in made["checks"]} == {"done", "not_available"}
    shown = await cashapp.get(MARCH)
    assert (shown["status"], shown["ready"], shown["closed_with"]) == ("closed", True, "2026-03")
    assert shown["checks"] == made["checks"]
    (event,) = await cashapp.events("period.closed")
    assert isinstance(event, PeriodClosed)
    assert (event.version, event.aggregate_id, event.period.status) == (1, "1000/2026-03", "closed")
    assert await cashapp.violations() == []


async def test_what_is_open_is_named_with_amount_and_place_and_leaves_no_trace(cashapp: Cashapp) -> None:
    await cashapp.receipt("40.00", payer_name="Nobody")
    await cashapp.receipt("60.00", customer_id="C-1", value_date="2026-01-15")

    answer = await close(cashapp)

    assert (answer.status_code, answer.json()["code"]) == (409, "period_not_ready")
    missing = {one["check"]: one for one in answer.json()["missing"]}
    assert set(missing) == {"unidentified_cash", "unapplied_cash", "bank_reconciled"}
    assert missing["unidentified_cash"]["amounts"] == [
        {"currency": "EUR", "amount": "40.00", "count": 1, "age": "0-30"}
    ]
    assert missing["unapplied_cash"]["amounts"][0]["age"] == "61-90"
    assert "status=unidentified" in missing["unidentified_cash"]["where"]
    assert [one["field"] for one in answer.json()["errors"]] == [f"checks.{name}" for name in missing]
    assert (await cashapp.get(MARCH))["status"] == "open"
    assert (await cashapp.get("/v1/closes"))["data"] == []
    assert await cashapp.events("period.closed") == []
    assert (await post(cashapp, "RE-1")).status_code == 201


async def test_open_points_are_closed_over_by_name_and_with_a_reason(cashapp: Cashapp) -> None:
    await cashapp.receipt("40.00", payer_name="Nobody")
    reasons = [{"check": "bank_reconciled", "reason": "paper statement"}, {"check": "unapplied_cash", "reason": "-"}]

    refused = await close(cashapp, accept=reasons)
    taken = await close(cashapp, accept=[*reasons, {"check": "unidentified_cash", "reason": "asked the bank"}])

    assert [one["check"] for one in refused.json()["missing"]] == ["unidentified_cash"]
    assert taken.status_code == 200
    assert taken.json()["accepted"] == [
        {"check": "unidentified_cash", "reason": "asked the bank"},
        {"check": "bank_reconciled", "reason": "paper statement"},
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"accept": [{"check": "integrity", "reason": "why not"}]}, 422, "check_not_acceptable"),
        ({"accept": [{"check": "nothing", "reason": "x"}]}, 422, "invalid_request"),
        ({"accept": [{"check": "unapplied_cash", "reason": " "}]}, 422, "invalid_request"),
        ({"company_code": ""}, 422, "invalid_request"),
        ({"force": True}, 422, "invalid_request"),
    ],
)
async def test_a_malformed_close_is_refused(cashapp: Cashapp, body: dict[str, Any], status: int, code: str) -> None:
    answer = await close(cashapp, **body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_period_that_is_not_over_is_not_closed(cashapp: Cashapp) -> None:
    today = cashapp.units.clock.today()

    answer = await close(cashapp, f"{today:%Y-%m}")

    assert (answer.status_code, answer.json()["code"]) == (409, "period_not_over")


async def test_a_close_freezes_its_period_and_all_before_it_for_its_company(cashapp: Cashapp) -> None:
    assert (await close(cashapp)).status_code == 200

    refused = [await post(cashapp, f"RE-{day}", day) for day in ("2026-03-31", "2026-02-01", "2019-07-01")]
    await cashapp.receipt("1.00", customer_id="C-1", value_date="2026-03-20")

    assert [one.json()["code"] for one in refused] == ["period_closed"] * 3
    assert "cash" not in await cashapp.trial_balance("2026-03-31")
    assert (await post(cashapp, "RE-4", "2026-04-01")).status_code == 201
    assert (await cashapp.get("/v1/periods/2026-01"))["closed_with"] == "2026-03"
    assert (await cashapp.get(MARCH, company_code="2000"))["status"] == "open"
    for period in ("2026-03", "2026-02"):
        assert (await close(cashapp, period)).json()["code"] == "period_unchanged"


_ON_MARCH = {"value_date": "2026-03-20", "customer_id": "C-1"}


async def test_gaps_since_the_last_close_are_found_and_those_before_it_are_not(cashapp: Cashapp) -> None:
    await cashapp.imported(mt940(day="260105", number="1/1", opening="10,"))
    await cashapp.imported(mt940(day="260130", number="2/1", opening="15,"))
    await cashapp.imported(mt940(day="260331", number="3/1", opening="15,"))

    january = await states(cashapp, "2026-01")
    march = await states(cashapp)
    assert (january["statement_chain"], march["statement_chain"]) == ("open", "open")
    accept = [{"check": name, "reason": "before our time"} for name in ("statement_chain", "bank_reconciled")]
    assert (await close(cashapp, "2026-01", accept=accept)).status_code == 200

    assert set((await states(cashapp)).values()) == {"done", "not_available"}


async def test_an_import_that_waits_or_failed_is_open_until_it_was_sent_again(cashapp: Cashapp) -> None:
    form = {"kind": "bank_statement", "create_accounts": "true"}
    for content in (b"rubbish", mt940(day="260331")):
        files = {"file": ("march.sta", content)}
        sent = await cashapp.client.post("/v1/imports", data=form, files=files, headers=bearer("admin"))
        assert sent.status_code == 202
        assert (await states(cashapp))["imports_finished"] == "open"
        await cashapp.work()

    assert (await states(cashapp))["imports_finished"] == "done"


async def test_a_returned_payment_is_open_until_its_exception_is_settled(cashapp: Cashapp) -> None:
    receipt = await cashapp.receipt("40.00", customer_id="C-1")
    body = {"reason": "nsf", "value_date": "2026-03-25"}
    answer = await cashapp.post(f"/v1/receipts/{receipt['id']}/return", body)
    assert (await states(cashapp))["payment_exceptions"] == "open"
    assert (await states(cashapp, "2026-02"))["payment_exceptions"] == "done"

    exception = answer.json()["payment_exception"]["id"]
    await cashapp.post(f"/v1/payment-exceptions/{exception}/resolve", {"outcome": "collected"})

    assert (await states(cashapp))["payment_exceptions"] == "done"


@pytest.mark.parametrize(
    ("kind", "status", "check"),
    [("invoice", "failed", "submissions_failed"), ("down_payment_request", None, "down_payments_raised")],
)
async def test_what_did_not_reach_its_customer_is_open_until_it_does(
    cashapp: Cashapp, kind: str, status: str | None, check: str
) -> None:
    item = await cashapp.invoice("DOC-1", "10.00", kind=kind)
    path = f"/v1/items/{item['id']}/submissions"
    sent: dict[str, Any] = {"channel": "email", "submitted_on": "2026-03-02", "status_on": "2026-03-03"}
    if status:
        failed = sent | {"status": status, "failure_reason": "no such mailbox", "reference": "M1"}
        assert (await cashapp.post(path, failed)).status_code == 201
    assert (await states(cashapp))[check] == "open"

    assert (await cashapp.post(path, sent | {"status": "delivered", "reference": "M2"})).status_code == 201

    assert (await states(cashapp))[check] == "done"


async def test_a_period_is_reopened_by_two_people_and_the_trace_stays(cashapp: Cashapp) -> None:
    await close(cashapp)
    asked = await ask(cashapp)
    id_ = asked.json()["id"]
    assert (asked.status_code, asked.json()["status"]) == (201, "pending")
    assert (await cashapp.get(MARCH))["pending_reopening"] == id_
    assert (await post(cashapp, "RE-1")).status_code == 409

    own = await decide(cashapp, id_, "approve", "controller")
    other = await decide(cashapp, id_, "approve", "controller_2")

    assert (own.status_code, own.json()["code"]) == (403, "four_eyes")
    assert (other.status_code, other.json()["decided_by"]) == (200, "controller_2")
    assert (await post(cashapp, "RE-1")).status_code == 201
    assert (await post(cashapp, "RE-2", "2026-02-28")).json()["code"] == "period_closed"
    (event,) = await cashapp.events("period.reopened")
    assert isinstance(event, PeriodReopened)
    assert (event.version, event.period.status, event.period.changed_by) == (2, "open", "controller_2")

    again = await close(cashapp, subject="controller_3")

    assert (again.status_code, again.json()["version"]) == (200, 3)
    assert [one["closed_by"] for one in (await cashapp.get("/v1/closes", period="2026-03"))["data"]] == [
        "controller_3",
        "controller",
    ]
    (kept,) = (await cashapp.get("/v1/reopenings", status="approved"))["data"]
    assert (kept["requested_by"], kept["reason"]) == ("controller", "wrong payer")


async def test_only_the_latest_closed_period_is_reopened(cashapp: Cashapp) -> None:
    await close(cashapp, "2026-02")
    pending = (await ask(cashapp, "2026-02")).json()["id"]
    await close(cashapp, "2026-03")

    earlier, open_one = await ask(cashapp, "2026-02"), await ask(cashapp, "2026-04")
    overtaken = await decide(cashapp, pending, "approve", "controller_2")

    assert [one.json()["code"] for one in (earlier, open_one, overtaken)] == ["not_the_latest_closed"] * 3
    await reopened(cashapp, "2026-03")
    assert (await decide(cashapp, pending, "approve", "controller_2")).status_code == 200
    assert (await cashapp.get("/v1/periods/2026-02"))["status"] == "open"
    assert (await cashapp.get("/v1/periods/2026-01"))["status"] == "closed"


async def test_a_request_to_reopen_is_decided_once(cashapp: Cashapp) -> None:
    await close(cashapp)
    first = (await ask(cashapp)).json()["id"]
    second = await ask(cashapp, subject="controller_2")
    rejected = await decide(cashapp, first, "reject", "controller_2")
    late = await decide(cashapp, first, "approve", "controller_2")
    mine = (await ask(cashapp)).json()["id"]
    theirs = await decide(cashapp, mine, "withdraw", "controller_2")
    stale = await decide(cashapp, mine, "approve", "controller_2", **{"If-Match": '"7"'})
    withdrawn = await decide(cashapp, mine, "withdraw", "controller")

    assert second.json()["code"] == "reopening_pending"
    assert first in second.json()["detail"]
    assert (rejected.json()["status"], late.json()["code"]) == ("rejected", "reopening_decided")
    assert (theirs.json()["code"], stale.status_code) == ("not_your_request", 412)
    assert withdrawn.json()["status"] == "withdrawn"
    assert (await decide(cashapp, "rop_x", "approve", "controller_2")).status_code == 404
    assert (await cashapp.get(MARCH))["status"] == "closed"


async def test_a_proof_made_ahead_counts_until_something_is_posted_in_the_period(cashapp: Cashapp) -> None:
    async def integrity() -> str:
        found = await cashapp.get(MARCH)
        return str(next(one["detail"] for one in found["checks"] if one["name"] == "integrity"))

    assert (await post(cashapp, "RE-1")).status_code == 201
    assert "proved on" not in await integrity()
    job = (await cashapp.post("/v1/ledger/proofs", role="auditor")).json()["id"]
    await cashapp.work()
    proof = (await cashapp.get(f"/v1/jobs/{job}"))["result"]
    await post(cashapp, "RE-2", "2026-04-01")
    assert proof["ok"]
    assert "proved on" in await integrity()

    await post(cashapp, "RE-3")

    assert "proved on" not in await integrity()


async def test_books_too_large_to_be_proved_while_one_waits_are_closed_with_a_proof_made_ahead(
    cashapp: Cashapp,
) -> None:
    await post(cashapp, "RE-1")
    async with cashapp.units.begin() as uow:
        await uow.session.execute(text("select setval('journal_entries_sequence_seq', 200001)"))
    unproved = await states(cashapp)
    refused = await close(cashapp)
    pack = await cashapp.get(f"{MARCH}/pack")
    await cashapp.post("/v1/ledger/proofs", role="auditor")
    await cashapp.work()
    closed = await close(cashapp)

    assert unproved["integrity"] == "open"
    assert (refused.status_code, refused.json()["code"]) == (409, "period_not_ready")
    (point,) = refused.json()["errors"]
    assert point["field"] == "checks.integrity"
    assert "POST /v1/ledger/proofs" in point["detail"]
    assert "integrity" in [one["name"] for one in pack["checks"] if one["state"] == "open"]
    assert closed.status_code == 200, closed.text


@pytest.mark.parametrize("role", ["ar_specialist", "auditor", "erp", "credit_manager"])
async def test_only_a_controller_closes_and_reopens(cashapp: Cashapp, role: str) -> None:
    paths = [f"{MARCH}/close", f"{MARCH}/reopen", *(f"/v1/reopenings/rop_1/{one}" for one in ("approve", "reject"))]

    answers = [await cashapp.post(path, {"reason": "x"}, role=role) for path in paths]

    assert {one.status_code for one in answers} == {403}


async def test_of_two_closes_at_once_one_closes(cashapp: Cashapp) -> None:
    answers = await asyncio.gather(*(close(cashapp, subject=f"controller_{n}") for n in range(4)))

    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"period_unchanged"}
    assert len(await cashapp.events("period.closed")) == 1


async def test_what_is_posted_beside_a_close_is_before_it_or_refused(cashapp: Cashapp) -> None:
    async def receive(number: int) -> httpx.Response:
        body = {"method": "wire", "amount": "1.00", "currency": "EUR", "bank_reference": f"B{number}"}
        return await cashapp.post("/v1/receipts", body | _ON_MARCH)

    accept = [{"check": name, "reason": "a test"} for name in ("unapplied_cash", "bank_reconciled")]
    work = [
        *(receive(number) for number in range(6)),
        close(cashapp, accept=accept),
        *(post(cashapp, f"RE-{n}") for n in range(6)),
    ]
    answers = await asyncio.gather(*work)

    closed, invoiced = answers[6], answers[7:]
    assert closed.status_code == 200, closed.text
    assert {one.status_code for one in invoiced} <= {201, 409}
    held = next(one["amounts"] for one in closed.json()["checks"] if one["name"] == "unapplied_cash")
    booked = await cashapp.trial_balance("2026-03-31")
    cash, receivables = booked.get("cash", Decimal(0)), booked.get("receivables", Decimal(0))
    assert sum(one["count"] for one in held) == cash
    assert sum(one.status_code == 201 for one in invoiced) * 10 == receivables
    assert sum(one["entries"] for one in closed.json()["control"]) == cash + receivables / 10
    assert await cashapp.violations() == []


async def test_a_close_waits_for_a_posting_and_gives_up_when_it_goes_on_and_on(cashapp: Cashapp) -> None:
    cashapp.settings.close_patience_seconds = 0.2
    async with cashapp.units.begin() as uow:
        await uow.session.execute(text("select * from closed_periods(array['1000'], array['2026-05'])"))
        refused = await close(cashapp)
        cashapp.settings.close_patience_seconds = 10
        closing = asyncio.create_task(close(cashapp))
        await asyncio.wait([closing], timeout=0.2)
        assert not closing.done()

    assert (refused.status_code, refused.json()["code"]) == (409, "postings_under_way")
    assert (await closing).status_code == 200


async def test_a_proof_made_ahead_does_not_count_for_what_was_still_being_posted(cashapp: Cashapp) -> None:
    await post(cashapp, "RE-1")
    await cashapp.post("/v1/ledger/proofs", role="auditor")
    await cashapp.work()
    lines = tuple(Line(account=Account.REVENUE, amount=Decimal(one), kind="issue") for one in (1, -1))
    late = Entry(kind="issue", posting_date=date(2026, 3, 5), company_code="1000", currency="EUR", lines=lines)
    async with cashapp.units.begin() as uow:
        await ledger.post(uow, [late])
        closing = asyncio.create_task(close(cashapp))
        await asyncio.wait([closing], timeout=0.5)
        assert not closing.done()

    refused = await closing
    assert (refused.status_code, refused.json()["code"]) == (409, "postings_under_way")
    assert (await close(cashapp)).status_code == 200


@pytest.mark.parametrize("statement", ["update closes set note = 'x'", "delete from closes", "truncate closes"])
async def test_a_close_is_kept_as_it_was(cashapp: Cashapp, statement: str) -> None:
    await close(cashapp)

    with pytest.raises(DBAPIError, match="kept as it was"):
        async with cashapp.units.begin() as uow:
            await uow.session.execute(text(statement))


async def test_the_database_takes_no_reopening_approved_by_who_asked(cashapp: Cashapp) -> None:
    await close(cashapp)
    await ask(cashapp)

    with pytest.raises(DBAPIError, match="decided_by_another"):
        async with cashapp.units.begin() as uow:
            await uow.session.execute(
                text("update reopenings set status = 'approved', decided_by = requested_by, decided_at = now()")
            )
