"""Sales that go on while processes die: each call is repeated under its `Idempotency-Key` until it is answered."""

import asyncio
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx

from tests.flows.world import EVENTUALLY_SECONDS, World

ISSUED_ON = date(2026, 3, 2)
PAID_ON = ISSUED_ON + timedelta(days=10)
RETURNED_ON = PAID_ON + timedelta(days=3)
PATIENCE_SECONDS = 120.0
AMOUNT = "250.00"


@dataclass
class Sale:
    """One customer's sale: ordered, invoiced, promised, paid; every third cheque bounces."""

    customer_id: str
    bounces: bool
    item: dict[str, Any] = field(default_factory=dict)
    promise: dict[str, Any] = field(default_factory=dict)
    receipt: dict[str, Any] = field(default_factory=dict)

    @property
    def owed(self) -> str:
        """What is open in the end."""
        return AMOUNT if self.bounces else "0.00"


async def insist(world: World, role: str, method: str, path: str, body: dict[str, Any]) -> Any:
    """Send a request again and again under one key until it is answered; a refusal fails the test."""
    key = {"Idempotency-Key": uuid4().hex} if method == "POST" else {}
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        try:
            answer = await world.request(role, method, path, json=body, headers=key)
        except httpx.HTTPError:
            answer = None
        if answer is not None and answer.is_success:
            return answer.json()
        transient = answer is None or answer.status_code == 503 or answer.json().get("code") == "request_in_flight"
        assert transient, f"{method} {path}: {answer.status_code if answer else ''} {answer.text if answer else ''}"
        assert asyncio.get_running_loop().time() < deadline, f"{method} {path} was never answered"
        await asyncio.sleep(0.2)


async def live_through(world: World, sale: Sale) -> None:
    """Tell one sale from the order to the money, and back where the cheque bounces."""
    customer = sale.customer_id
    master = {"name": f"Kunde {customer}", "country": "DE", "currency": "EUR", "payment_terms": "net 30"}
    await insist(world, "erp", "PUT", f"/v1/customers/{customer}", master)
    limit = {"customer_id": customer, "requested_limit": "1000.00", "currency": "EUR", "reason": "new"}
    await insist(world, "credit_analyst", "POST", "/v1/limit-requests", limit)
    order = {"customer_id": customer, "order_id": f"SO-{customer}", "amount": AMOUNT, "currency": "EUR"}
    decision = await insist(world, "erp", "POST", "/v1/credit-checks", order | {"as_of": ISSUED_ON.isoformat()})
    assert decision["decision"] == "approved", decision
    sale.item = await insist(world, "erp", "POST", "/v1/items", _invoice(customer))
    sale.promise = await insist(world, "collector", "POST", "/v1/promises", _promise(customer))
    sale.receipt = await insist(world, "ar_specialist", "POST", "/v1/receipts", _receipt(sale))
    if sale.bounces:
        back = {"reason": "nsf", "value_date": RETURNED_ON.isoformat()}
        await insist(world, "ar_specialist", "POST", f"/v1/receipts/{sale.receipt['id']}/return", back)


def _invoice(customer: str) -> dict[str, Any]:
    return {
        "number": f"RE-{customer}",
        "kind": "invoice",
        "customer_id": customer,
        "issue_date": ISSUED_ON.isoformat(),
        "due_date": (ISSUED_ON + timedelta(days=30)).isoformat(),
        "amount": AMOUNT,
        "currency": "EUR",
        "order_id": f"SO-{customer}",
    }


def _promise(customer: str) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "promised_on": "2027-12-01",
        "made_on": ISSUED_ON.isoformat(),
        "amount": AMOUNT,
        "currency": "EUR",
    }


def _receipt(sale: Sale) -> dict[str, Any]:
    return {
        "method": "cheque",
        "amount": AMOUNT,
        "currency": "EUR",
        "value_date": PAID_ON.isoformat(),
        "customer_id": sale.customer_id,
        "remittance": [{"number": sale.item["number"], "amount": AMOUNT}],
    }


class Trade:
    """Sales one after the other on a few lanes, until told to stop."""

    LANES = 2
    PAUSE_SECONDS = 0.3

    def __init__(self, world: World) -> None:
        self._world = world
        self._stopping = asyncio.Event()
        self.sales: list[Sale] = []

    async def run(self) -> None:
        """Trade until stopped; every sale that was begun is ended."""
        async with asyncio.TaskGroup() as lanes:
            for _ in range(self.LANES):
                lanes.create_task(self._lane())

    def stop(self) -> None:
        """Begin no further sale."""
        self._stopping.set()

    async def _lane(self) -> None:
        while not self._stopping.is_set():
            sale = Sale(f"C-{uuid4().hex[:10]}", bounces=len(self.sales) % 3 == 2)
            self.sales.append(sale)
            await live_through(self._world, sale)
            await asyncio.sleep(self.PAUSE_SECONDS)


async def expect_end(world: World, sale: Sale) -> None:
    """Everything about the sale is as it must be: nothing lost, nothing twice, in every service."""
    deadline = asyncio.get_running_loop().time() + EVENTUALLY_SECONDS * 3
    while True:
        try:
            await _look(world, sale)
        except AssertionError:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            return


async def _look(world: World, sale: Sale) -> None:
    customer = sale.customer_id
    exposure = await world.exposure(customer)
    assert (exposure["open_orders"], exposure["open_items"], exposure["total"]) == ("0.00", sale.owed, sale.owed), (
        customer
    )
    assert (await world.item(sale.item))["balance"] == sale.owed
    receipts = (await world.get("ar_specialist", "/v1/receipts", customer_id=customer))["data"]
    assert [one["status"] for one in receipts] == ["returned" if sale.bounces else "applied"]
    promise = await world.get("collector", f"/v1/promises/{sale.promise['id']}")
    assert promise["status"] == ("open" if sale.bounces else "kept"), customer
    for day in (ISSUED_ON, PAID_ON, RETURNED_ON):
        aging = await world.aging(customer, day)
        buckets = sum((amount for name, amount in aging.items() if name not in ("unapplied", "total")), Decimal(0))
        assert buckets == await world.open_items(customer, day), (customer, day)
