"""Checks beside transactions that take accounts in another order, as the consumer of events does."""

import asyncio

from credit_service.credit_accounts.use_cases import locked_account
from shared.unit_of_work import Units
from tests.credit.desk import DAY, CreditDesk


async def take_two(units: Units, first: str, second: str, *, between: asyncio.Event) -> None:
    """Lock two accounts, the second when `between` is set."""
    async with units.begin() as uow:
        await locked_account(uow, first)
        await between.wait()
        await locked_account(uow, second)


async def test_single_checks_are_never_part_of_a_deadlock(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.customer("C-2")
    go_on = asyncio.Event()
    holder = asyncio.create_task(take_two(units, "C-2", "C-1", between=go_on))
    await asyncio.sleep(0.05)

    checks = [asyncio.create_task(desk.check(f"C-{number}", f"SO-{number}", "10.00")) for number in (1, 2)]
    free = await asyncio.wait_for(checks[0], 10)
    go_on.set()

    await asyncio.wait_for(holder, 10)
    assert (free.status_code, (await checks[1]).status_code) == (201, 201)


async def test_a_list_that_was_in_a_deadlock_is_done_all_the_same_and_once(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.customer("C-2")
    go_on = asyncio.Event()
    holder = asyncio.create_task(take_two(units, "C-2", "C-1", between=go_on))
    await asyncio.sleep(0.05)
    checks = [
        {"customer_id": f"C-{number}", "order_id": f"SO-{number}", "amount": "10.00", "currency": "EUR", "as_of": DAY}
        for number in (1, 2)
    ]

    listed = asyncio.create_task(desk.ask("erp", "POST", "/v1/credit-checks/batch", json={"checks": checks}))
    await asyncio.sleep(0.2)
    go_on.set()

    results = (await asyncio.wait_for(listed, 20))["results"]
    await asyncio.gather(holder, return_exceptions=True)
    assert [result["decision"] for result in results] == ["approved", "approved"]
    assert [await desk.exposure(f"C-{number}") for number in (1, 2)] == ["10.00", "10.00"]
