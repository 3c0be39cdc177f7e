"""What the AR specialist does again and again in these stories, in a line each."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.flows.world import DAY, World

PAID_ON = DAY + timedelta(days=8)


def company_code() -> str:
    """Return a company of this test's own."""
    return uuid4().hex[:8]


async def received(world: World, customer: str | None, amount: str, **more: Any) -> Any:
    """Post a receipt."""
    body = {
        "method": "wire",
        "amount": amount,
        "currency": "EUR",
        "value_date": PAID_ON.isoformat(),
        "customer_id": customer,
    } | more
    return await world.ask("ar_specialist", "POST", "/v1/receipts", json=body)


async def applied(world: World, receipt: Any, *allocations: Any, role: str = "ar_specialist", **more: Any) -> Any:
    """Apply a receipt."""
    body = {"allocations": list(allocations)} | more
    return await world.ask(role, "POST", f"/v1/receipts/{receipt['id']}/applications", json=body)


def takes(item: Any, amount: str, **more: Any) -> dict[str, Any]:
    """Return an allocation."""
    return {"item_id": item["id"], "amount": amount} | more


async def code(
    world: World, role: str, path: str, body: Any, *, method: str = "POST", headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Return how a request is refused."""
    answer = await world.request(role, method, path, json=body, headers=headers or {})
    return answer.status_code, answer.json()["code"]


async def receipt_now(world: World, receipt: Any) -> Any:
    """Return the receipt as it is now."""
    return await world.get("ar_specialist", f"/v1/receipts/{receipt['id']}")
