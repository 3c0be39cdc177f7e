"""credit-service in a few verbs, for its tests."""

from typing import Any

import httpx

from shared.security import ROLE_SCOPES
from tests.support.services import bearer

DAY = "2026-03-02"
CUSTOMER = {"name": "Nordlicht Handel", "country": "DE", "currency": "EUR", "payment_terms": "net 30"}


class CreditDesk:
    """Calls the service as whoever may."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def send(self, role: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request as `role`; a name with a number at its end is another person of the same role."""
        kind = role if role in ROLE_SCOPES else role.rsplit("_", 1)[0]
        headers = bearer(kind, role) | options.pop("headers", {})
        return await self.http.request(method, path, headers=headers, **options)

    async def ask(self, role: str, method: str, path: str, **options: Any) -> Any:
        """Send a request that must succeed and return its JSON."""
        answer = await self.send(role, method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def customer(self, customer_id: str, *, limit: str | None = "1000.00", **changes: Any) -> None:
        """Put a customer and give it a limit; none leaves the account as it starts."""
        await self.ask("erp", "PUT", f"/v1/customers/{customer_id}", json=CUSTOMER | changes)
        if limit is not None:
            await self.limit(customer_id, limit, currency=changes.get("currency", "EUR"))

    async def limit(self, customer_id: str, amount: str | None, role: str = "credit_manager", **more: Any) -> Any:
        """Ask for a limit."""
        body = {"customer_id": customer_id, "requested_limit": amount, "currency": "EUR", "reason": "test"} | more
        return await self.ask(role, "POST", "/v1/limit-requests", json=body)

    async def check(
        self, customer_id: str, order_id: str, amount: str, *, key: str | None = None, role: str = "erp", **more: Any
    ) -> httpx.Response:
        """Check an order."""
        body = {"customer_id": customer_id, "order_id": order_id, "amount": amount, "currency": "EUR", "as_of": DAY}
        headers = {"Idempotency-Key": key} if key else {}
        return await self.send(role, "POST", "/v1/credit-checks", json=body | more, headers=headers)

    async def credit(self, customer_id: str, **params: Any) -> Any:
        """Return a customer's credit."""
        return await self.ask("credit_analyst", "GET", f"/v1/customers/{customer_id}/credit", params=params)

    async def exposure(self, customer_id: str, part: str = "total") -> Any:
        """Return one part of a customer's exposure."""
        return (await self.credit(customer_id))["exposure"][part]

    async def order(self, order_id: str) -> Any:
        """Return an order."""
        return await self.ask("erp", "GET", f"/v1/orders/{order_id}")

    async def holds(self, customer_id: str, **params: Any) -> Any:
        """Return a customer's holds."""
        page = await self.ask("credit_analyst", "GET", "/v1/holds", params={"customer_id": customer_id} | params)
        return page["data"]
