"""The life of a sale in a few verbs: each test of the whole system tells its part of it through the gateway."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import uuid4

import aio_pika
import httpx

from openitem.ledgers.camt import write_statements
from openitem.ledgers.ledger import BankCredit
from tests.support.stack import RunningStack

T = TypeVar("T")

EVENTUALLY_SECONDS = 60.0
DAY = date(2026, 3, 2)
COMPANY_ACCOUNT = "DE75512108001245126199"


async def eventually(look: Callable[[], Awaitable[T]]) -> T:
    """Return what `look` returns once its assertions hold; the last failure where they do not within a minute."""
    deadline = asyncio.get_running_loop().time() + EVENTUALLY_SECONDS
    while True:
        try:
            return await look()
        except AssertionError:
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(0.1)


class World:
    """One running system and a client per role."""

    def __init__(self, stack: RunningStack, clients: dict[str, httpx.AsyncClient]) -> None:
        self.stack = stack
        self._clients = clients

    async def request(self, role: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request as `role`."""
        headers = self.stack.headers(role) | options.pop("headers", {})
        return await self._clients[role].request(method, path, headers=headers, **options)

    async def ask(self, role: str, method: str, path: str, **options: Any) -> Any:
        """Send a request that must succeed and return its JSON."""
        answer = await self.request(role, method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def get(self, role: str, path: str, **params: Any) -> Any:
        """Read something that must be there."""
        return await self.ask(role, "GET", path, params=params)

    async def job(self, role: str, answer: Any) -> Any:
        """Wait for a job's end and return it."""

        async def ended() -> Any:
            job = await self.get(role, f"/v1/jobs/{answer['id']}")
            assert job["status"] in ("succeeded", "failed"), job
            return job

        return await eventually(ended)

    async def customer(self, *, limit: str | None = "1000.00", **changes: Any) -> str:
        """Put a new customer with a limit and return its number."""
        customer_id = f"C-{uuid4().hex[:8]}"
        body = {"name": f"Kunde {customer_id}", "country": "DE", "currency": "EUR", "payment_terms": "net 30"} | changes
        await self.ask("erp", "PUT", f"/v1/customers/{customer_id}", json=body)
        if limit is not None:
            await self.limit(customer_id, limit)
        return customer_id

    async def limit(self, customer_id: str, amount: str, role: str = "credit_analyst") -> Any:
        """Ask for a limit."""
        body = {"customer_id": customer_id, "requested_limit": amount, "currency": "EUR", "reason": "test"}
        return await self.ask(role, "POST", "/v1/limit-requests", json=body)

    async def check(self, customer_id: str, amount: str, order_id: str | None = None, **more: Any) -> Any:
        """Check an order."""
        body = {
            "customer_id": customer_id,
            "order_id": order_id or f"SO-{uuid4().hex[:8]}",
            "amount": amount,
            "currency": "EUR",
            "as_of": DAY.isoformat(),
        } | more
        return await self.ask("erp", "POST", "/v1/credit-checks", json=body)

    async def invoice(self, customer_id: str, amount: str, *, issued_on: date = DAY, **more: Any) -> Any:
        """Post an invoice due in 30 days and return the item."""
        body = {
            "number": f"RE-{uuid4().int % 10**10:010}",
            "kind": "invoice",
            "customer_id": customer_id,
            "issue_date": issued_on.isoformat(),
            "due_date": (issued_on + timedelta(days=30)).isoformat(),
            "amount": amount,
            "currency": "EUR",
        } | more
        return await self.ask("erp", "POST", "/v1/items", json=body)

    async def receipt(self, item: Any, *, paid_on: date, amount: str | None = None, **more: Any) -> Any:
        """Post a receipt whose remittance names the item."""
        paid = amount or item["amount"]
        body = {
            "method": "cheque",
            "amount": paid,
            "currency": "EUR",
            "value_date": paid_on.isoformat(),
            "customer_id": item["customer_id"],
            "remittance": [{"number": item["number"], "amount": paid} | more],
        }
        return await self.ask("ar_specialist", "POST", "/v1/receipts", json=body)

    async def import_file(self, content: bytes, name: str = "statement") -> Any:
        """Import a bank file and return its ended job."""
        files = {"file": (name, content)}
        data = {"kind": "bank_statement", "create_accounts": "true"}
        return await self.job("erp", await self.ask("erp", "POST", "/v1/imports", files=files, data=data))

    async def item(self, item: Any) -> Any:
        """Return the item as it is now."""
        return await self.get("ar_specialist", f"/v1/items/{item['id']}")

    async def exposure(self, customer_id: str) -> dict[str, str]:
        """Return the parts of the customer's exposure."""
        credit = await self.get("credit_analyst", f"/v1/customers/{customer_id}/credit")
        exposure: dict[str, str] = credit["exposure"]
        return exposure

    async def expect_exposure(self, customer_id: str, **parts: str) -> None:
        """Wait until the parts of the exposure are these."""

        async def look() -> None:
            found = await self.exposure(customer_id)
            assert {name: found[name] for name in parts} == parts

        await eventually(look)

    async def run_day(self, day: date) -> Any:
        """Let everything fall due that falls due on `day`."""
        job = await self.job("admin", await self.ask("admin", "POST", f"/v1/days/{day}/run"))
        assert job["status"] == "succeeded", job
        return job

    async def aging(self, customer_id: str, as_of: date) -> dict[str, Decimal]:
        """Return the customer's aging as of a day: amount by bucket, `unapplied` and `total`; empty without any."""
        answer = await self.get("collector", "/v1/aging", as_of=as_of.isoformat(), customer_id=customer_id)
        rows = [row for row in answer["data"] if row["key"] == customer_id]
        if not rows:
            return {}
        parts = rows[0]["amounts"] | {"unapplied": rows[0]["unapplied"], "total": rows[0]["total"]}
        return {name: Decimal(amount) for name, amount in parts.items()}

    async def open_items(self, customer_id: str, as_of: date) -> Decimal:
        """Return the sum of the customer's item balances as of a day, according to cashapp-service."""
        items = await self.get(
            "ar_specialist", "/v1/items", customer_id=customer_id, as_of=as_of.isoformat(), limit=500
        )
        return sum((Decimal(item["balance"]) for item in items["data"]), Decimal(0))

    async def books_agree(self) -> None:
        """The ledger proves its own laws and the trial balance is balanced."""
        integrity = await self.get("auditor", "/v1/ledger/integrity")
        assert integrity["ok"], integrity
        trial = await self.get("auditor", "/v1/ledger/trial-balance", as_of="2030-01-01")
        assert trial["balanced"], trial

    async def aging_agrees(self, customer_id: str, days: list[date]) -> None:
        """Aging in collections-service equals the open items of cashapp-service as of each day."""

        async def look() -> None:
            for day in days:
                aging = await self.aging(customer_id, day)
                receivables = sum(
                    (amount for bucket, amount in aging.items() if bucket not in ("unapplied", "total")), Decimal(0)
                )
                assert receivables == await self.open_items(customer_id, day), day

        await eventually(look)


def bank_file(*credits_: BankCredit) -> bytes:
    """Return one camt.053 file with these credits."""
    return next(write_statements(credits_)).content


def bank_credit(
    amount: str, purpose: str, *, paid_on: date, payer: str = "Jemand", account: str | None = None
) -> BankCredit:
    """Return money that came in on an account of this test's own."""
    return BankCredit(
        account=account or f"DE{uuid4().int % 10**20:020}",
        reference=f"B{uuid4().hex[:12]}",
        value_date=paid_on,
        amount=Decimal(amount),
        currency="EUR",
        payer_name=payer,
        payer_account=None,
        purpose=purpose,
    )


class Integrator:
    """Somebody with an own queue bound to `openitem.events`, who keeps what comes."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def of(self, customer_id: str) -> list[dict[str, Any]]:
        """Return the events about one customer, in the order of arrival."""
        return [event for event in self.events if event.get("customerid") == customer_id]

    @asynccontextmanager
    async def listening(self, amqp_url: str) -> AsyncIterator[None]:
        """Collect every event while the block runs."""
        connection = await aio_pika.connect(amqp_url)
        async with connection:
            channel = await connection.channel()
            exchange = await channel.declare_exchange("openitem.events", aio_pika.ExchangeType.TOPIC, durable=True)
            queue = await channel.declare_queue(exclusive=True)
            await queue.bind(exchange, "#")

            async def keep(message: aio_pika.abc.AbstractIncomingMessage) -> None:
                async with message.process():
                    self.events.append(json.loads(message.body))

            await queue.consume(keep)
            yield
