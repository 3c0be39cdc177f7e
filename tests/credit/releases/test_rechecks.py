"""What removes the cause of a hold lets the order go at once; what adds another is named by the hold."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from credit_service.worker import JOB_FUNCTIONS
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.conduct import deliver
from tests.credit.credit_insurance.test_routes import insure
from tests.credit.desk import CreditDesk
from tests.credit.ledger import dispute, invoice, receipt
from tests.credit.policies import put_rule
from tests.credit.releases.test_routes import release, run_the_day


async def check(desk: CreditDesk, order_id: str = "SO-1", amount: str = "100.00", **more: Any) -> list[str]:
    """Check an order of C-1 and return the rules that hold it."""
    decision = (await desk.check("C-1", order_id, amount, **more)).json()
    assert decision["decision"] == "held", decision
    return [reason["rule"] for reason in decision["reasons"]]


async def status(desk: CreditDesk, order_id: str = "SO-1") -> str:
    return str((await desk.order(order_id))["status"])


async def run_jobs(units: Units) -> None:
    while await JobRunner(units, JOB_FUNCTIONS).run_next():
        pass


async def put_policy(desk: CreditDesk, risk_class: str = "C", **content: Any) -> None:
    await desk.ask("credit_manager", "PUT", f"/v1/credit-policies/{risk_class}", json={"rules": []} | content)


async def test_a_payment_releases_what_the_limit_held(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    item = invoice("1", "C-1", "950.00")
    await deliver(units, item.event())
    assert await check(desk) == ["static_limit"]

    await deliver(units, item.now("899.99").event(kind="payment"))

    assert await status(desk) == "released"


async def test_a_payment_that_is_too_small_shows_its_figures_and_no_more(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    item = invoice("1", "C-1", "950.00")
    await deliver(units, item.event())
    await check(desk)
    [before] = await desk.holds("C-1")

    await deliver(units, item.now("920.00").event(kind="payment"))

    [after] = await desk.holds("C-1")
    assert (before["reasons"][0]["actual"], after["reasons"][0]["actual"]) == ("1050.00", "1020.00")
    assert after["version"] == before["version"]


async def test_cash_on_account_releases_what_the_limit_held(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await check(desk, amount="1100.00")

    await deliver(units, receipt("1", "C-1", "100.00").event())

    assert await status(desk) == "released"


async def test_a_payment_of_the_oldest_item_releases_what_its_age_held(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    item = invoice("1", "C-1", "10.00", due_date=date(2026, 1, 1))
    await deliver(units, item.event())
    assert await check(desk) == ["oldest_open_item"]

    await deliver(units, item.now("0").event(kind="payment"))

    assert await status(desk) == "released"


async def test_a_dispute_releases_what_an_overdue_item_held_where_the_policy_leaves_disputes_out(
    desk: CreditDesk, units: Units
) -> None:
    rules = [{"rule": "oldest_open_item", "days": 30}]
    await put_policy(desk, rules=rules, disputed_counts_as_overdue=False)
    await desk.customer("C-1")
    await deliver(units, invoice("1", "C-1", "10.00", due_date=date(2026, 1, 1)).event())
    assert await check(desk) == ["oldest_open_item"]

    await deliver(units, dispute("1", "C-1", "10.00"))

    assert await status(desk) == "released"


async def test_a_resolved_dispute_is_named_by_what_is_held_already(desk: CreditDesk, units: Units) -> None:
    rules = [{"rule": "static_limit"}, {"rule": "oldest_open_item", "days": 30}]
    await put_policy(desk, rules=rules, disputed_counts_as_overdue=False)
    await desk.customer("C-1", limit="50.00")
    await deliver(units, invoice("1", "C-1", "10.00", due_date=date(2026, 1, 1)).event())
    await deliver(units, dispute("1", "C-1", "10.00"))
    assert await check(desk) == ["static_limit"]

    await deliver(units, dispute("1", "C-1", "0.00", version=2))

    [hold] = await desk.holds("C-1")
    assert [reason["rule"] for reason in hold["reasons"]] == ["static_limit", "oldest_open_item"]


async def test_a_higher_limit_releases(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="99.99")
    await check(desk)

    await desk.limit("C-1", "100.00")

    assert await status(desk) == "released"


async def test_terms_that_are_agreed_now_release_what_asked_for_them_before(desk: CreditDesk) -> None:
    await put_rule(desk, rule="payment_terms")
    await desk.customer("C-1")
    assert await check(desk, payment_terms="net 60") == ["payment_terms"]

    await desk.customer("C-1", limit=None, payment_terms="net 60")

    assert await status(desk) == "released"


async def test_insured_cover_releases_where_the_policy_counts_it(desk: CreditDesk) -> None:
    await put_policy(desk, rules=[{"rule": "static_limit"}], insured_cover_counts=True)
    await desk.customer("C-1", limit="50.00")
    await check(desk)

    assert (await insure(desk, valid_from="2026-01-01")).is_success

    assert await status(desk) == "released"


async def test_a_better_risk_class_releases_by_its_policy(desk: CreditDesk) -> None:
    await put_policy(desk, "A", rules=[])
    await desk.customer("C-1", limit="50.00")
    await check(desk)

    await desk.limit("C-1", "60.00", risk_class="A")

    assert await status(desk) == "released"


async def test_a_review_releases_what_was_held_for_want_of_one(desk: CreditDesk) -> None:
    await put_rule(desk, rule="review_due")
    await desk.customer("C-1", limit=None)
    await desk.limit("C-1", "1000.00", review_on="2026-03-01")
    assert await check(desk) == ["review_due"]
    body = {"outcome": "confirmed", "note": "as it was", "next_review_on": "2027-03-01", "reviewed_on": "2026-03-02"}

    answer = await desk.send("credit_analyst", "POST", "/v1/customers/C-1/reviews", json=body)

    assert answer.is_success, answer.text
    assert await status(desk) == "released"


async def test_a_new_policy_releases_what_the_old_one_held_in_its_class_only(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="50.00")
    await desk.customer("C-2", limit=None)
    await desk.limit("C-2", "50.00", risk_class="B")
    await check(desk)
    await desk.check("C-2", "SO-2", "100.00")

    await put_policy(desk, rules=[])
    await run_jobs(units)

    assert [await status(desk, order_id) for order_id in ("SO-1", "SO-2")] == ["released", "held"]


async def test_a_new_policy_is_named_by_what_is_held_already(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="50.00")
    await check(desk)

    await put_policy(desk, rules=[{"rule": "max_document_value", "max_amount": "10.00"}])
    await run_jobs(units)

    [hold] = await desk.holds("C-1")
    assert [reason["rule"] for reason in hold["reasons"]] == ["max_document_value"]


async def test_a_new_policy_has_held_orders_reserve(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="50.00")
    await check(desk)

    await put_policy(desk, rules=[{"rule": "static_limit"}], held_orders_reserve=True)
    await run_jobs(units)

    assert (await status(desk), await desk.exposure("C-1", "open_orders")) == ("held", "100.00")


async def test_a_recheck_rejects_nothing(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="50.00")
    await check(desk)

    await put_policy(desk, rules=[{"rule": "static_limit", "reaction": "reject"}])
    await run_jobs(units)

    assert await status(desk) == "held"


async def test_what_waits_longest_goes_first_and_what_it_takes_is_seen_by_the_next(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="10.00")
    for order_id in ("SO-2", "SO-1", "SO-3"):
        await check(desk, order_id, "60.00")

    await desk.limit("C-1", "120.00")

    assert [await status(desk, order_id) for order_id in ("SO-2", "SO-1", "SO-3")] == ["released", "released", "held"]
    [hold] = await desk.holds("C-1", status="open")
    assert hold["reasons"][0]["actual"] == "180.00"


@pytest.mark.parametrize(("amount", "first"), [("940.00", "approved"), ("1000.01", "held")])
async def test_an_order_that_reserves_less_than_before_lets_another_go(
    desk: CreditDesk, amount: str, first: str
) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "950.00")
    await check(desk, "SO-2", "60.00")

    await desk.check("C-1", "SO-1", amount)

    assert (await status(desk, "SO-1"), await status(desk, "SO-2")) == (first, "released")


async def test_an_order_that_reserves_less_but_too_much_shows_what_is_left_of_the_cause(desk: CreditDesk) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "950.00")
    await check(desk, "SO-2", "60.00")

    await desk.check("C-1", "SO-1", "940.01")

    [hold] = await desk.holds("C-1", status="open")
    assert hold["reasons"][0]["actual"] == "1000.01"


async def test_an_order_of_a_pool_that_reserves_less_lets_another_members_go(desk: CreditDesk, units: Units) -> None:
    await desk.customer("H")
    await desk.customer("C-1", limit=None, parent_id="H")
    await desk.customer("C-2", limit=None, parent_id="H")
    await desk.ask("credit_manager", "PUT", "/v1/customers/H/limit-pool", json={"managed_together": True})
    await desk.check("C-2", "SO-1", "950.00")
    await check(desk, "SO-2", "60.00")

    await desk.check("C-2", "SO-1", "940.00")
    await run_jobs(units)

    assert await status(desk, "SO-2") == "released"


async def test_a_rejected_order_that_had_reserved_its_value_lets_another_go(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await put_policy(desk, rules=[{"rule": "static_limit"}], held_orders_reserve=True)
    await run_jobs(units)
    await check(desk, "SO-1", "1100.00")
    await check(desk, "SO-2", "60.00")
    [first, _] = await desk.holds("C-1", status="open")

    await desk.ask("credit_analyst", "POST", f"/v1/holds/{first['id']}/reject", json={})

    assert (await status(desk, "SO-1"), await status(desk, "SO-2")) == ("rejected", "released")


async def test_a_recheck_by_hand_shows_what_holds_the_order_now(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="50.00")
    await check(desk)
    [hold] = await desk.holds("C-1")
    async with units.begin() as uow:
        # As if something had changed that nobody looked at.
        blocked = "blocked = true, block_code = 'x', block_reason = 'x', blocked_by = 'x', blocked_at = now()"
        await uow.session.execute(text(f"update credit_accounts set {blocked}"))

    refused = await release(desk, hold["id"])
    looked_at = await desk.ask("credit_analyst", "POST", f"/v1/holds/{hold['id']}/recheck")
    released = await release(desk, hold["id"])

    assert (refused.status_code, refused.json()["code"]) == (409, "hold_reasons_changed")
    assert "account_blocked" in refused.json()["detail"]
    assert [reason["rule"] for reason in looked_at["reasons"]] == ["static_limit", "account_blocked"]
    assert released.status_code == 200


@pytest.mark.parametrize(("until", "code"), [("2026-03-01", "release_ends_too_early"), ("2026-03-02", None)])
async def test_a_release_does_not_end_before_it_begins(desk: CreditDesk, until: str, code: str | None) -> None:
    await desk.customer("C-1", limit="50.00")
    await check(desk)
    [hold] = await desk.holds("C-1")

    answer = await release(desk, hold["id"], valid_until=until)

    assert answer.json().get("code") == code


async def test_a_release_holds_at_the_next_checkpoint_and_in_no_other_currency(desk: CreditDesk) -> None:
    rates = {"base": "EUR", "rates": {"USD": "1.0"}}
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-03-01", json=rates)
    await put_rule(desk, rule="static_limit", checkpoints=["delivery"])
    await desk.customer("C-1", limit="50.00")
    await check(desk)
    [hold] = await desk.holds("C-1")
    await release(desk, hold["id"])

    at_delivery = (await desk.check("C-1", "SO-1", "100.00", checkpoint="delivery")).json()
    in_dollars = (await desk.check("C-1", "SO-1", "100.00", currency="USD")).json()

    assert (at_delivery["decision"], in_dollars["decision"]) == ("approved", "held")


async def test_a_released_order_that_is_delivered_in_part_may_still_change_within_its_release(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1", limit="50.00")
    await check(desk)
    [hold] = await desk.holds("C-1")
    await release(desk, hold["id"], amount_tolerance_pct="10")
    await deliver(units, invoice("1", "C-1", "40.00", "SO-1").event())

    within = (await desk.check("C-1", "SO-1", "110.00")).json()
    above = (await desk.check("C-1", "SO-1", "110.01")).json()

    assert (within["decision"], above["decision"]) == ("approved", "held")


async def test_a_day_that_passes_names_what_holds_from_then_on(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="50.00")
    await deliver(units, invoice("1", "C-1", "10.00", due_date=date(2026, 3, 1)).event())
    await check(desk)

    await run_the_day(desk, units, "2026-04-01")

    [hold] = await desk.holds("C-1")
    assert [reason["rule"] for reason in hold["reasons"]] == ["static_limit", "oldest_open_item"]
    assert hold["as_of"] == "2026-04-01"
