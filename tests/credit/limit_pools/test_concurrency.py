"""However many members order at once, together they never pass what they share."""

import asyncio
import random
from decimal import Decimal

import httpx

from credit_service.credit_accounts.use_cases import locked_account
from credit_service.credit_decisions.domain.made import Choice
from credit_service.decision_replays.use_cases import replay_decisions
from credit_service.exposure.use_cases import take_items
from credit_service.limit_pools.use_cases import locked
from credit_service.worker import JOB_FUNCTIONS
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.ledger import invoice

MEMBERS = ("H", "M-1", "M-2", "M-3")


async def group(desk: CreditDesk, limit: str = "1000.00") -> None:
    """Put a head with a limit and members below it that have none of their own."""
    await desk.customer("H", limit=limit)
    for member in MEMBERS[1:]:
        await desk.customer(member, limit=None, parent_id="H")
    await desk.ask("credit_manager", "PUT", "/v1/customers/H/limit-pool", json={"managed_together": True})


async def owed(desk: CreditDesk) -> Decimal:
    return sum([Decimal(await desk.exposure(member)) for member in MEMBERS], Decimal(0))


async def test_orders_of_several_members_at_once_never_pass_the_shared_limit_and_are_decided_so_again(
    desk: CreditDesk, another_process: httpx.AsyncClient, units: Units
) -> None:
    await group(desk)
    desks = (desk, CreditDesk(another_process))
    singles = [
        desks[number % 2].check(MEMBERS[number % 4], f"SO-{number}", f"{30 + number % 7}.00") for number in range(60)
    ]
    order = {"currency": "EUR", "as_of": "2026-03-02", "amount": "35.00"}
    lists = [
        [order | {"customer_id": random.Random(n * 9 + k).choice(MEMBERS), "order_id": f"L-{n}-{k}"} for k in range(9)]
        for n in range(4)
    ]
    listed = [
        desks[n % 2].ask("erp", "POST", "/v1/credit-checks/batch", json={"checks": checks})
        for n, checks in enumerate(lists)
    ]

    answers = await asyncio.wait_for(asyncio.gather(*singles, *listed), 60)

    assert {one.status_code for one in answers[:60]} == {201}
    total = await owed(desk)
    # Whatever the order, the last one refused was at most 36.
    assert Decimal("964.00") < total <= Decimal("1000.00")
    async with units.read() as session:
        again = await replay_decisions(session, Choice())
    assert (again["replayed"], again["different"]) == (96, 0)


async def test_checks_events_cancellations_and_rechecks_at_once_keep_what_is_granted_within_the_limit(
    desk: CreditDesk, another_process: httpx.AsyncClient, units: Units
) -> None:
    await group(desk)
    other = CreditDesk(another_process)
    for number in range(12):
        await desk.check(MEMBERS[number % 4], f"SO-{number}", "100.00")

    async def invoices() -> None:
        for number in range(6):
            async with units.begin() as uow:
                posted = invoice(f"I-{number}", MEMBERS[number % 4], "100.00", f"SO-{number}")
                await take_items(uow, [posted.event()])

    async def cancellations() -> None:
        for number in (6, 7, 8):
            await other.ask("erp", "POST", f"/v1/orders/SO-{number}/cancel")

    async def jobs() -> None:
        for _ in range(10):
            await JobRunner(units, JOB_FUNCTIONS).run_next()
            await asyncio.sleep(0.05)

    checks = [desk.check(MEMBERS[number % 4], f"SO-{number}", "70.00") for number in range(12, 30)]
    await asyncio.wait_for(asyncio.gather(invoices(), cancellations(), jobs(), *checks), 60)
    while await JobRunner(units, JOB_FUNCTIONS).run_next():
        pass

    total = await owed(desk)
    assert Decimal("930.00") < total <= Decimal("1000.00")
    shown = await desk.ask("auditor", "GET", "/v1/customers/H/limit-pool")
    assert Decimal(shown["exposure"]) == total


async def test_a_list_that_names_an_order_twice_and_another_in_the_opposite_order_both_end(
    desk: CreditDesk, another_process: httpx.AsyncClient
) -> None:
    await desk.customer("A", limit="100.00")
    await desk.customer("B", limit="100.00")
    for head in ("A", "B"):
        await desk.ask("credit_manager", "PUT", f"/v1/customers/{head}/limit-pool", json={"managed_together": True})
    order = {"currency": "EUR", "as_of": "2026-03-02"}

    def twice(first: str, second: str) -> list[dict[str, str]]:
        same = order | {"customer_id": first, "order_id": f"{first}-1"}
        last = order | {"customer_id": second, "order_id": f"{second}-{first}", "amount": "3.00"}
        return [same | {"amount": "1.00"}, same | {"amount": "2.00"}, last]

    desks = (desk, CreditDesk(another_process))
    lists = [
        desks[n % 2].ask("erp", "POST", "/v1/credit-checks/batch", json={"checks": twice(*("AB" if n % 2 else "BA"))})
        for n in range(8)
    ]

    answers = await asyncio.wait_for(asyncio.gather(*lists), 30)

    decisions = {one["decision"] for answer in answers for one in answer["results"]}
    assert decisions == {"approved"}


async def test_ending_a_pool_is_never_part_of_a_deadlock_with_who_grants_on_it(desk: CreditDesk, units: Units) -> None:
    await group(desk)

    async with units.begin() as uow:
        account = await locked_account(uow, "M-1")
        ending = asyncio.create_task(
            desk.send("credit_manager", "PUT", "/v1/customers/H/limit-pool", json={"managed_together": False})
        )
        await asyncio.sleep(0.5)
        granted_on = await asyncio.wait_for(locked(uow, [account]), 5)

    assert granted_on == {"H"}
    assert (await asyncio.wait_for(ending, 10)).status_code == 200
