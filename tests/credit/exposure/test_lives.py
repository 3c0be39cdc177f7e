"""Random lives of documents: exposure is what their owners say, and no grant passes the limit of its moment.

`OPENITEM_LIVES=500 pytest tests/credit/exposure/test_lives.py` lives more of them, `OPENITEM_LIVES_SEED` the same ones again.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import text

from credit_service.app import create_app
from credit_service.exposure_checks import use_cases as exposure_checks
from credit_service.exposure_checks.use_cases import Found, Owner, Patience
from credit_service.settings import CreditSettings
from shared.events.envelope import EventData
from shared.http.client import ServiceClient
from shared.security import Principal
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk
from tests.credit.exposure.test_handlers import tell
from tests.credit.ledger import Item, Receipt, invoice, receipt
from tests.credit.owner import Books
from tests.support.services import app_of, copied_database, serving, settings_for

CUSTOMER = "C-1"
LIMIT = "1000.00"
NONE = Decimal(0)
CENT = Decimal("0.01")
RATES = {"EUR": Decimal(1), "USD": Decimal("0.8"), "JPY": Decimal("0.00625")}
"""To the account's currency, the euro; from 1 EUR = 1.25 USD = 160 JPY, as they are put on the first day."""
ORDERS = {"SO-1": "EUR", "SO-2": "USD", "SO-3": "JPY", "SO-4": "EUR"}
KINDS = ("invoice", "invoice", "invoice", "debit_memo", "credit_memo", "down_payment_request")


@dataclass
class Life:
    """The newest state of each document, as its owner has it; what nobody was told of yet waits in `untold`."""

    deliveries: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    guarantees: dict[str, Decimal] = field(default_factory=dict)
    books: Books = field(default_factory=Books)
    untold: list[EventData] = field(default_factory=list)

    def post(self, number: str, item: Item, kind: str = "issue") -> None:
        """Have the owner post a state of an item."""
        self.items[number] = item
        self._tell(item.event(kind=kind))

    def take(self, number: str, money: Receipt) -> None:
        """Have the owner take a state of a receipt."""
        self.receipts[number] = money
        self._tell(money.event())

    def _tell(self, event: EventData) -> None:
        self.books.post(event)
        self.untold.append(event)


def euros(amount: Decimal, currency: str) -> Decimal:
    return (amount * RATES[currency]).quantize(CENT, ROUND_HALF_UP)


def owed(life: Life, orders: dict[str, Any]) -> dict[str, Decimal]:
    """Return the exposure by category, reckoned from the documents alone."""
    items = life.items.values()
    due = sum((euros(one.balance, one.currency) for one in items if one.kind != "down_payment_request"), NONE)
    asked = sum((euros(one.balance, one.currency) for one in items if one.kind == "down_payment_request"), NONE)
    cash = [one for one in life.receipts.values() if one.customer_id]
    open_orders, delivered = NONE, NONE
    for order_id, currency in ORDERS.items():
        gone = [amount for (of, _), amount in sorted(life.deliveries.items()) if of == order_id]
        taken = [one.amount for one in items if one.order_id == order_id and one.kind in ("invoice", "debit_memo")]
        invoiced = sum(taken, NONE)
        order = orders.get(order_id)
        if order and order["status"] in ("approved", "released", "invoiced"):
            rest = Decimal(order["amount"]) - max(sum(gone, NONE), invoiced)
            open_orders += euros(max(rest, NONE), currency)
        for amount in gone:
            left = max(amount - invoiced, NONE)
            invoiced = max(invoiced - amount, NONE)
            delivered += euros(left, currency)
    return {
        "open_orders": open_orders,
        "delivered": delivered,
        "open_items": due,
        "special": asked + sum(life.guarantees.values(), NONE),
        "unapplied": sum((euros(one.unapplied, one.currency) for one in cash), NONE),
    }


@dataclass(frozen=True)
class Step:
    """Something that happens: to an order, or to the n-th document of its sort."""

    kind: str
    order_id: str
    number: int
    cents: int

    def amount(self, currency: str) -> Decimal:
        """Return so many euros, in whole units of another currency that are worth about as much."""
        if currency == "EUR":
            return Decimal(self.cents) / 100
        value = Decimal(self.cents) / 100 / RATES[currency]
        return max(value.quantize(Decimal(1) if currency == "JPY" else CENT), CENT if currency == "USD" else Decimal(1))


VERBS = "check check check cancel deliver deliver return invoice invoice pay pay reverse cash identify apply guarantee end limit"
steps = st.builds(
    Step,
    st.sampled_from(VERBS.split()),
    st.sampled_from(list(ORDERS)),
    st.integers(0, 5),
    st.integers(1, 60_000),
)


def _nth(found: dict[Any, Any], number: int) -> Any:
    return sorted(found)[number % len(found)] if found else None


async def take_step(desk: CreditDesk, life: Life, step: Step) -> None:
    """Do one step; what cashapp-service would tell of it waits."""
    currency = ORDERS[step.order_id]
    amount = step.amount(currency)
    match step.kind:
        case "check":
            body = {"requested_delivery_date": "2026-04-01"} if step.number % 2 else {}
            answer = await desk.check(CUSTOMER, step.order_id, str(amount), currency=currency, **body)
            assert answer.status_code in (200, 201, 409), answer.text
        case "cancel":
            await desk.send("erp", "POST", f"/v1/orders/{step.order_id}/cancel")
        case "deliver":
            await _deliver(desk, life, step, amount, currency)
        case "return" if life.deliveries:
            order_id, number = _nth(life.deliveries, step.number)
            del life.deliveries[order_id, number]
            await desk.ask("erp", "POST", f"/v1/orders/{order_id}/deliveries/{number}/cancel")
        case "guarantee" | "end":
            await _guarantee(desk, life, step)
        case "limit":
            await desk.limit(CUSTOMER, str(Decimal(step.cents) / 100 + 500))
        case _:
            _book(life, step, amount, currency)


async def _deliver(desk: CreditDesk, life: Life, step: Step, amount: Decimal, currency: str) -> None:
    number = f"{len(life.deliveries)}-{step.cents}-{step.number}"
    if (step.order_id, number) in life.deliveries:
        return
    body = {"delivery_id": number, "amount": str(amount), "currency": currency, "delivered_on": "2026-03-02"}
    told = await desk.send(
        "erp", "POST", f"/v1/orders/{step.order_id}/deliveries", json=body | {"customer_id": CUSTOMER}
    )
    assert told.status_code in (200, 201), told.text
    if told.json()["status"] == "delivered":
        life.deliveries[step.order_id, number] = amount


async def _guarantee(desk: CreditDesk, life: Life, step: Step) -> None:
    number = f"G-{step.number % 2}"
    path = f"/v1/customers/{CUSTOMER}/guarantees/{number}"
    if step.kind == "end" and number in life.guarantees:
        life.guarantees[number] = NONE
        await desk.ask("credit_analyst", "POST", f"{path}/end")
    elif step.kind == "guarantee":
        terms = {
            "kind": "given",
            "amount": str(Decimal(step.cents) / 100),
            "currency": "USD",
            "valid_from": "2026-01-01",
        }
        life.guarantees[number] = euros(Decimal(step.cents) / 100, "USD")
        await desk.ask("credit_analyst", "PUT", path, json=terms)


def _book(life: Life, step: Step, amount: Decimal, currency: str) -> None:
    """Have the owner of the receivables book something."""
    item, money = _nth(life.items, step.number), _nth(life.receipts, step.number)
    if step.kind == "invoice":
        kind = KINDS[step.number]
        number = str(len(life.items))
        signed = -amount if kind == "credit_memo" else amount
        life.post(number, invoice(number, CUSTOMER, signed, step.order_id, kind=kind, currency=currency))
    elif step.kind == "pay" and item and life.items[item].balance > 0:
        rest = max(life.items[item].balance - step.amount(life.items[item].currency), NONE)
        life.post(item, life.items[item].now(rest), "payment")
    elif step.kind == "reverse" and item:
        life.post(item, life.items[item].now(life.items[item].amount), "reversal")
    elif step.kind == "cash":
        number = str(len(life.receipts))
        life.take(number, receipt(number, CUSTOMER if step.number % 3 else None, str(Decimal(step.cents) / 100)))
    elif step.kind == "identify" and money:
        life.take(money, life.receipts[money].now(customer_id=CUSTOMER))
    elif step.kind == "apply" and money and life.receipts[money].customer_id:
        life.take(money, life.receipts[money].now(unapplied=(life.receipts[money].unapplied / 2).quantize(CENT)))


async def audit(units: Units) -> None:
    """At any moment: accounts are the sums of their documents, no category is negative, no grant passed its limit."""
    found = Found()
    await exposure_checks.check_own(units, found)
    assert found.listed == []
    async with units.read() as session:
        # What was delivered or invoiced before it was checked has nothing left to grant.
        over = await session.execute(
            text(
                "select order_id, answer, facts from credit_decisions where decision = 'approved' and not by_person "
                "and (facts ->> 'document')::numeric > 0 "
                "and (answer::jsonb ->> 'exposure_after')::numeric > (facts ->> 'credit_limit')::numeric"
            )
        )
        assert over.all() == []
        parts = "open_orders, delivered, special, unapplied"
        account = (await session.execute(text(f"select least({parts}) >= 0 from credit_accounts"))).scalar_one()
        assert account is True


async def compare(desk: CreditDesk, units: Units, life: Life) -> None:
    """At the end: exposure is what the documents of all owners say, here and by the system's own check."""
    orders = {}
    for order_id in ORDERS:
        answer = await desk.send("erp", "GET", f"/v1/orders/{order_id}")
        if answer.status_code == 200:
            orders[order_id] = answer.json()
    exposure = {name: Decimal(amount) for name, amount in (await desk.credit(CUSTOMER))["exposure"].items()}
    expected = owed(life, orders)
    assert {name: exposure[name] for name in expected} == expected
    assert exposure["total"] == sum(expected.values()) - 2 * expected["unapplied"]

    async def nobody() -> Principal:
        return Principal("auditor", frozenset(), frozenset(), "t")

    async def progress(_: int) -> None:
        return

    found = Found()
    client = ServiceClient("cashapp-service", "http://cashapp", transport=life.books.transport())
    await exposure_checks.check_owner(
        units, Owner(client, nobody), found, patience=Patience(0.2, 0.05), progress=progress
    )
    await client.close()
    assert (found.listed, found.in_flight) == ([], 0)


@asynccontextmanager
async def one_life(server: str, template: str) -> AsyncIterator[tuple[CreditDesk, Units]]:
    """Yield the desk and the worker's units on a database of their own."""
    with copied_database(server, template) as database:
        units = Units.connect(database, source="credit-service")
        try:
            with app_of(create_app, settings_for(database, CreditSettings)) as app:
                async with serving(app) as client:
                    yield CreditDesk(client), units
        finally:
            await units.close()


def test_exposure_is_what_the_documents_say_in_whatever_order_and_however_often_they_are_told(
    postgres_url: str, credit_template: str
) -> None:
    chosen = int(os.environ.get("OPENITEM_LIVES_SEED") or random.randrange(2**32))
    examples = int(os.environ.get("OPENITEM_LIVES") or 10)
    print(f"lives: OPENITEM_LIVES={examples} OPENITEM_LIVES_SEED={chosen}")

    @seed(chosen)
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(steps, min_size=16, max_size=28), st.randoms(use_true_random=False))
    def lives(story: list[Step], chance: Any) -> None:
        asyncio.run(_tell_story(postgres_url, credit_template, story, chance))

    lives()


async def _tell_story(server: str, template: str, story: list[Step], chance: Any) -> None:
    async with one_life(server, template) as (desk, units):
        await desk.customer(CUSTOMER, limit=LIMIT)
        rates = {"base": "EUR", "rates": {"USD": "1.25", "JPY": "160"}}
        await desk.ask("credit_manager", "PUT", "/v1/exchange-rates/2026-01-01", json=rates)
        life = Life()
        rest = list(story)
        while rest:
            together = [rest.pop(0) for _ in range(min(chance.randint(1, 4), len(rest)))]
            await asyncio.gather(*_at_once(desk, units, life, together, chance))
            await audit(units)
        # Whatever was told is told again, with the rest, in any order.
        late = [*life.untold, *(one.event() for one in life.items.values())]
        late += [one.event() for one in life.receipts.values()]
        chance.shuffle(late)
        await tell(units, *late)
        await audit(units)
        await compare(desk, units, life)


def _at_once(desk: CreditDesk, units: Units, life: Life, together: list[Step], chance: Any) -> list[Awaitable[None]]:
    """Return steps, and some of what nobody was told of yet, to be done at the same moment."""
    chance.shuffle(life.untold)
    told = [life.untold.pop() for _ in range(min(chance.randint(0, 3), len(life.untold)))]
    if told and chance.random() < 0.3:
        life.untold.append(told[0])
    alone = {(step.kind, step.order_id, step.number % 2): step for step in together}
    return [*(take_step(desk, life, step) for step in alone.values()), *(tell(units, event) for event in told)]
