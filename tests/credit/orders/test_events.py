"""What others are told of orders, and how the stored decisions stand."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from credit_service.credit_decisions.domain.stored import from_document
from credit_service.credit_decisions.domain.verdict import decide
from credit_service.credit_policies.domain import PolicyContent
from shared.events import EVENT_TYPES
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.exposure.test_handlers import tell
from tests.credit.ledger import invoice


async def published(units: Units, type_prefix: str) -> list[Any]:
    async with units.read() as session:
        bodies = await session.execute(text("select body from outbox order by position"))
        events = [json.loads(body) for body in bodies.scalars()]
    return [event for event in events if event["type"].startswith(type_prefix)]


async def test_each_change_of_an_order_is_told_once_with_the_next_version(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.check("C-1", "SO-1", "60.00")
    await desk.check("C-1", "SO-1", "60.00")
    await desk.check("C-1", "SO-1", "160.00")
    await desk.check("C-1", "SO-1", "170.00")
    await desk.limit("C-1", "500.00")
    await desk.ask("erp", "POST", "/v1/orders/SO-1/cancel")

    events = await published(units, "order.")

    assert [(event["type"], event["data"]["version"]) for event in events] == [
        ("order.approved", 1),
        ("order.held", 2),
        ("order.held", 3),
        ("order.released", 4),
        ("order.cancelled", 5),
    ]
    states = [event["data"]["order"] for event in events]
    assert [(state["status"], state["open_amount"]) for state in states] == [
        ("approved", "60.00"),
        ("held", "0.00"),
        ("held", "0.00"),
        ("released", "170.00"),
        ("cancelled", "0.00"),
    ]
    assert [reason["rule"] for reason in states[1]["reasons"]] == ["static_limit"]
    assert states[1]["hold_id"] == states[2]["hold_id"]


async def test_events_are_what_their_contracts_say_and_carry_the_request_that_caused_them(
    desk: CreditDesk, units: Units
) -> None:
    await desk.customer("C-1", limit="100.00")
    answer = await desk.check("C-1", "SO-1", "160.00")

    events = await published(units, "")

    for event in events:
        EVENT_TYPES[event["type"]].model_validate(event["data"])
        assert event["customerid"] == "C-1"
    assert events[-1]["correlationid"] == answer.headers["X-Request-Id"]


async def test_a_held_order_that_is_invoiced_is_told_to_be_held_no_more(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.check("C-1", "SO-1", "160.00")

    await tell(units, invoice("1", "C-1", "160.00", "SO-1").event())

    last = (await published(units, "order."))[-1]
    assert (last["type"], last["data"]["version"], last["data"]["order"]["status"]) == ("order.released", 2, "invoiced")


async def test_a_limit_is_told_with_each_change(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="100.00")
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/block", json={"reason": "press"})
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/block", json={"reason": "press"})
    await desk.limit("C-1", None)

    events = [event["data"] for event in await published(units, "credit.")]

    assert [(event["version"], event["limit_state"], event["credit_limit"], event["blocked"]) for event in events] == [
        (1, "amount", "100.00", False),
        (2, "amount", "100.00", True),
        (3, "unmanaged", None, True),
    ]


async def test_every_stored_decision_follows_from_its_facts_and_its_policy(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="100.00")
    for number in range(6):
        await desk.check("C-1", f"SO-{number}", "30.00")
    await desk.limit("C-1", "150.00")

    async with units.read() as session:
        rows = await session.execute(
            text(
                "select d.decision, d.facts, d.checkpoints, p.content from credit_decisions d "
                "join credit_policies p on p.risk_class = d.risk_class and p.version = d.policy_version"
            )
        )
        decisions = rows.all()

    assert sorted(row.decision for row in decisions) == ["approved"] * 5 + ["held"] * 3
    for row in decisions:
        policy = PolicyContent.model_validate(row.content)
        assert decide(from_document(row.facts), policy, frozenset(row.checkpoints)).decision == row.decision


@pytest.mark.parametrize(
    "statement",
    [
        "update credit_decisions set decision = 'approved'",
        "delete from credit_decisions",
        "update order_changes set note = ''",
        "delete from order_changes",
        "update limit_changes set reason = ''",
        "delete from limit_changes",
        "update credit_policies set content = '{}'",
        "delete from credit_policies",
    ],
)
async def test_journals_refuse_to_be_changed(desk: CreditDesk, units: Units, statement: str) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "30.00")

    async with units.sessions() as session:
        with pytest.raises(DBAPIError, match="append-only"):
            await session.execute(text(statement))
