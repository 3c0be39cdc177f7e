"""The dispute desk in few words: cases over HTTP, events as the worker hears them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import text

from dispute_service.subscriptions import SUBSCRIPTIONS
from shared.events.envelope import EventData
from shared.unit_of_work import Units
from tests.support.services import bearer


@dataclass
class Desk:
    """Asks the service and tells it events."""

    service: httpx.AsyncClient
    units: Units

    @property
    def headers(self) -> dict[str, str]:
        """Who may read everything."""
        return bearer("auditor")

    async def hear(self, *events: EventData) -> None:
        """Apply events, each in a transaction of its own."""
        for event in events:
            async with self.units.begin() as uow:
                await SUBSCRIPTIONS[type(event)](uow, event)

    async def hear_together(self, *events: EventData) -> None:
        """Apply events in one transaction, as the worker does with those that wait."""
        async with self.units.begin() as uow:
            for event in events:
                await SUBSCRIPTIONS[type(event)](uow, event)

    async def post(
        self, path: str, body: object = None, *, role: str = "dispute_coordinator", **headers: str
    ) -> httpx.Response:
        """Send a POST under /v1."""
        return await self.service.post(f"/v1{path}", json=body, headers=bearer(role) | headers)

    async def open(self, *claims: tuple[str, str | None], **changes: Any) -> httpx.Response:
        """Open a case; a claim is an item id and an amount."""
        items = [{"item_id": item_id} | ({"disputed_amount": amount} if amount else {}) for item_id, amount in claims]
        body = {"customer_id": "C-1", "items": items, "reason_code": "price", "description": "too dear"}
        return await self.post("/disputes", body | {"source": "call", "opened_on": "2026-03-02"} | changes)

    async def opened(self, *claims: tuple[str, str | None], **changes: Any) -> str:
        """Open a case and return its id."""
        answer = await self.open(*claims, **changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def do(self, dispute_id: str, deed: str, *, role: str = "dispute_coordinator", **body: Any) -> httpx.Response:
        """Do something with a case."""
        return await self.post(f"/disputes/{dispute_id}/{deed}", body, role=role)

    async def resolve(self, dispute_id: str, amount: str | None = None, **changes: Any) -> httpx.Response:
        """Resolve a case as valid with a credit memo."""
        role = changes.pop("role", "dispute_coordinator")
        body = {"outcome": "valid", "resolution": "credit_memo", "root_cause": "old_price_list", "note": "as agreed"}
        return await self.do(
            dispute_id, "resolve", role=role, **body | ({"amount": amount} if amount else {}) | changes
        )

    async def case(self, dispute_id: str) -> dict[str, Any]:
        """Return a case."""
        answer = await self.service.get(f"/v1/disputes/{dispute_id}", headers=bearer("auditor"))
        assert answer.status_code == 200, answer.text
        case: dict[str, Any] = answer.json()
        return case

    async def cases(self, **filters: str) -> list[dict[str, Any]]:
        """List cases, newest first."""
        answer = await self.service.get("/v1/disputes", params=filters, headers=bearer("auditor"))
        assert answer.status_code == 200, answer.text
        cases: list[dict[str, Any]] = answer.json()["data"]
        return cases

    async def told(self) -> list[tuple[str, int, str]]:
        """Return what was published: type, version, status."""
        statement = text(
            "select type, (body::jsonb #>> '{data,version}')::int, body::jsonb #>> '{data,dispute,status}' "
            "from outbox order by position"
        )
        async with self.units.read() as session:
            return [(row[0], row[1], row[2]) for row in await session.execute(statement)]


def amounts(case: dict[str, Any], item: int = 0) -> dict[str, str]:
    """Return where the claim on one item of a case stands."""
    return {name.removesuffix("_amount"): value for name, value in case["items"][item].items() if "_amount" in name}


def conserved(case: dict[str, Any]) -> bool:
    """Tell whether nothing of the claims was lost, and the case's amount is the sum of its items'."""
    sums = [{name: Decimal(value) for name, value in amounts(case, at).items()} for at in range(len(case["items"]))]
    whole = all(one["original"] == sum(one.values()) - one["original"] for one in sums)
    return whole and Decimal(case["disputed_amount"]) == sum(one["disputed"] for one in sums)
