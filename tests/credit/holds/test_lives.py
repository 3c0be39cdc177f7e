"""Random lives of held orders with several callers at once: the laws of holds, releases and reservations hold throughout.

`OPENITEM_LIVES=500 pytest tests/credit/holds/test_lives.py` tells more of them.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_decisions.domain.stored import from_document
from credit_service.credit_decisions.domain.verdict import decide
from credit_service.credit_policies import use_cases as credit_policies
from credit_service.worker import JOB_FUNCTIONS
from shared.events.collections import PromiseStatus
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.credit.conduct import deliver, notice, promise
from tests.credit.desk import CreditDesk
from tests.credit.exposure.test_lives import one_life
from tests.credit.ledger import Item, invoice, receipt
from tests.credit.policies import put_rule

ORDERS = ("SO-1", "SO-2", "SO-3")
MANAGERS = ("credit_manager", "credit_manager_2")
PEOPLE = ("credit_analyst", "credit_analyst_2", *MANAGERS)
RULES = (
    {"rule": "broken_promises", "max_count": 0, "days": 90},
    {"rule": "max_dunning_level", "max_level": 1},
    {"rule": "max_document_value", "max_amount": "700.00", "checkpoints": ["delivery"]},
    {"rule": "static_limit", "checkpoints": ["delivery"]},
)
amounts = st.sampled_from(["100.00", "400.00", "650.00", "900.00", "50000.01"])
orders = st.sampled_from(ORDERS)
steps = st.one_of(
    st.tuples(st.just("check"), orders, amounts, st.sampled_from(["order", "delivery"])),
    st.tuples(st.just("check"), orders, amounts, st.just("order")),
    st.tuples(st.just("release"), orders, st.sampled_from(PEOPLE), st.sampled_from(["2026-03-02", "2026-03-03", None])),
    st.tuples(st.just("release"), orders, st.sampled_from(PEOPLE), st.none()),
    st.tuples(st.just("decline"), orders, st.sampled_from(PEOPLE)),
    st.tuples(st.just("reject"), orders, st.sampled_from(PEOPLE)),
    st.tuples(st.just("hold"), orders, st.sampled_from(PEOPLE)),
    st.tuples(st.just("recheck"), orders, st.sampled_from(PEOPLE)),
    st.tuples(st.just("cancel"), orders),
    st.tuples(st.just("invoice"), orders, amounts),
    st.tuples(st.just("pay"), st.integers(0, 2)),
    st.tuples(st.just("cash"), amounts),
    st.tuples(st.just("limit"), st.sampled_from(["100.00", "1000.00", "60000.00"])),
    st.tuples(st.just("block")),
    st.tuples(st.just("unblock")),
    st.tuples(st.just("promise"), st.sampled_from(["broken", "kept", "open"])),
    st.tuples(st.just("dunned"), st.integers(0, 2)),
    st.tuples(st.just("day"), st.sampled_from(["2026-03-03", "2026-03-04"])),
    st.tuples(st.just("policy"), st.booleans()),
)
Step = tuple[Any, ...]


@dataclass
class Life:
    """What was told so far of what others own."""

    items: list[Item] = field(default_factory=list)
    told: int = 1

    def version(self) -> int:
        self.told += 1
        return self.told


async def live(desk: CreditDesk, units: Units, life: Life, step: Step) -> None:
    """Do one step; a refusal is as good as anything, a fault of the service is not."""
    kind, *rest = step
    if kind in ("release", "decline", "reject", "recheck"):
        await decide_hold(desk, kind, *rest)
    elif kind == "check":
        order_id, amount, checkpoint = rest
        expect(await desk.check("C-1", order_id, amount, checkpoint=checkpoint))
    elif kind == "hold":
        order_id, who = rest
        body = {"order_id": order_id, "reason_code": "rumour", "as_of": "2026-03-02"}
        expect(await desk.send(who, "POST", "/v1/holds", json=body))
    elif kind == "cancel":
        expect(await desk.send("erp", "POST", f"/v1/orders/{rest[0]}/cancel"))
    elif kind in ("invoice", "pay", "cash", "promise", "dunned"):
        await be_told(units, life, kind, *rest)
    else:
        await change_credit(desk, units, kind, *rest)


async def decide_hold(desk: CreditDesk, kind: str, order_id: str, who: str, until: str | None = None) -> None:
    page = await desk.ask("erp", "GET", "/v1/holds", params={"order_id": order_id, "limit": 500})
    if not page["data"]:
        return
    hold_id = page["data"][-1]["id"]
    path = "decline-release" if kind == "decline" else kind
    body = None if kind == "recheck" else {"note": "x"}
    if kind in ("release", "reject"):
        body = {"reason_code": "x"} | ({"valid_until": until} if until else {})
    expect(await desk.send(who, "POST", f"/v1/holds/{hold_id}/{path}", json=body))


async def be_told(units: Units, life: Life, kind: str, *rest: Any) -> None:
    if kind == "invoice":
        order_id, amount = rest
        life.items.append(invoice(f"{len(life.items)}", "C-1", amount, order_id))
        await deliver(units, life.items[-1].event())
    elif kind == "pay" and rest[0] < len(life.items):
        number = rest[0]
        life.items[number] = life.items[number].now("0")
        await deliver(units, life.items[number].event(kind="payment"))
    elif kind == "cash":
        await deliver(units, receipt(f"{life.version()}", "C-1", rest[0]).event())
    elif kind == "promise":
        status: PromiseStatus = rest[0]
        await deliver(units, promise("1", "C-1", status, version=life.version()))
    elif kind == "dunned":
        await deliver(units, notice(f"{life.version()}", "C-1", {f"{rest[0]}": 2}))


async def change_credit(desk: CreditDesk, units: Units, kind: str, *rest: Any) -> None:
    if kind == "limit":
        await desk.limit("C-1", rest[0], "credit_manager_3")
    elif kind == "block":
        await desk.ask("credit_manager", "POST", "/v1/customers/C-1/block", json={"reason": "x"})
    elif kind == "unblock":
        await desk.ask("credit_manager", "POST", "/v1/customers/C-1/unblock")
    elif kind == "day":
        await desk.ask("erp", "POST", f"/v1/days/{rest[0]}/run")
        await run_jobs(units)
    elif kind == "policy":
        policy = await desk.ask("credit_manager", "GET", "/v1/credit-policies/C")
        names = ("rules", "small_value_below")
        content = {name: policy[name] for name in names} | {"held_orders_reserve": rest[0]}
        expect(await desk.send("credit_manager", "PUT", "/v1/credit-policies/C", json=content))
        await run_jobs(units)


def expect(answer: Any) -> None:
    assert answer.status_code < 500, answer.text


async def run_jobs(units: Units) -> None:
    while await JobRunner(units, JOB_FUNCTIONS).run_next():
        pass


async def audit(session: AsyncSession) -> None:
    await audit_holds(session)
    await audit_reservations(session)
    await audit_decisions(session)


async def audit_holds(session: AsyncSession) -> None:
    """An order is held by exactly one hold that waits; what a person holds goes by a person's decision alone."""
    apart = await session.execute(
        text(
            "select o.order_id, o.status, o.hold_id, h.hold_id, h.status, h.manual, o.manual_hold from orders o "
            "full join (select * from holds where decided_at is null) h on h.order_id = o.order_id "
            "where (o.status = 'held') is distinct from (h.hold_id is not null) or o.hold_id is distinct from h.hold_id "
            "or (h.hold_id is not null and h.manual <> (o.manual_hold is not null)) "
            "or (o.manual_hold is not null and o.status in ('approved', 'released'))"
        )
    )
    assert apart.all() == []
    ended = await session.execute(
        text(
            "select hold_id, actor from hold_changes where status = 'released' and rules @> '[\"manual\"]' "
            "and not (actor like 'credit_%')"
        )
    )
    assert ended.all() == []
    lost = await session.execute(
        text(
            "select h.hold_id from holds h left join hold_changes c using (hold_id) group by h.hold_id "
            "having max(c.version) is distinct from h.version or count(*) <> h.version"
        )
    )
    assert lost.all() == [], "each version of a hold has its line"


async def audit_reservations(session: AsyncSession) -> None:
    account = (await session.execute(text("select * from credit_accounts"))).one()
    reserved = await session.scalar(text("select coalesce(sum(reserved), 0) from orders"))
    wrong = await session.execute(
        text(
            "select order_id from orders where reserved <> case when status in ('approved', 'released') "
            "or (status = 'held' and held_reserves) then open_amount else 0 end"
        )
    )
    assert account.open_orders == reserved
    assert wrong.all() == []


async def audit_decisions(session: AsyncSession) -> None:
    """Whatever let an order go did so with no objection but those that a person had let pass."""
    rows = await session.execute(
        text("select facts, checkpoints, policy_version, decision from credit_decisions where decision = 'approved'")
    )
    for facts, checkpoints, version, _ in rows:
        policy = await credit_policies.policy_of_version(session, "C", version)
        seen = from_document(facts)
        assert decide(seen, policy.content, frozenset(checkpoints)).decision == "approved"
        assert seen.manual_hold is None
    let_pass = await session.execute(
        text(
            "select d.decision_id from credit_decisions d where jsonb_array_length(d.facts -> 'excused') > 0 "
            "and not exists (select from holds h where h.order_id = d.order_id and h.status = 'released' "
            "and h.rules @> (d.facts -> 'excused'))"
        )
    )
    assert let_pass.all() == [], "what is excused was let pass by a person"


def test_the_laws_of_holds_outlive_every_story(postgres_url: str, credit_template: str) -> None:
    @settings(
        max_examples=int(os.environ.get("OPENITEM_LIVES", "5")),
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.lists(steps, min_size=1, max_size=4), min_size=3, max_size=8))
    def lives(story: list[list[Step]]) -> None:
        asyncio.run(_tell_story(postgres_url, credit_template, story))

    lives()


async def _tell_story(server: str, template: str, story: Sequence[Sequence[Step]]) -> None:
    async with one_life(server, template) as (desk, units):
        for rule in RULES:
            await put_rule(desk, **rule)
        await desk.customer("C-1", limit="1000.00")
        await run_jobs(units)
        for order_id, amount in zip(ORDERS, ("900.00", "400.00", "50000.01"), strict=True):
            await desk.check("C-1", order_id, amount)
        life = Life()
        for at_once in story:
            await asyncio.gather(*(live(desk, units, life, step) for step in at_once))
            async with units.read() as session:
                await audit(session)
