"""Random lives of one limit, by several people at once: what must hold at the end of each."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import Limit, LimitDecision
from shared.days import StoppedClock
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk

PEOPLE = ("credit_analyst", "credit_analyst_2", "credit_manager", "credit_manager_2")
AMOUNTS = (None, "0.00", "100.00", "50000.00", "50000.01", "900000.00", "1000000.01")

asked = st.fixed_dictionaries(
    {
        "do": st.just("ask"),
        "by": st.sampled_from(PEOPLE),
        "requested_limit": st.sampled_from(AMOUNTS),
        "temporary": st.booleans(),
        "valid_until": st.sampled_from([None, "2026-03-31", "2999-12-31"]),
    }
)
decided = st.fixed_dictionaries(
    {
        "do": st.sampled_from(["approve", "reject", "withdraw"]),
        "by": st.sampled_from(PEOPLE),
        "which": st.integers(0, 9),
    }
)
recommended = st.fixed_dictionaries(
    {"do": st.just("reduce"), "by": st.sampled_from(PEOPLE), "to": st.sampled_from(["0.00", "50.00", "40000.00"])}
)
fallen_back = st.fixed_dictionaries({"do": st.just("day"), "day": st.sampled_from(["2026-04-01", "2999-12-31"])})
steps = st.lists(st.lists(asked | decided | recommended | fallen_back, min_size=1, max_size=3), min_size=2, max_size=6)
"""What stands in one inner list happens at once."""


async def take(desk: CreditDesk, units: Units, customer_id: str, step: dict[str, Any], known: list[str]) -> None:
    """Do one step; a refusal is an answer too, a fault is not."""
    answer: httpx.Response | None = None
    if step["do"] == "ask":
        body = {name: step[name] for name in ("requested_limit", "temporary", "valid_until")}
        body |= {"customer_id": customer_id, "currency": "EUR", "reason": "random"}
        answer = await desk.send(step["by"], "POST", "/v1/limit-requests", json=body)
        known += [answer.json()["id"]] if answer.is_success else []
    elif step["do"] == "reduce":
        body = {"customer_id": customer_id, "kind": "reduce_limit", "rationale": "random"}
        body["proposed"] = {"currency": "EUR", "new_limit": step["to"]}
        made = await desk.send(step["by"], "POST", "/v1/recommendations", json=body)
        if made.is_success:
            path = f"/v1/recommendations/{made.json()['id']}/decide"
            answer = await desk.send("credit_manager", "POST", path, json={"decision": "accept"})
    elif step["do"] == "day":
        async with units.begin() as uow:
            await credit_accounts.end_temporary_increases(uow, datetime.fromisoformat(step["day"]).date())
    elif known:
        path = f"/v1/limit-requests/{known[step['which'] % len(known)]}/{step['do']}"
        answer = await desk.send(step["by"], "POST", path)
    assert answer is None or answer.status_code < 500, answer.text


async def lines_of(units: Units, customer_id: str) -> list[Any]:
    query = text("select * from limit_changes where customer_id = :id order by version")
    async with units.read() as session:
        return list((await session.execute(query, {"id": customer_id})).mappings())


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(life=steps)
async def test_the_journal_leads_to_the_present_limit_and_nobody_approves_his_own(
    desk: CreditDesk, units: Units, life: list[list[dict[str, Any]]]
) -> None:
    customer_id = f"C-{uuid4().hex}"
    await desk.customer(customer_id, limit=None)
    known: list[str] = []

    for together in life:
        await asyncio.gather(*(take(desk, units, customer_id, step, known) for step in together))

    lines, credit = await lines_of(units, customer_id), await desk.credit(customer_id)
    assert [line["version"] for line in lines] == list(range(1, credit["version"] + 1))
    before: Any = ("zero", None, None, None, None)
    for line in lines:
        told = ("state", "limit", "valid_until", "temporary", "temporary_until")
        assert tuple(line[f"old_{name}"] for name in told) == before
        before = tuple(line[f"new_{name}"] for name in told)
    assert before[0] == credit["limit_state"]
    shown = {"amount": before[1], "zero": Decimal(0), "unmanaged": None}[before[0]]
    assert (None if credit["credit_limit"] is None else Decimal(credit["credit_limit"])) == shown
    assert (None if credit["temporary_limit"] is None else Decimal(credit["temporary_limit"])) == before[3]
    for line in lines:
        _ensure_sound(line)
    await _ensure_decided_once(desk, customer_id, lines)


def _ensure_sound(line: Any) -> None:
    """Who approved what he asked for himself had the authority, or only lowered the limit."""
    if line["kind"] == "temporary_ended" or line["requested_by"] != line["approved_by"]:
        return
    old, new = (
        Limit(line[f"{side}_state"], line[f"{side}_limit"], line[f"{side}_valid_until"]) for side in ("old", "new")
    )
    manager = line["approved_by"].startswith("credit_manager")
    authority = Decimal(1_000_000) if manager else Decimal(50_000)
    if line["kind"] == "temporary":
        assert line["new_temporary"] <= authority
    elif old.is_raised_by(new):
        assert manager if new.shown is None else new.shown <= authority


async def _ensure_decided_once(desk: CreditDesk, customer_id: str, lines: list[Any]) -> None:
    """Each approved request has one line, and no other has any; of one person and kind at most one waits."""
    page = await desk.ask("auditor", "GET", "/v1/limit-requests", params={"customer_id": customer_id, "limit": 500})
    approved = sorted(one["id"] for one in page["data"] if one["status"] == "approved")
    assert sorted(line["request_id"] for line in lines if line["request_id"].startswith("lrq_")) == approved
    waiting = [(one["requested_by"], one["temporary"]) for one in page["data"] if one["status"] == "pending"]
    assert len(waiting) == len(set(waiting))


async def test_a_limit_lowered_while_orders_are_checked_grants_nothing_above_it(
    desk: CreditDesk, another_process: httpx.AsyncClient
) -> None:
    """Exposure above the new limit is what was granted before; behind the change nothing is added."""
    await desk.customer("C-1", limit="1000.00")
    others = CreditDesk(another_process)

    checks = [(desk if n % 2 else others).check("C-1", f"SO-{n}", "100.00") for n in range(8)]
    answers = await asyncio.gather(*checks[:4], desk.limit("C-1", "300.00"), *checks[4:])
    granted = [one for one in answers if isinstance(one, httpx.Response) and one.json()["decision"] == "approved"]
    late = (await desk.check("C-1", "SO-9", "100.00")).json()

    assert Decimal(await desk.exposure("C-1", "open_orders")) == 100 * len(granted)
    assert len(granted) >= 3
    assert late["decision"] == "held"


async def test_the_clock_plays_no_part_in_when_an_increase_ends(credit_database: str) -> None:
    """A run of the day that comes late writes the line late; the limit had fallen back by its date."""
    units = Units.connect(
        credit_database, source="credit-service", clock=StoppedClock(datetime(2030, 1, 1, tzinfo=UTC))
    )
    async with units.begin() as uow:
        account = await credit_accounts.open_account(uow, "C-1", currency="EUR", payment_terms="net 30")
        limit = account.limit.increased(Decimal(500), datetime(2026, 3, 31, tzinfo=UTC).date())
        decision = LimitDecision("a", "b", "test", "lrq_1", kind="temporary")
        changed = await credit_accounts.change_limit(uow, account, limit, decision=decision)
    await units.close()

    days = [datetime(2026, 3, 31, tzinfo=UTC).date(), datetime(2026, 4, 1, tzinfo=UTC).date()]
    assert [changed.limit.effective(day) for day in days] == [Decimal(500), Decimal(0)]
