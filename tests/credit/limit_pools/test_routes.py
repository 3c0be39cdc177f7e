"""Groups that share a limit."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from credit_service.credit_accounts.use_cases import accounts
from credit_service.exposure.use_cases import take_items, take_receipts
from credit_service.journal import use_cases as journal
from credit_service.releases.use_cases import recheck
from credit_service.worker import JOB_FUNCTIONS
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.ledger import invoice, receipt

POOLED = ["pooled_limit"]


async def share(desk: CreditDesk, head: str, *, together: bool = True) -> Any:
    return await desk.ask(
        "credit_manager", "PUT", f"/v1/customers/{head}/limit-pool", json={"managed_together": together}
    )


async def pool(desk: CreditDesk, customer_id: str) -> Any:
    return await desk.ask("auditor", "GET", f"/v1/customers/{customer_id}/limit-pool", params={"as_of": "2026-03-02"})


async def run_jobs(units: Units) -> None:
    """Do what waits, as the worker does."""
    while await JobRunner(units, JOB_FUNCTIONS).run_next():
        pass


async def group(desk: CreditDesk) -> None:
    """Put a head H with 1,000 and two members without limits of their own, M-1 and M-2, below it."""
    await desk.customer("H", limit="1000.00")
    await desk.customer("M-1", limit=None, parent_id="H")
    await desk.customer("M-2", limit=None, parent_id="M-1")
    await share(desk, "H")


async def decided(desk: CreditDesk, customer_id: str, order_id: str, amount: str, **more: Any) -> tuple[str, list[str]]:
    answer = (await desk.check(customer_id, order_id, amount, **more)).json()
    return answer["decision"], [reason["rule"] for reason in answer["reasons"]]


async def test_members_without_limits_of_their_own_share_that_of_the_head(desk: CreditDesk) -> None:
    await group(desk)

    assert await decided(desk, "M-1", "SO-1", "600.00") == ("approved", [])
    assert await decided(desk, "M-2", "SO-2", "400.01") == ("held", POOLED)
    assert await decided(desk, "M-2", "SO-3", "400.00") == ("approved", [])
    assert await decided(desk, "H", "SO-4", "0.01") == ("held", POOLED)
    credit = await desk.credit("M-1", as_of="2026-03-02")
    shown = (credit["credit_limit"], credit["pool_id"], credit["effective_limit"], credit["available"])
    assert shown == ("0.00", "H", "1000.00", "0.00")


async def test_the_reason_and_what_is_available_say_which_bound_it_is(desk: CreditDesk) -> None:
    await group(desk)
    await desk.limit("M-1", "500.00")

    within = (await desk.check("M-1", "SO-1", "300.00")).json()
    own = (await desk.check("M-1", "SO-2", "300.00")).json()
    await desk.check("M-2", "SO-3", "650.00")
    both = (await desk.check("M-1", "SO-4", "250.00")).json()

    assert (within["available_after"], own["available_after"]) == ("200.00", "200.00")
    assert [reason["rule"] for reason in own["reasons"]] == ["static_limit"]
    assert [reason["rule"] for reason in both["reasons"]] == ["static_limit", "pooled_limit"]
    assert both["reasons"][1]["detail"] == (
        "Exposure of the group would be 1200.00 EUR, its pooled limit at H is 1000.00 EUR."
    )
    assert both["available_after"] == "50.00"


async def test_the_orders_of_one_batch_see_one_another(desk: CreditDesk) -> None:
    await group(desk)
    order = {"amount": "400.00", "currency": "EUR", "as_of": "2026-03-02"}
    checks = [
        order | {"customer_id": customer_id, "order_id": f"SO-{number}"}
        for number, customer_id in enumerate(("M-1", "M-2", "H", "M-1"))
    ]

    results = (await desk.ask("erp", "POST", "/v1/credit-checks/batch", json={"checks": checks}))["results"]

    assert [result["decision"] for result in results] == ["approved", "approved", "held", "held"]
    assert (await pool(desk, "M-2"))["exposure"] == "800.00"


async def test_a_member_stands_on_its_own_again_when_the_pool_ends_or_it_leaves(desk: CreditDesk) -> None:
    await group(desk)
    await desk.customer("M-1", limit=None)

    assert await decided(desk, "M-1", "SO-1", "1.00") == ("held", ["static_limit"])
    assert await decided(desk, "M-2", "SO-2", "1.00") == ("held", ["static_limit"])
    assert (await pool(desk, "M-2"))["pool_id"] is None

    await desk.customer("M-1", limit=None, parent_id="H")
    assert await decided(desk, "M-2", "SO-3", "1.00") == ("approved", [])
    await share(desk, "H", together=False)
    assert await decided(desk, "M-2", "SO-4", "1.00") == ("held", ["static_limit"])


async def test_who_comes_to_a_group_later_belongs_to_its_pool(desk: CreditDesk) -> None:
    await group(desk)
    await desk.customer("M-3", limit=None, parent_id="M-2")

    assert await decided(desk, "M-3", "SO-1", "1000.00") == ("approved", [])
    assert (await pool(desk, "H"))["member_count"] == 4


async def test_members_below_another_pool_belong_to_that_one(desk: CreditDesk) -> None:
    await group(desk)
    await desk.limit("M-1", "100.00")
    await share(desk, "M-1")

    assert [(await pool(desk, one))["pool_id"] for one in ("H", "M-1", "M-2")] == ["H", "M-1", "M-1"]
    assert await decided(desk, "M-2", "SO-1", "100.01") == ("held", POOLED)
    await share(desk, "M-1", together=False)
    assert [(await pool(desk, one))["pool_id"] for one in ("H", "M-1", "M-2")] == ["H", "H", "H"]


async def test_a_head_without_a_limit_gives_nobody_any(desk: CreditDesk) -> None:
    await desk.customer("H", limit=None)
    await desk.customer("M-1", limit="1000.00", parent_id="H")
    await share(desk, "H")

    assert await decided(desk, "M-1", "SO-1", "0.01") == ("held", POOLED)


async def rates(desk: CreditDesk, usd: str) -> None:
    body = {"base": "EUR", "rates": {"USD": usd}}
    await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-01-01", json=body)


async def test_a_member_in_another_currency_counts_at_its_stored_rate(desk: CreditDesk, units: Units) -> None:
    await rates(desk, "2")
    await group(desk)
    await desk.customer("US", limit=None, parent_id="H", currency="USD")

    assert await decided(desk, "US", "SO-1", "1999.99", currency="USD") == ("approved", [])
    shown = await pool(desk, "US")
    assert (shown["currency"], shown["exposure"], shown["available"]) == ("EUR", "1000.00", "0.00")
    assert await decided(desk, "US", "SO-2", "0.02", currency="USD") == ("held", POOLED)

    await rates(desk, "4")
    await run_jobs(units)
    assert (await pool(desk, "H"))["exposure"] == "500.01"
    assert (await desk.order("SO-2"))["status"] == "released"


async def test_what_a_member_owes_without_a_rate_holds_the_whole_pool_until_there_is_one(
    desk: CreditDesk, units: Units
) -> None:
    await group(desk)
    await desk.customer("US", limit="100.00", currency="USD")
    await desk.check("US", "SO-1", "10.00", currency="USD")
    await desk.customer("US", limit=None, parent_id="H", currency="USD")

    assert await decided(desk, "M-1", "SO-2", "1.00") == ("held", ["missing_exchange_rate"])
    await rates(desk, "2")
    await run_jobs(units)
    assert (await desk.order("SO-2"))["status"] == "released"
    assert (await pool(desk, "H"))["exposure"] == "6.00"


async def test_what_one_member_frees_lets_the_held_orders_of_another_go(desk: CreditDesk, units: Units) -> None:
    await group(desk)
    await desk.check("M-1", "SO-1", "900.00")
    await desk.check("M-2", "SO-2", "400.00")
    await desk.check("H", "SO-3", "700.00")

    await desk.ask("erp", "POST", "/v1/orders/SO-1/cancel")
    await run_jobs(units)

    assert [(await desk.order(one))["status"] for one in ("SO-2", "SO-3")] == ["held", "released"]
    assert (await pool(desk, "H"))["exposure"] == "700.00"


async def test_a_payment_of_one_member_lets_the_held_orders_of_another_go(desk: CreditDesk, units: Units) -> None:
    await group(desk)
    async with units.begin() as uow:
        await take_items(uow, [invoice("INV-1", "M-1", "900.00").event()])
    assert await decided(desk, "M-2", "SO-1", "200.00") == ("held", POOLED)

    async with units.begin() as uow:
        await take_receipts(uow, [receipt("R-1", "M-1", "150.00").event()])
    await run_jobs(units)

    assert (await desk.order("SO-1"))["status"] == "released"


async def test_one_transaction_asks_for_one_look_at_a_pool(desk: CreditDesk, units: Units) -> None:
    await group(desk)
    await desk.check("M-1", "SO-1", "1500.00")
    async with units.begin() as uow:
        account = (await accounts(uow.session, ["M-1"]))["M-1"]
        for _ in range(3):
            await recheck(uow, account)
        await recheck(uow, account, day=date(2026, 3, 5))
    async with units.begin() as uow:
        await recheck(uow, account)

    async with units.read() as session:
        jobs = await session.scalar(text("select count(*) from jobs where kind = 'holds.recheck_pool'"))

    assert jobs == 3


async def test_a_higher_limit_of_the_head_lets_the_held_orders_of_a_member_go(desk: CreditDesk, units: Units) -> None:
    await group(desk)
    await desk.check("M-1", "SO-1", "1500.00")

    await desk.limit("H", "2000.00")
    await run_jobs(units)

    assert (await desk.order("SO-1"))["status"] == "released"


@pytest.mark.parametrize("how", ["the pool ends", "it leaves"])
async def test_what_the_pool_alone_held_of_a_member_goes_when_it_stands_on_its_own(
    desk: CreditDesk, units: Units, how: str
) -> None:
    await group(desk)
    await desk.limit("M-1", "5000.00")
    assert await decided(desk, "M-1", "SO-1", "2000.00") == ("held", POOLED)

    if how == "it leaves":
        await desk.customer("M-1", limit=None)
    else:
        await share(desk, "H", together=False)
    await run_jobs(units)

    assert (await desk.order("SO-1"))["status"] == "released"


async def test_after_a_temporary_increase_a_member_has_no_limit_of_its_own_as_before(desk: CreditDesk) -> None:
    await group(desk)
    await desk.limit("M-1", "500.00", temporary=True, valid_until="2026-03-01")

    assert await decided(desk, "M-1", "SO-1", "600.00") == ("approved", [])


async def test_sharing_is_decided_by_who_approves_limits_and_kept_in_the_journal(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("H")
    await desk.customer("M-1", parent_id="H")
    body = {"managed_together": True, "reason": "One treasury pays."}

    analyst = await desk.send("credit_analyst", "PUT", "/v1/customers/H/limit-pool", json=body)
    unknown = await desk.send("credit_manager", "PUT", "/v1/customers/X/limit-pool", json=body)
    first = await desk.send("credit_manager", "PUT", "/v1/customers/H/limit-pool", json=body)
    again = await desk.send("credit_manager", "PUT", "/v1/customers/H/limit-pool", json=body)
    stale = await desk.send(
        "credit_manager",
        "PUT",
        "/v1/customers/H/limit-pool",
        json={"managed_together": False},
        headers={"If-Match": '"0"'},
    )

    assert [one.status_code for one in (analyst, unknown, first, again, stale)] == [403, 404, 200, 200, 412]
    assert (first.headers["ETag"], again.headers["ETag"]) == ('"1"', '"1"')
    async with units.read() as session:
        of_head = await journal.newest(session, "H", count=100)
        of_member = await journal.newest(session, "M-1", count=100)
    head = [one for one in reversed(of_head) if one.kind.startswith("limit_pool")]
    member = [one for one in reversed(of_member) if one.kind.startswith("limit_pool")]
    assert [(one.kind, one.actor, one.reason) for one in head] == [
        ("limit_pool.joined", "credit_manager", None),
        ("limit_pool.changed", "credit_manager", "One treasury pays."),
    ]
    assert [(one.old, one.new) for one in member] == [({"pool_id": None}, {"pool_id": "H", "rate": "1"})]


async def test_who_shares_a_limit_keeps_its_currency(desk: CreditDesk) -> None:
    await group(desk)

    answer = await desk.send(
        "erp",
        "PUT",
        "/v1/customers/M-2",
        json={"name": "N", "country": "DE", "currency": "USD", "payment_terms": "net 30", "parent_id": "M-1"},
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "currency_in_use")


@pytest.mark.parametrize("body", [{}, {"managed_together": "yes"}, {"managed_together": None}, {"managed_together": 1}])
async def test_a_mistake_is_named(desk: CreditDesk, body: dict[str, Any]) -> None:
    await desk.customer("H")

    answer = await desk.send("credit_manager", "PUT", "/v1/customers/H/limit-pool", json=body)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["managed_together"]
