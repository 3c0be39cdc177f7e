"""cashapp-service as its callers use it: short calls for long requests, and the worker's part of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import text

from cashapp_service.app import create_app
from cashapp_service.settings import CashappSettings
from cashapp_service.worker import job_functions
from shared.events import EVENT_TYPES
from shared.events.envelope import EventData
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.support.services import app_of, bearer, serving, settings_for

CUSTOMERS = ("C-1", "C-2", "C-3")


RATES = {("USD", "EUR"): "0.9", ("EUR", "USD"): "1.1111111111"}


def _rate(request: httpx.Request) -> httpx.Response:
    rate = RATES.get((request.url.params["currency"], request.url.params["target"]))
    return httpx.Response(200, json={"rate": rate}) if rate else httpx.Response(404)


def credit_service(request: httpx.Request) -> httpx.Response:
    """Stand in for credit-service: it knows three customers and how to be away."""
    if request.url.path.startswith("/v1/exchange-rates/"):
        return _rate(request)
    customer_id = request.url.path.rsplit("/", 1)[1]
    if customer_id == "C-AWAY":
        raise httpx.ConnectError("away")
    if customer_id not in CUSTOMERS:
        return httpx.Response(404)
    return httpx.Response(
        200,
        json={
            "customer_id": customer_id,
            "name": f"Handel {customer_id}",
            "legal_name": None,
            "aliases": [],
            "country": "DE",
            "currency": "EUR",
            "payment_terms": "net 30",
            "company_code": None,
            "bank_accounts": [],
            "version": 1,
        },
    )


@dataclass
class Cashapp:
    """The service under test."""

    client: httpx.AsyncClient
    units: Units
    settings: CashappSettings

    async def post(self, path: str, body: Any = None, *, role: str = "admin", **options: Any) -> httpx.Response:
        """Send a POST with a JSON body."""
        headers = bearer(role) | options.pop("headers", {})
        return await self.client.post(path, json=body, headers=headers, **options)

    async def get(self, path: str, *, role: str = "admin", **params: Any) -> Any:
        """Send a GET and return what came, which must be a success."""
        answer = await self.client.get(path, params=params, headers=bearer(role))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def invoice(self, number: str = "RE-2026-00017", amount: str = "1000.00", **fields: Any) -> dict[str, Any]:
        """Post a document and return its item."""
        body = {
            "number": number,
            "kind": "invoice",
            "customer_id": "C-1",
            "issue_date": "2026-03-01",
            "amount": amount,
            "currency": "EUR",
        }
        answer = await self.post("/v1/items", body | fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def receipt(self, amount: str = "1000.00", **fields: Any) -> dict[str, Any]:
        """Post a receipt and return it."""
        body = {"method": "wire", "amount": amount, "currency": "EUR", "value_date": "2026-03-20"}
        answer = await self.post("/v1/receipts", body | fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def apply(self, receipt: dict[str, Any], *allocations: dict[str, Any], **fields: Any) -> httpx.Response:
        """Apply a receipt."""
        body = {"allocations": list(allocations)} | fields
        return await self.post(f"/v1/receipts/{receipt['id']}/applications", body)

    async def item(self, item_id: str) -> dict[str, Any]:
        """Return an item."""
        return dict(await self.get(f"/v1/items/{item_id}"))

    async def receipt_now(self, receipt: dict[str, Any]) -> dict[str, Any]:
        """Return a receipt as it is now."""
        return dict(await self.get(f"/v1/receipts/{receipt['id']}"))

    async def trial_balance(self, as_of: str = "2030-12-31") -> dict[str, Decimal]:
        """Return the accounts that have a balance."""
        found = await self.get("/v1/ledger/trial-balance", as_of=as_of)
        assert found["balanced"]
        return {row["account"]: Decimal(row["balance"]) for row in found["data"] if Decimal(row["balance"])}

    async def violations(self) -> list[str]:
        """Return every violation of a law of the books."""
        found = await self.get("/v1/ledger/integrity")
        return [f"{law['name']}: {one}" for law in found["laws"] for one in law["violations"]]

    async def events(self, *types: str) -> list[EventData]:
        """Return the events in the outbox in their order, of some types or of all."""
        async with self.units.read() as session:
            rows = await session.execute(text("select type, body::jsonb -> 'data' from outbox order by position"))
            found = [EVENT_TYPES[row[0]].model_validate(row[1]) for row in rows]
        return [one for one in found if not types or one.type in types]

    async def work(self) -> None:
        """Do all waiting jobs, as the worker does."""
        runner = JobRunner(self.units, job_functions(self.settings))
        while await runner.run_next():
            pass

    async def imported(self, content: bytes, *, name: str = "statement", **fields: str) -> dict[str, Any]:
        """Import a bank file and return its finished job."""
        form = {"kind": "bank_statement", "create_accounts": "true"} | fields
        answer = await self.client.post(
            "/v1/imports", data=form, files={"file": (name, content)}, headers=bearer("admin")
        )
        assert answer.status_code == 202, answer.text
        await self.work()
        return dict(await self.get(f"/v1/jobs/{answer.json()['id']}"))


CreditService = (
    Callable[[httpx.Request], httpx.Response] | Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
)


@asynccontextmanager
async def cashapp_on(database_url: str, credit: CreditService = credit_service) -> AsyncIterator[Cashapp]:
    """Run the service on a database, beside a credit-service."""
    settings = settings_for(database_url, CashappSettings)
    with app_of(create_app, settings, transport=httpx.MockTransport(credit)) as app:
        async with serving(app) as client:
            yield Cashapp(client, app.state.units, settings)


def takes(item: dict[str, Any], amount: str, **fields: Any) -> dict[str, Any]:
    """Return an allocation."""
    return {"item_id": item["id"], "amount": amount} | fields


def mt940(*entries: str, opening: str = "0,", number: str = "1/1", day: str = "260320", account: str = "DE1") -> bytes:
    """Return an MT940 statement of one day; an entry is `C100,NTRFREF//BANKREF` and its purpose, parted by "|"."""
    balance = Decimal(opening.replace(",", "."))
    lines = [":20:STARTUMSE", f":25:{account}", f":28C:{number}", f":60F:C{day}EUR{_written(balance)}"]
    for entry in entries:
        head, _, purpose = entry.partition("|")
        digits = head[1:].split("N", 1)[0]
        balance += Decimal(digits.replace(",", ".")) * (1 if head[0] == "C" else -1)
        lines += [f":61:{day}{day[2:]}{head}", f":86:{purpose}"]
    lines += [f":62F:C{day}EUR{_written(balance)}", "-"]
    return "\r\n".join(lines).encode()


def _written(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def kinds(events: Sequence[EventData]) -> list[str]:
    """Return the types of events."""
    return [event.type for event in events]
