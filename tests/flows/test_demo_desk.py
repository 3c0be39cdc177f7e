"""What the demo company's receivables desk shows is really there, and a second load leaves it as it is."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from openitem.demo.receivables_desk import SUBSIDIARY, scenes_of
from openitem.ledgers.api import Api
from openitem.ledgers.ledger import CustomerLimit, Ledger
from openitem.ledgers.loader import load
from shared.days import SystemClock
from tests.flows.world import World

pytestmark = pytest.mark.stack


def a_few_customers() -> Ledger:
    own = uuid4().hex[:8]
    body = {"name": f"Kunde {own}", "country": "DE", "currency": "EUR", "payment_terms": "net 30"}
    customers: dict[str, dict[str, Any]] = {f"D-{own}-{one:02}": dict(body) for one in range(11)}
    head, member, *_ = customers
    customers[member]["parent_id"] = head
    limits = [CustomerLimit(one, Decimal("50000.00"), "EUR") for one in customers]
    return Ledger(customers=customers, limits=limits, shared_limits=[head])


async def test_the_receivables_desk_shows_a_little_of_everything(world: World) -> None:
    ledger, today = a_few_customers(), SystemClock().today()
    async with Api(world.stack.base_url, world.stack.clients) as api:
        for _ in range(2):
            await load(api, ledger, lambda *_: None, scenes_of(ledger, today))

    async def listed(path: str, **filters: str) -> list[Any]:
        found = (await world.get("auditor", path, limit="500", **filters))["data"]
        return [one for one in found if one.get("customer_id", next(iter(ledger.customers))) in ledger.customers]

    items = {
        one["number"]: one for one in await listed("/v1/items") if one["number"].startswith(("RE-D", "AZ-D", "SV-"))
    }
    assert len(items) == 13
    assert {"RE-D1/1", "RE-D1/2", "AZ-D2"} <= items.keys()
    balances = {name: items[name]["balance"] for name in ("RE-D2", "RE-D3", "RE-D4", "RE-D5", "RE-D7")}
    assert balances == {"RE-D2": "7000.00", "RE-D3": "0.00", "RE-D4": "480.00", "RE-D5": "219.00", "RE-D7": "1.80"}
    exceptions = await listed("/v1/payment-exceptions")
    assert sorted((one["reason"], one["status"]) for one in exceptions) == [("chargeback", "open"), ("nsf", "open")]
    assert [(one["status"], one["amount"]) for one in await listed("/v1/refunds")] == [("pending", "350.00")]
    undelivered = await listed("/v1/undelivered-items", as_of=(today + timedelta(days=1)).isoformat())
    assert {"RE-D8", "AZ-D2"} <= {one["number"] for one in undelivered}
    runs = await listed("/v1/write-offs/small-balances", status="pending")
    assert [one["debits"] for one in runs if one["company_code"] == "1000"] == ["1.80"]
    await the_month_is_closed(world, today.replace(day=1) - timedelta(days=1))
    await world.books_agree()


async def the_month_is_closed(world: World, last: date) -> None:
    period, own = f"{last:%Y-%m}", {"company_code": SUBSIDIARY}
    (close,) = (await world.get("auditor", "/v1/closes", **own))["data"]
    (bank,) = (await world.get("auditor", "/v1/reconciliations/cash", period=period, **own))["data"]
    pack = await world.request("auditor", "GET", f"/v1/periods/{period}/pack", params=own | {"format": "pdf"})

    assert (close["period"], close["closed_by"]) == (period, "controller")
    assert (bank["state"], bank["bank_balance"], bank["in_transit"]) == ("reconciled", "2023.00", "0.00")
    assert pack.content.startswith(b"%PDF")
