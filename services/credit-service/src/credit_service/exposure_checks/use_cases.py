"""Checks all exposures while everything runs: columns against documents, and documents against their owner's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.exposure_checks import repository
from credit_service.exposure_checks.domain import Difference, State, difference, is_late, stand
from shared.errors import UnavailableError
from shared.http.client import ServiceClient
from shared.security import Principal
from shared.unit_of_work import Units

EXPOSURE_CHECK = "exposure.check"
SHOWN_MAX = 1_000
"""How many differences a result lists; it counts all."""


@dataclass(frozen=True, slots=True)
class Owner:
    """cashapp-service, which owns items and receipts, asked on behalf of somebody."""

    client: ServiceClient
    caller: Callable[[], Awaitable[Principal]]
    customers_a_part: int = 20_000

    async def digests(self) -> AsyncIterator[tuple[str, str, dict[str, int]]]:
        """Yield the digests of the next customers, with whom they are behind and the last of them."""
        after = ""
        while True:
            part = await self._get("/v1/document-digests", after=after, limit=self.customers_a_part)
            if part["next_after"] is None:
                return
            yield after, part["next_after"], {one["customer_id"]: int(one["digest"]) for one in part["data"]}
            after = part["next_after"]

    async def states(self, customer_id: str) -> dict[str, State]:
        """Return all documents of a customer, by their identifier."""
        found: dict[str, State] = {}
        after: str | None = ""
        while after is not None:
            part = await self._get(
                "/v1/document-states", customer_id=customer_id, after=after, limit=self.customers_a_part
            )
            found |= {one["id"]: _state(one) for one in part["data"]}
            after = part["next_after"]
        return found

    async def _get(self, path: str, **asked: Any) -> Any:
        answer = await self.client.get(f"{path}?{urlencode(asked)}", caller=await self.caller())
        if answer is None:
            raise UnavailableError("cashapp-service does not tell the states of documents: it is of an older version.")
        return answer


def _state(told: dict[str, Any]) -> State:
    amounts = {name: Decimal(told[name]) for name in ("amount", "balance")}
    days = {name: date.fromisoformat(told[name]) if told[name] else None for name in ("document_date", "due_date")}
    return State(**told | amounts | days)


@dataclass
class Found:
    """What a check came upon: the first differences, and how many there are."""

    accounts: int = 0
    documents: int = 0
    total: int = 0
    listed: list[Difference] = field(default_factory=list)
    in_flight: int = 0
    compared: bool = False

    def add(self, one: Difference) -> None:
        """Count a difference, and list it if it is among the first."""
        self.total += 1
        if len(self.listed) < SHOWN_MAX:
            self.listed.append(one)

    def told(self) -> dict[str, Any]:
        """Return the result of the check."""
        return {
            "accounts": self.accounts,
            "documents": self.documents,
            "differences": [one.told() for one in self.listed],
            "differences_total": self.total,
            "compared_with_owner": self.compared,
            "in_flight": self.in_flight,
        }


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an event may be on its way before what it tells is missed."""

    seconds: float = 10.0
    pause_seconds: float = 0.5


async def check_own(units: Units, found: Found) -> None:
    """Compare all accounts and orders with their documents, as they stand at one moment."""
    async with units.read() as session:
        await repository.see_one_moment(session)
        found.accounts, found.documents = await repository.counts(session)
        for account in await repository.wrong_columns(session):
            for one in _wrong_columns(account):
                found.add(one)
        for order in await repository.wrong_orders(session):
            for one in _wrong_order(order):
                found.add(one)


def _wrong_columns(row: Row[*tuple[Any, ...]]) -> list[Difference]:
    values = row._mapping
    names = (*repository.COLUMNS, "oldest_due_date")
    pairs = [(name, values[f"ours_{name}"], values[f"theirs_{name}"]) for name in names]
    return [
        Difference(
            row.customer_id, name, None, _text(ours), _text(theirs), "The account is not the sum of its documents."
        )
        for name, ours, theirs in pairs
        if ours != theirs
    ]


def _wrong_order(row: Row[*tuple[Any, ...]]) -> list[Difference]:
    why = "It does not follow from the order's deliveries and invoices."
    pairs = [
        ("open_orders", row.open_amount, row.open_expected),
        ("delivered", row.delivered_amount, row.delivered_expected),
        ("delivered", row.not_invoiced, row.delivered_expected),
    ]
    return [
        Difference(row.customer_id, category, row.order_id, _text(ours), _text(theirs), why)
        for category, ours, theirs in pairs
        if ours != theirs
    ]


def _text(value: Any) -> str | None:
    return None if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


async def check_owner(
    units: Units, owner: Owner, found: Found, *, patience: Patience, progress: Callable[[int], Awaitable[None]]
) -> None:
    """Compare all documents with their owner's. What is on its way is waited for; the rest of the system never is."""
    suspects: list[str] = []
    behind, seen = "", 0
    async for after, up_to, theirs in owner.digests():
        ours = await _digests(units, after, up_to)
        suspects += sorted(who for who in ours.keys() | theirs.keys() if ours.get(who) != theirs.get(who))
        behind, seen = up_to, seen + len(theirs)
        await progress(seen)
    suspects += sorted(await _digests(units, behind, None))
    found.compared = True
    await _look_closer(units, owner, found, suspects, patience)


async def _digests(units: Units, after: str, up_to: str | None) -> dict[str, int]:
    async with units.read() as session:
        return await repository.digests(session, after=after, up_to=up_to)


async def _look_closer(units: Units, owner: Owner, found: Found, suspects: list[str], patience: Patience) -> None:
    """Compare the documents of these customers until all that differs was differing for as long as patience lasts."""
    first: dict[str, dict[str, State]] = {}
    waiting, clock = suspects, asyncio.get_running_loop().time
    deadline = clock() + patience.seconds
    while waiting:
        over = clock() >= deadline
        left = []
        for customer_id in waiting:
            theirs = await owner.states(customer_id)
            ours = await _states(units, customer_id, theirs)
            wrong = {id_ for id_ in ours.keys() | theirs.keys() if stand(ours.get(id_), theirs.get(id_)) != "same"}
            if not over and any(stand(ours.get(id_), theirs.get(id_)) != "different" for id_ in wrong):
                first.setdefault(customer_id, theirs)
                left.append(customer_id)
                continue
            _judge(found, first.get(customer_id, theirs), ours, theirs, wrong)
        waiting = left
        if waiting:
            await asyncio.sleep(patience.pause_seconds)


def _judge(
    found: Found, first: dict[str, State], ours: dict[str, State], theirs: dict[str, State], wrong: set[str]
) -> None:
    for id_ in sorted(wrong):
        if not is_late(ours.get(id_), first.get(id_), theirs.get(id_)):
            found.in_flight += 1
        elif one := difference(ours.get(id_), theirs.get(id_)):
            found.add(one)


async def _states(units: Units, customer_id: str, theirs: dict[str, State]) -> dict[str, State]:
    async with units.read() as session:
        return await states_here(session, customer_id, theirs)


async def states_here(session: AsyncSession, customer_id: str, theirs: dict[str, State]) -> dict[str, State]:
    """Return a customer's documents as they are known here, with those that the owner has for it and we for another."""
    mine = await repository.states_of(session, customer_id)
    return await repository.states_by_id(session, theirs.keys() - mine.keys()) | mine


async def documents_sum(session: AsyncSession, customer_id: str) -> dict[str, Any]:
    """Return what the documents of a customer sum up to, by column of its account."""
    row = await repository.sums_of(session, customer_id)
    if row is None:
        return dict.fromkeys(repository.COLUMNS, Decimal(0)) | {"oldest_due_date": None}
    return {name: row._mapping[name] for name in (*repository.COLUMNS, "oldest_due_date")}
