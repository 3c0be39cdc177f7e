"""Every stored decision comes out again as it was made."""

from typing import Any

from sqlalchemy import text

from credit_service.worker import JOB_FUNCTIONS
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk

OLD_FACTS = (
    '{"as_of": "2026-03-02", "limit": null, "blocked": true, "excused": [], "overdue": null, "special": "0", '
    '"currency": "EUR", "document": "10.00", "unapplied": "0", "open_items": "0", "limit_state": "amount", '
    '"open_orders": "0", "credit_limit": "100.00", "own_reserved": "0", "unconverted": 0, "document_value": "10.00", '
    '"oldest_due_date": null, "limit_valid_until": null, "reserved_by_delivery": null, "requested_delivery_date": null}'
)
_INSERT = text(
    "insert into credit_decisions (decision_id, order_id, customer_id, decision, as_of, checkpoints, facts, risk_class, "
    "policy_version, answer, decided_by, by_person, decided_at) values (:id, 'SO-0', 'C-1', :decision, '2026-03-02', "
    "'[\"order\"]', cast(:facts as jsonb), 'C', 1, :answer, 'erp', false, now())"
)
BLOCKED = '{"reasons": [{"rule": "account_blocked", "detail": "Blocked.", "actual": null, "limit": null, "reaction": "hold"}]}'


async def busy_day(desk: CreditDesk) -> None:
    """Have orders approved, held, warned, rejected, released by a person and by themselves."""
    await desk.customer("C-1", limit="1000.00")
    await desk.customer("C-2", limit="1000.00", currency="EUR")
    rules = [
        {"rule": "static_limit"},
        {"rule": "dynamic_limit", "horizon_days": 30},
        {"rule": "overdue_share", "overdue_pct": "10", "use_pct": "10"},
        {"rule": "max_document_value", "max_amount": "5000.00", "reaction": "reject"},
        {"rule": "payment_terms", "reaction": "warn"},
    ]
    await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json={"rules": rules})
    await desk.check("C-1", "SO-1", "400.00", requested_delivery_date="2026-06-01")
    await desk.check("C-1", "SO-2", "900.00", payment_terms="net 90")
    await desk.check("C-2", "SO-3", "1200.00")
    await desk.check("C-2", "SO-4", "9000.00")
    holds = await desk.holds("C-1", order_id="SO-2")
    body = {"reason_code": "payment_announced"}
    await desk.ask("credit_manager", "POST", f"/v1/holds/{holds[0]['id']}/release", json=body)
    await desk.limit("C-2", "2000.00")


async def replay_all(desk: CreditDesk, units: Units, **body: Any) -> Any:
    job = await desk.ask("auditor", "POST", "/v1/credit-decisions/replays", json=body)
    while await JobRunner(units, JOB_FUNCTIONS).run_next():
        pass
    return (await desk.ask("auditor", "GET", f"/v1/jobs/{job['id']}"))["result"]


async def test_every_decision_comes_out_again_as_it_was_made(desk: CreditDesk, units: Units) -> None:
    await busy_day(desk)

    every = await replay_all(desk, units)
    of_one = await replay_all(desk, units, customer_id="C-2", since="2026-03-02")
    none = await replay_all(desk, units, since="2026-03-03")

    assert (every["replayed"], every["identical"], every["differences"]) == (6, 6, [])
    assert (of_one["replayed"], none["replayed"]) == (3, 0)


async def test_a_decision_of_the_time_before_the_new_facts_comes_out_again(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    async with units.begin() as uow:
        held = {"id": "chk_old", "decision": "held", "facts": OLD_FACTS, "answer": BLOCKED}
        await uow.session.execute(_INSERT, held)
        wrong = {"id": "chk_wrong", "decision": "approved", "facts": OLD_FACTS, "answer": '{"reasons": []}'}
        await uow.session.execute(_INSERT, wrong)

    old = await desk.ask("auditor", "POST", "/v1/credit-decisions/chk_old/replay")
    tampered = await desk.ask("auditor", "POST", "/v1/credit-decisions/chk_wrong/replay")

    assert (old["identical"], old["differences"]) == (True, [])
    assert not tampered["identical"]
    assert tampered["differences"][0] == "The decision was approved and is held again."
    assert (await replay_all(desk, units))["different"] == 1


async def test_an_auditor_finds_why_an_order_was_held(desk: CreditDesk) -> None:
    await busy_day(desk)

    by_order = (await desk.ask("auditor", "GET", "/v1/credit-decisions", params={"order_id": "SO-3"}))["data"]
    by_customer = (await desk.ask("auditor", "GET", "/v1/credit-decisions", params={"customer_id": "C-1"}))["data"]
    first = await desk.ask("auditor", "GET", f"/v1/credit-decisions/{by_order[0]['id']}")

    assert [(one["decision"], one["decided_by"]) for one in by_order] == [("held", "erp"), ("approved", "system")]
    assert [one["by_person"] for one in by_customer] == [False, False, True]
    assert (first["facts"]["document"], first["facts"]["credit_limit"], first["policy_version"]) == (
        "1200.00",
        "1000.0000",
        2,
    )
    assert [reason["rule"] for reason in first["reasons"]] == ["static_limit", "dynamic_limit"]
    assert first["what_would_release"]["limit"]["amount"] == "1200.00"


async def test_a_mistake_is_named(desk: CreditDesk) -> None:
    unknown = await desk.send("auditor", "POST", "/v1/credit-decisions/chk_none/replay")
    nothing = await desk.send("auditor", "GET", "/v1/credit-decisions")
    share = await desk.send("auditor", "POST", "/v1/credit-decisions/replays", json={"sample_pct": 0})

    assert (unknown.status_code, unknown.json()["code"]) == (404, "credit_decision_not_found")
    assert (nothing.status_code, share.status_code) == (422, 422)
