"""Events may come twice, late and in any order: the case ends the same, and nothing of it is lost on the way."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.events.envelope import EventData
from tests.dispute.desk import Desk, amounts, conserved
from tests.dispute.ledger import Ledger, payment_returned

NUMBERS = count()
DECISIONS: list[dict[str, str] | None] = [
    None,
    {"amount": "60.00"},
    {"amount": "25.00", "outcome": "partially_valid"},
    {"outcome": "invalid", "resolution": "collect"},
]
steps = st.tuples(st.sampled_from(["pay", "unpay", "credit", "uncredit"]), st.integers(min_value=1, max_value=100))


def happenings(ledger: Ledger, item_id: str, dispute_id: str, plan: Sequence[tuple[str, int]]) -> list[EventData]:
    """Turn a plan into what may really happen to an item: its balance never leaves 0 to its amount."""
    item, paid, credited = ledger.items[item_id], Decimal(0), Decimal(0)
    events: list[EventData] = []
    for step, euros in plan:
        most = {"pay": item.balance, "credit": item.balance, "unpay": paid, "uncredit": credited}[step]
        amount = min(Decimal(euros), most)
        if not amount:
            continue
        if step in ("pay", "unpay"):
            paid += amount if step == "pay" else -amount
            events.append((ledger.pay if step == "pay" else ledger.unpay)(item_id, str(amount)))
        else:
            signed = amount if step == "credit" else -amount
            credited += signed
            events.append(ledger.credit(item_id, str(signed), dispute_id))
    return events


def outcome_of(case: dict[str, Any]) -> object:
    """Return what of a case must not depend on how it came to be."""
    return case["status"], case["disputed_amount"], amounts(case)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
@given(
    plan=st.lists(steps, max_size=7),
    decision=st.sampled_from(DECISIONS),
    assigned=st.booleans(),
    seed=st.integers(min_value=0, max_value=2**16),
)
async def test_a_case_ends_the_same_whatever_the_order_of_events(
    desk: Desk, plan: list[tuple[str, int]], decision: dict[str, str] | None, assigned: bool, seed: int
) -> None:
    cases = []
    for mixed in (False, True):
        ledger, item_id = Ledger(prefix=f"{next(NUMBERS)}"), f"itm_{next(NUMBERS)}"
        await desk.hear(ledger.post(item_id, "100.00"))
        dispute_id = await desk.opened((item_id, "60.00"))
        if assigned:
            await desk.do(dispute_id, "assign", processor="lena")
        if decision is not None:
            assert (await desk.resolve(dispute_id, **decision)).status_code == 200
        events = happenings(ledger, item_id, dispute_id, plan)
        if mixed:
            events += events
            Random(seed).shuffle(events)
        for event in events:
            await desk.hear(event)
            assert conserved(await desk.case(dispute_id))
        cases.append(await desk.case(dispute_id))

    assert outcome_of(cases[0]) == outcome_of(cases[1])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
@given(plan=st.lists(steps, max_size=4), undone=st.booleans(), seed=st.integers(min_value=0, max_value=2**16))
async def test_the_case_of_a_short_payment_ends_the_same_whatever_the_order_of_events(
    desk: Desk, plan: list[tuple[str, int]], undone: bool, seed: int
) -> None:
    cases = []
    for mixed in (False, True):
        ledger, item_id = Ledger(prefix=f"{next(NUMBERS)}"), f"itm_{next(NUMBERS)}"
        receipt = f"rcp_{next(NUMBERS)}"
        events: list[EventData] = [ledger.post(item_id, "100.00"), ledger.pay(item_id, "70.00")]
        events.append(ledger.short_payment(item_id, "30.00", receipt=receipt, application=f"app_{receipt}"))
        events += happenings(ledger, item_id, "dsp_other", plan)
        if undone:
            events += [ledger.unpay(item_id, "70.00"), payment_returned(receipt)]
        if mixed:
            events += events
            Random(seed).shuffle(events)
        await desk.hear(*events)
        (case,) = await desk.cases(item_id=item_id)
        assert conserved(case)
        cases.append(case)

    assert outcome_of(cases[0]) == outcome_of(cases[1])
