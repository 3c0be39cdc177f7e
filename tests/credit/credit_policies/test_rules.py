"""Rules of the policies over orders, events and checkpoints, as callers meet them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from credit_service.credit_accounts import repository as credit_accounts
from credit_service.exposure.use_cases import take_disputes, take_items
from shared.events.dispute import DisputeEvent, DisputeOpened
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.ledger import dispute, invoice

BLOCKED = {"rule": "account_blocked", "checkpoints": ["order", "goods_issue"]}


async def put(desk: CreditDesk, *rules: dict[str, Any], **more: Any) -> None:
    await desk.ask("credit_manager", "PUT", "/v1/credit-policies/C", json={"rules": list(rules)} | more)


async def blocked(desk: CreditDesk, *rules: dict[str, Any], **more: Any) -> None:
    await desk.customer("C-1")
    await put(desk, *rules, **more)
    body = {"reason": "test", "reason_code": "other"}
    await desk.ask("credit_analyst", "POST", "/v1/customers/C-1/block", json=body)


async def decision(desk: CreditDesk, order_id: str, amount: str = "10.00", **more: Any) -> str:
    return str((await desk.check("C-1", order_id, amount, **more)).json()["decision"])


async def test_orders_of_an_excluded_type_and_prepaid_ones_are_not_checked(desk: CreditDesk) -> None:
    await blocked(desk, BLOCKED, excluded_order_types=["sample"], prepaid_excluded=True)

    assert await decision(desk, "SO-1", order_type="sample") == "approved"
    assert await decision(desk, "SO-2", order_type="Sample") == "held"
    assert await decision(desk, "SO-3", prepaid=True) == "approved"
    assert await decision(desk, "SO-4") == "held"


async def test_a_rule_may_warn_at_the_order_and_hold_at_the_goods_issue(desk: CreditDesk) -> None:
    await blocked(
        desk,
        {"rule": "account_blocked", "checkpoints": ["order"], "reaction": "warn"},
        {"rule": "account_blocked", "checkpoints": ["goods_issue"], "reaction": "hold"},
    )

    first = (await desk.check("C-1", "SO-1", "10.00")).json()
    then = (await desk.check("C-1", "SO-1", "10.00", checkpoint="goods_issue")).json()

    assert (first["decision"], [one["reaction"] for one in first["reasons"]]) == ("approved", ["warn"])
    assert (then["decision"], [one["reaction"] for one in then["reasons"]]) == ("held", ["hold"])


async def test_what_was_asked_for_stays_with_the_order_and_is_seen_again(desk: CreditDesk) -> None:
    await desk.customer("C-1", limit="100.00")
    await put(desk, {"rule": "static_limit"}, {"rule": "payment_terms"})

    held = await desk.check("C-1", "SO-1", "150.00", payment_terms="NET 60", order_type="export", prepaid=True)
    same = await desk.check("C-1", "SO-1", "150.00", payment_terms="net 60", order_type="export", prepaid=True)
    await desk.limit("C-1", "1000.00")
    after = await desk.order("SO-1")
    other = await desk.check("C-1", "SO-1", "150.00", payment_terms="net 30", order_type="export", prepaid=True)

    assert [reason["rule"] for reason in held.json()["reasons"]] == ["static_limit", "payment_terms"]
    assert (same.status_code, same.json()["id"]) == (200, held.json()["id"])
    assert (after["status"], after["payment_terms"], after["order_type"], after["prepaid"]) == (
        "held",
        "net 60",
        "export",
        True,
    )
    assert (other.status_code, other.json()["decision"]) == (201, "approved")


def of_item(event: DisputeEvent, item_id: str, version: int = 1) -> DisputeEvent:
    """Return the case over another item, in this version."""
    item = event.dispute.items[0].model_copy(update={"item_id": item_id})
    return DisputeOpened(version=version, dispute=event.dispute.model_copy(update={"items": [item]}))


LATE = replace(invoice("INV-1", "C-1", "100.00"), due_date=date(2026, 1, 1))


@pytest.mark.parametrize("dispute_first", [True, False])
async def test_what_is_disputed_is_not_overdue_where_the_policy_says_so_whatever_came_first(
    desk: CreditDesk, units: Units, dispute_first: bool
) -> None:
    await desk.customer("C-1")
    await put(desk, {"rule": "oldest_open_item", "days": 30}, disputed_counts_as_overdue=False)
    case = of_item(dispute("D-1", "C-1", "100.00", version=2), "itm_INV-1", 2)
    stale = of_item(dispute("D-1", "C-1", "5.00"), "itm_INV-1", 1)

    async def disputes() -> None:
        for event in (case, stale, case):
            async with units.begin() as uow:
                await take_disputes(uow, [event])

    if dispute_first:
        await disputes()
    async with units.begin() as uow:
        await take_items(uow, [LATE.event()])
    if not dispute_first:
        assert await decision(desk, "SO-1") == "held"
        await disputes()
        # The dispute lets go what the item alone held.
        assert (await desk.order("SO-1"))["status"] == "released"
    assert await decision(desk, "SO-2") == "approved"

    async with units.begin() as uow:
        await take_disputes(uow, [of_item(dispute("D-1", "C-1", "99.99"), "itm_INV-1", 3)])
    assert await decision(desk, "SO-3") == "held"


async def test_a_held_order_says_what_to_pay_of_what_is_overdue(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    async with units.begin() as uow:
        await take_items(uow, [LATE.event(), invoice("INV-2", "C-1", "300.00").event()])

    answer = (await desk.check("C-1", "SO-1", "700.00")).json()

    assert [reason["rule"] for reason in answer["reasons"]] == ["static_limit", "oldest_open_item"]
    assert answer["what_would_release"] == {
        "payment": {"kind": "payment", "amount": "100.00", "currency": "EUR", "customer_id": None},
        "limit": None,
        "reduction": None,
    }


async def test_insured_cover_raises_what_is_available_where_the_policy_says_so(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="100.00")
    async with units.begin() as uow:
        await credit_accounts.change(
            uow.session, "C-1", insured_amount=Decimal(100), insured_cover=Decimal(90), insured_until=date(2026, 3, 2)
        )
    before = await decision(desk, "SO-1", "190.00")

    await put(desk, {"rule": "static_limit"}, insured_cover_counts=True)
    answer = (await desk.check("C-1", "SO-2", "190.00")).json()

    assert (before, answer["decision"], answer["available_after"]) == ("held", "approved", "0.00")
    shown = await desk.credit("C-1", as_of="2026-03-02")
    assert (shown["credit_limit"], shown["effective_limit"], shown["available"]) == ("100.00", "190.00", "0.00")
    assert (await desk.credit("C-1", as_of="2026-03-03"))["effective_limit"] == "100.00"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"payment_terms": "whenever"}, "payment_terms"),
        ({"payment_terms": ""}, "payment_terms"),
        ({"payment_terms": 30}, "payment_terms"),
        ({"order_type": ""}, "order_type"),
        ({"order_type": "x" * 51}, "order_type"),
        ({"order_type": "a\0b"}, "order_type"),
        ({"prepaid": "yes"}, "prepaid"),
        ({"prepaid": None}, "prepaid"),
    ],
)
async def test_a_mistake_in_a_check_is_named(desk: CreditDesk, change: dict[str, Any], field: str) -> None:
    await desk.customer("C-1")

    answer = await desk.check("C-1", "SO-1", "10.00", **change)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"when_unavailable": {"action": "pray"}}, "when_unavailable.action"),
        ({"when_unavailable": {"action": "ship_below"}}, "when_unavailable"),
        ({"when_unavailable": {"action": "ship_below", "amount": "5.00"}}, "when_unavailable"),
        ({"when_unavailable": {"action": "hold", "amount": "5.00", "currency": "EUR"}}, "when_unavailable"),
        (
            {"when_unavailable": {"action": "ship_below", "amount": "5.001", "currency": "EUR"}},
            "when_unavailable.amount",
        ),
        ({"excluded_order_types": [""]}, "excluded_order_types.0"),
        ({"rules": [{"rule": "broken_promises", "days": 0}]}, "rules.0.broken_promises.days"),
        ({"rules": [{"rule": "returned_payments"}]}, "rules.0.returned_payments.days"),
        ({"rules": [{"rule": "max_dunning_level", "max_level": -1}]}, "rules.0.max_dunning_level.max_level"),
        ({"rules": [{"rule": "review_due", "grace_days": 1001}]}, "rules.0.review_due.grace_days"),
    ],
)
async def test_a_mistake_in_a_policy_is_named(desk: CreditDesk, content: dict[str, Any], field: str) -> None:
    answer = await desk.send("credit_manager", "PUT", "/v1/credit-policies/C", json={"rules": []} | content)

    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


async def test_a_policy_says_what_to_do_when_no_check_is_possible(desk: CreditDesk) -> None:
    advice = {"action": "ship_below", "amount": "500.00", "currency": "EUR"}

    await put(desk, when_unavailable=advice)

    assert (await desk.ask("erp", "GET", "/v1/credit-policies/C"))["when_unavailable"] == advice
    assert (await desk.ask("erp", "GET", "/v1/credit-policies/D"))["when_unavailable"]["action"] == "hold"
