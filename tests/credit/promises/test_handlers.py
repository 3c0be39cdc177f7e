"""What became of promises to pay reaches the account, whatever order their events come in."""

from datetime import date
from itertools import permutations

import pytest
from sqlalchemy import text

from credit_service.credit_accounts import use_cases as credit_accounts
from shared.events.collections import PromiseStatus
from shared.unit_of_work import Units
from tests.credit.conduct import deliver, deliver_together, promise
from tests.credit.desk import CreditDesk
from tests.credit.policies import put_rule


async def broken(units: Units, customer_id: str = "C-1") -> list[date]:
    async with units.read() as session:
        return list((await credit_accounts.accounts(session, [customer_id]))[customer_id].broken_promises)


@pytest.mark.parametrize(
    ("status", "counts"),
    [("open", False), ("kept", False), ("partially_kept", True), ("broken", True), ("withdrawn", False)],
)
async def test_a_promise_counts_while_it_is_broken(
    desk: CreditDesk, units: Units, status: PromiseStatus, counts: bool
) -> None:
    await desk.customer("C-1")

    await deliver(units, promise("1", "C-1", status))

    assert await broken(units) == ([date(2026, 3, 1)] if counts else [])


@pytest.mark.parametrize("status", ["open", "kept", "withdrawn"])
async def test_a_promise_that_is_broken_no_more_leaves_the_list(
    desk: CreditDesk, units: Units, status: PromiseStatus
) -> None:
    await desk.customer("C-1")
    await deliver(units, promise("1", "C-1", "broken"), promise("2", "C-1", "broken", on="2026-02-01"))

    await deliver(units, promise("1", "C-1", status, version=3))

    assert await broken(units) == [date(2026, 2, 1)]


async def test_promises_converge_in_any_order_twice_and_late(desk: CreditDesk, units: Units) -> None:
    story = [
        promise("1", "C-{}", "broken", version=2),
        promise("1", "C-{}", "open", version=3),
        promise("2", "C-{}", "broken", version=2),
    ]
    for number, order in enumerate(permutations(story)):
        customer = f"C-{number}"
        await desk.customer(customer, limit=None)
        mine = [
            event.model_copy(
                update={
                    "promise": event.promise.model_copy(
                        update={"customer_id": customer, "promise_id": f"{event.promise.promise_id}_{number}"}
                    )
                }
            )
            for event in order
        ]

        await deliver_together(units, mine[:2])
        await deliver(units, *mine[2:], mine[0])

        assert await broken(units, customer) == [date(2026, 3, 1)]


async def test_what_was_told_before_the_customer_was_put_counts_from_then_on(desk: CreditDesk, units: Units) -> None:
    await deliver(units, promise("1", "C-1", "broken"))

    await desk.customer("C-1")

    assert await broken(units) == [date(2026, 3, 1)]


async def test_a_kept_promise_releases_what_its_breach_held(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await put_rule(desk, rule="broken_promises", max_count=0, days=90)
    await deliver(units, promise("1", "C-1", "broken"))
    held = (await desk.check("C-1", "SO-1", "100.00")).json()

    await deliver(units, promise("1", "C-1", "kept", version=3))

    assert [reason["rule"] for reason in held["reasons"]] == ["broken_promises"]
    assert (await desk.order("SO-1"))["status"] == "released"


async def test_a_broken_promise_is_named_by_what_is_held_already(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await put_rule(desk, rule="broken_promises", max_count=0, days=90)
    await desk.check("C-1", "SO-1", "1000.01")

    await deliver(units, promise("1", "C-1", "broken"))

    [hold] = await desk.holds("C-1")
    assert [reason["rule"] for reason in hold["reasons"]] == ["static_limit", "broken_promises"]


async def test_each_change_is_in_the_journal_and_a_repeat_is_not(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit=None)

    await deliver(units, *[promise("1", "C-1", "broken")] * 3, promise("1", "C-1", "kept", version=3))

    async with units.read() as session:
        rows = await session.execute(
            text("select old, new from journal_entries where kind = 'account.conduct_changed' order by position")
        )
        assert [tuple(row) for row in rows] == [
            ({"broken_promises": []}, {"broken_promises": ["2026-03-01"]}),
            ({"broken_promises": ["2026-03-01"]}, {"broken_promises": []}),
        ]
