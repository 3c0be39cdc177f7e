"""collections-service in few words: deliver events, promise, look."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import httpx
from sqlalchemy import text

from collections_service.subscriptions import SUBSCRIPTIONS
from collections_service.worker import JOB_FUNCTIONS
from shared.events.credit import CustomerCreated, CustomerState
from shared.events.envelope import EventData
from shared.job_runner import JobRunner
from shared.unit_of_work import Units
from tests.support.services import bearer


class Desk:
    """The service over HTTP, its consumer and its job runner."""

    def __init__(self, service: httpx.AsyncClient, units: Units) -> None:
        self.service = service
        self.units = units

    async def hear(self, *events: EventData) -> None:
        """Apply events one after the other, each in a transaction of its own, as the consumer does."""
        for event in events:
            async with self.units.begin() as uow:
                await SUBSCRIPTIONS[type(event)](uow, event)

    async def know_customers(self, *customer_ids: str, **more: Any) -> None:
        """Hear that customers were created."""
        await self.hear(*(customer(customer_id, **more) for customer_id in customer_ids))

    async def ask(self, method: str, path: str, *, role: str = "collector", **more: Any) -> httpx.Response:
        """Send a request as `role`."""
        headers = bearer(role) | more.pop("headers", {})
        return await self.service.request(method, path, headers=headers, **more)

    async def get(self, path: str, **params: Any) -> Any:
        """Return the body of a successful GET."""
        answer = await self.ask("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def promise(self, customer_id: str, amount: str, *, by: date, **more: Any) -> Any:
        """Record a promise and return it."""
        body = {"customer_id": customer_id, "promised_on": by.isoformat(), "amount": amount, "currency": "EUR"} | more
        answer = await self.ask("POST", "/v1/promises", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def status(self, promise: Any) -> tuple[str, str]:
        """Return a promise's status and what came of it."""
        found = await self.get(f"/v1/promises/{promise['id']}")
        return found["status"], found["kept_amount"]

    async def run_day(self, day: date) -> Any:
        """Run a business day and return its job."""
        asked = await self.ask("POST", f"/v1/days/{day}/run", role="controller")
        assert asked.status_code == 202, asked.text
        await JobRunner(self.units, JOB_FUNCTIONS).run_next()
        return await self.get(f"/v1/jobs/{asked.json()['id']}")

    async def told(self) -> list[tuple[str, int]]:
        """Return type and version of every event in the outbox, in order."""
        async with self.units.read() as session:
            rows = await session.execute(
                text("select type, (body::jsonb -> 'data' ->> 'version')::int from outbox order by position")
            )
            return [(row[0], row[1]) for row in rows]


def customer(customer_id: str, *, version: int = 1, **more: Any) -> CustomerCreated:
    """Return the event of a new customer."""
    state = {"name": f"Kunde {customer_id}", "country": "DE", "currency": "EUR", "payment_terms": "net 30"} | more
    return CustomerCreated(version=version, customer=CustomerState(customer_id=customer_id, **state))


def both(events: Iterable[EventData]) -> list[EventData]:
    """Return each event twice."""
    return [event for event in events for _ in range(2)]
