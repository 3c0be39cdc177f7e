"""Returned payments reach the account of whom they belong to, whatever order their events come in."""

from datetime import date
from itertools import permutations

from credit_service.credit_accounts import use_cases as credit_accounts
from shared.unit_of_work import Units
from tests.credit.conduct import deliver, deliver_together, money
from tests.credit.desk import CreditDesk
from tests.credit.policies import put_rule

RETURNED = "2026-03-20"


async def days(units: Units, customer_id: str = "C-1") -> list[date]:
    async with units.read() as session:
        return list((await credit_accounts.accounts(session, [customer_id]))[customer_id].returned_payments)


async def test_a_payment_counts_from_the_day_on_which_it_was_returned(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")

    await deliver(units, money("1", "C-1"), money("1", "C-1", returned_on=RETURNED, version=2))

    assert await days(units) == [date(2026, 3, 20)]


async def test_money_that_stays_does_not_count(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")

    await deliver(units, money("1", "C-1"))

    assert await days(units) == []


async def test_a_return_follows_its_receipt_to_whom_it_belongs(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.customer("C-2")
    await deliver(units, money("1", "C-1", returned_on=RETURNED, version=2))

    await deliver(units, money("1", "C-2", returned=True, version=3))

    assert (await days(units, "C-1"), await days(units, "C-2")) == ([], [date(2026, 3, 20)])


async def test_returns_converge_in_any_order_twice_and_late(desk: CreditDesk, units: Units) -> None:
    for number, order in enumerate(permutations(range(3))):
        customer = f"C-{number}"
        await desk.customer(customer, limit=None)
        story = [
            money(f"{number}", None, version=1),
            money(f"{number}", None, returned_on=RETURNED, version=2),
            money(f"{number}", customer, returned=True, version=3),
        ]
        mine = [story[place] for place in order]

        await deliver_together(units, mine[:2])
        await deliver(units, mine[2], mine[0])

        assert await days(units, customer) == [date(2026, 3, 20)]


async def test_what_was_told_before_the_customer_was_put_counts_from_then_on(desk: CreditDesk, units: Units) -> None:
    await deliver(units, money("1", "C-1", returned_on=RETURNED, version=2))

    await desk.customer("C-1")

    assert await days(units) == [date(2026, 3, 20)]


async def test_a_return_is_named_by_what_is_held_already(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await put_rule(desk, rule="returned_payments", max_count=0, days=90)
    await desk.check("C-1", "SO-1", "1000.01")

    await deliver(units, money("1", "C-1", returned_on=RETURNED, version=2))

    [hold] = await desk.holds("C-1")
    assert [reason["rule"] for reason in hold["reasons"]] == ["static_limit", "returned_payments"]
