"""cashapp-service as credit-service asks it for the states of documents, kept from the events that it told, for tests."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from typing import Any
from urllib.parse import parse_qs

import httpx

from shared.events.cashapp import ItemEvent, PaymentEvent
from shared.events.envelope import EventData


@dataclass
class Books:
    """The owner's documents; `asked` counts how often each address was asked."""

    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    away: bool = False
    before_answer: Any = None

    def post(self, *events: EventData) -> None:
        """Take over what events tell, as the owner did before it told them."""
        for event in events:
            state = _state(event)
            known = self.states.get(state["id"])
            if known is None or known["version"] < state["version"]:
                self.states[state["id"]] = state

    def transport(self) -> httpx.MockTransport:
        """Return what answers in the owner's place."""
        return httpx.MockTransport(self._answer)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away")
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        self.asked[request.url.path] = self.asked.get(request.url.path, 0) + 1
        rows = self._digests() if request.url.path.endswith("digests") else self._of(asked["customer_id"])
        key = "customer_id" if request.url.path.endswith("digests") else "id"
        part = [row for row in rows if row[key] > asked.get("after", "")][: int(asked["limit"])]
        full = request.url.path.endswith("digests") or len(part) == int(asked["limit"])
        answer = json.dumps({"data": part, "next_after": part[-1][key] if part and full else None})
        if self.before_answer is not None:
            await self.before_answer(request.url.path)
        return httpx.Response(200, text=answer)

    def _of(self, customer_id: str) -> list[dict[str, Any]]:
        mine = [one for one in self.states.values() if one["customer_id"] == customer_id]
        return sorted(mine, key=lambda one: str(one["id"]))

    def _digests(self) -> list[dict[str, Any]]:
        customers = sorted({one["customer_id"] for one in self.states.values() if one["customer_id"]})
        return [{"customer_id": who, "documents": 0, "digest": str(_digest(self._of(who)))} for who in customers]


def _state(event: EventData) -> dict[str, Any]:
    if isinstance(event, ItemEvent):
        item = event.item.model_dump(mode="json")
        kept = ("kind", "customer_id", "order_id", "amount", "balance", "currency", "due_date")
        return {name: item[name] for name in kept} | {
            "id": item["item_id"],
            "version": event.version,
            "document_date": item["issue_date"],
        }
    assert isinstance(event, PaymentEvent)
    receipt = event.receipt
    return {
        "id": receipt.receipt_id,
        "kind": "receipt",
        "version": event.version,
        "customer_id": receipt.customer_id,
        "order_id": None,
        "amount": str(receipt.amount),
        "balance": str(receipt.on_account + receipt.unapplied),
        "currency": receipt.currency,
        "document_date": receipt.value_date.isoformat(),
        "due_date": None,
    }


def _digest(states: Iterable[dict[str, Any]]) -> int:
    return reduce(int.__xor__, (_mark(state) for state in states))


def _mark(state: dict[str, Any]) -> int:
    amounts = {name: f"{Decimal(state[name]):.4f}" for name in ("amount", "balance")}
    if state["kind"] == "receipt":
        parts = [state["id"], "receipt", amounts["balance"], state["currency"]]
    else:
        parts = [state["id"], state["kind"], state["order_id"] or "", amounts["amount"], amounts["balance"]]
        parts += [state["currency"], state["due_date"]]
    return int.from_bytes(hashlib.md5("|".join(parts).encode()).digest()[:8], "big", signed=True)
