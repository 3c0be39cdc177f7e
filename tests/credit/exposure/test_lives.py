"""Random lives of orders, invoices and payments: exposure is what the documents say, and no approval passes the limit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from credit_service.app import create_app
from credit_service.settings import CreditSettings
from shared.events.envelope import EventData
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.exposure.test_handlers import tell
from tests.credit.ledger import Item, Receipt, invoice, receipt
from tests.support.services import copied_database, serving, settings_for, verifier

LIMIT = Decimal("1000.00")
amounts = st.integers(1, 60_000).map(lambda cents: Decimal(cents) / 100)


@dataclass
class Life:
    """What was done, and the newest state of each document."""

    orders: dict[str, Decimal] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    items: dict[str, Item] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    untold: list[EventData] = field(default_factory=list)

    @property
    def documents(self) -> Decimal:
        """What open items less unapplied cash sum up to."""
        return sum((item.balance for item in self.items.values()), Decimal(0)) - sum(
            (money.unapplied for money in self.receipts.values() if money.customer_id), Decimal(0)
        )


steps = st.one_of(
    st.tuples(st.just("check"), st.sampled_from(["SO-1", "SO-2", "SO-3", "SO-4"]), amounts),
    st.tuples(st.just("cancel"), st.sampled_from(["SO-1", "SO-2", "SO-3"]), st.just(Decimal(0))),
    st.tuples(st.just("invoice"), st.sampled_from(["SO-1", "SO-2", "SO-3", "SO-9"]), amounts),
    st.tuples(st.just("pay"), st.sampled_from(["0", "1", "2"]), amounts),
    st.tuples(st.just("cash"), st.sampled_from(["C-1", ""]), amounts),
    st.tuples(st.just("identify"), st.sampled_from(["0", "1"]), st.just(Decimal(0))),
)


async def live(desk: CreditDesk, life: Life, step: tuple[str, str, Decimal]) -> None:
    """Do one step; what cashapp-service would tell of it waits in `untold`."""
    kind, which, amount = step
    if kind == "check":
        answer = await desk.check("C-1", which, str(amount))
        assert answer.status_code in (200, 201) or which in life.cancelled
    elif kind == "cancel":
        if (await desk.send("erp", "POST", f"/v1/orders/{which}/cancel")).status_code == 200:
            life.cancelled.add(which)
    elif kind == "invoice":
        number = str(len(life.items))
        life.items[number] = invoice(number, "C-1", amount, which)
        life.untold.append(life.items[number].event())
    elif kind == "pay" and which in life.items:
        life.items[which] = life.items[which].now(max(life.items[which].balance - amount, Decimal(0)))
        life.untold.append(life.items[which].event(kind="payment"))
    elif kind == "cash":
        number = str(len(life.receipts))
        life.receipts[number] = receipt(number, which or None, str(amount))
        life.untold.append(life.receipts[number].event())
    elif kind == "identify" and which in life.receipts:
        life.receipts[which] = life.receipts[which].now(customer_id="C-1")
        life.untold.append(life.receipts[which].event())


async def audit(desk: CreditDesk, units: Units, life: Life, *, complete: bool) -> None:
    """The account agrees with its documents, and no order was let through that took it over its limit."""
    async with units.read() as session:
        account = (await session.execute(text("select * from credit_accounts"))).one()
        reserved = await session.scalar(text("select coalesce(sum(reserved), 0) from orders"))
        items = await session.scalar(text("select coalesce(sum(account_balance), 0) from open_items"))
        cash = await session.scalar(
            text("select coalesce(sum(account_cash), 0) from receipts where customer_id is not null")
        )
        passed = await session.execute(
            text("select answer::jsonb ->> 'exposure_after' from credit_decisions where decision = 'approved'")
        )
        assert all(Decimal(after) <= LIMIT for after in passed.scalars())
        assert account.open_orders == reserved
        assert account.open_items == items
        assert account.unapplied == cash
        if complete:
            assert items - cash == life.documents
            open_amounts = await session.execute(
                text(
                    "select o.open_amount, greatest(o.amount - coalesce(sum(i.amount), 0), 0) from orders o "
                    "left join open_items i on i.order_id = o.order_id where o.status not in ('cancelled', 'rejected') "
                    "group by o.order_id"
                )
            )
            assert all(open_amount == rest for open_amount, rest in open_amounts)


@asynccontextmanager
async def one_life(server: str, template: str) -> AsyncIterator[tuple[CreditDesk, Units]]:
    """Yield the desk and the worker's units on a database of their own."""
    with copied_database(server, template) as database:
        service = create_app(settings_for(database, CreditSettings), verifier=verifier())
        units = Units.connect(database, source="credit-service")
        try:
            async with serving(service) as client:
                yield CreditDesk(client), units
        finally:
            await units.close()


def test_exposure_is_what_the_documents_say_in_whatever_order_and_however_often_they_are_told(
    postgres_url: str, credit_template: str
) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, min_size=4, max_size=14), st.randoms(use_true_random=False))
    def lives(story: list[tuple[str, str, Decimal]], chance: Any) -> None:
        asyncio.run(_tell_story(postgres_url, credit_template, story, chance))

    lives()


async def _tell_story(server: str, template: str, story: list[tuple[str, str, Decimal]], chance: Any) -> None:
    async with one_life(server, template) as (desk, units):
        await desk.customer("C-1", limit=str(LIMIT))
        life = Life()
        for step in story:
            await live(desk, life, step)
            if chance.random() < 0.4 and life.untold:
                chance.shuffle(life.untold)
                await tell(units, life.untold.pop())
            await audit(desk, units, life, complete=False)
        # Whatever was told is told again, with the rest, in any order.
        late = [*life.untold, *(one.event() for one in life.items.values())]
        late += [one.event() for one in life.receipts.values()]
        chance.shuffle(late)
        await tell(units, *late)
        await audit(desk, units, life, complete=True)
