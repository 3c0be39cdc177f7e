"""Sends a ledger through the public API: customers, limits, invoices, disputes, bank files, contacts, orders.

Everything is keyed by the ERP's numbers or by its content, so that a load which was broken off can be started again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from openitem.ledgers.api import Api, LoadRefusedError
from openitem.ledgers.camt import write_statements
from openitem.ledgers.ledger import Dispute, Invoice, Ledger

T = TypeVar("T")

Narrate = Callable[[str, int, int], None]
"""Told of each step: what is being loaded, how many are done, how many there are."""

AT_ONCE = 8
BATCH = 500


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did. `unmatched` counts the receipts that did not find their invoices by themselves."""

    customers: int
    invoices: int
    receipts: int
    unmatched: int
    disputes: int


@dataclass(frozen=True, slots=True)
class Scenes:
    """What happens beside a ledger: something while its bank files are imported, and something once they are."""

    beside: Callable[[Api], Coroutine[Any, Any, None]]
    after: Callable[[Api], Coroutine[Any, Any, None]]


async def load(api: Api, ledger: Ledger, narrate: Narrate, scenes: Scenes | None = None) -> Loaded:
    """Load `ledger`; raise `LoadRefusedError` at the first thing that is refused.

    What leans on no payment is sent while the bank files are imported.
    """
    await _put_customers(api, ledger.customers, narrate)
    await _each(ledger.limits, lambda limit: _grant_limit(api, limit), "credit limits", narrate)
    item_ids = await _post_invoices(api, ledger.invoices, narrate)
    (receipts, unmatched), *_ = await together(
        _dispute_and_pay(api, ledger, item_ids, narrate),
        _fill_credit_files(api, ledger, narrate),
        *([scenes.beside(api)] if scenes else []),
    )
    await together(_log_calls(api, ledger, narrate), _assess(api, ledger), *([scenes.after(api)] if scenes else []))
    for orders in _batches(ledger.orders, BATCH):
        await api.call("erp", "POST", "/v1/credit-checks/batch", json={"checks": orders})
    return Loaded(len(ledger.customers), len(ledger.invoices), receipts, unmatched, len(ledger.disputes))


async def together(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    """Do these at once and return what each returns; the first refusal ends them all."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except ExceptionGroup as refused:
        raise refused.exceptions[0] from None
    return [task.result() for task in tasks]


def _batches(things: Sequence[T], size: int) -> Iterable[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch


async def _each(
    things: Iterable[T],
    send: Callable[[T], Awaitable[Any]],
    what: str,
    narrate: Narrate,
    *,
    done: int = 0,
    total: int | None = None,
) -> None:
    """Send each of `things`, a few at a time; they may be a part of `total`, of which some are `done`."""
    waiting = list(things)
    total = total or len(waiting)
    gate = asyncio.Semaphore(AT_ONCE)

    async def send_one(thing: T) -> None:
        nonlocal done
        async with gate:
            await send(thing)
        done += 1
        narrate(what, done, total)

    await together(*(send_one(thing) for thing in waiting))


async def _put_customers(api: Api, customers: Mapping[str, dict[str, Any]], narrate: Narrate) -> None:
    """Put parents before those who name them."""

    async def put(pair: tuple[str, dict[str, Any]]) -> None:
        await api.call("erp", "PUT", f"/v1/customers/{pair[0]}", json=pair[1])

    done: set[str] = set()
    while len(done) < len(customers):
        ready = [
            pair for pair in customers.items() if pair[0] not in done and pair[1].get("parent_id") in (None, *done)
        ]
        if not ready:
            raise LoadRefusedError(f"customers name parents that are not there: {sorted(customers.keys() - done)[:5]}")
        await _each(ready, put, "customers", narrate, done=len(done), total=len(customers))
        done |= {customer_id for customer_id, _ in ready}


async def _log_calls(api: Api, ledger: Ledger, narrate: Narrate) -> None:
    """Log the calls, and the promises that came of them: after all money, which else would keep them."""

    def send(path: str) -> Callable[[dict[str, Any]], Awaitable[Any]]:
        return lambda one: api.call("collector", "POST", path, json=one)

    await _each(ledger.activities, send("/v1/activities"), "calls", narrate)
    await _each(ledger.promises, send("/v1/promises"), "promises", narrate)


async def _assess(api: Api, ledger: Ledger) -> None:
    """Have everyone assessed where there is something to go by."""
    if ledger.financial_statements:
        job = await api.call("credit_analyst", "POST", "/v1/credit-assessments/batch", json={"all": True})
        await api.finished_job("credit_analyst", job)


async def _fill_credit_files(api: Api, ledger: Ledger, narrate: Narrate) -> None:
    """Share limits, and file statements and insurances."""

    def send(method: str, role: str, what: str) -> Callable[[tuple[str, Any]], Awaitable[Any]]:
        return lambda pair: api.call(role, method, f"/v1/customers/{pair[0]}/{what}", json=pair[1])

    shared = [(head, {"managed_together": True}) for head in ledger.shared_limits]
    await _each(shared, send("PUT", "credit_manager", "limit-pool"), "shared limits", narrate)
    filed = send("POST", "credit_analyst", "financial-statements")
    await _each(ledger.financial_statements.items(), filed, "financial statements", narrate)
    insured = send("PUT", "credit_analyst", "credit-insurance")
    await _each(ledger.insurances.items(), insured, "credit insurances", narrate)


async def _grant_limit(api: Api, limit: Any) -> None:
    body = {
        "customer_id": limit.customer_id,
        "requested_limit": str(limit.amount),
        "currency": limit.currency,
        "reason": "taken over with the ledger",
    }
    await api.call("credit_manager", "POST", "/v1/limit-requests", json=body)


def _item(invoice: Invoice) -> dict[str, Any]:
    body = {
        "number": invoice.number,
        "kind": "invoice",
        "customer_id": invoice.customer_id,
        "issue_date": invoice.issue_date.isoformat(),
        "due_date": invoice.due_date.isoformat(),
        "amount": str(invoice.amount),
        "currency": invoice.currency,
    }
    return body | ({"order_id": invoice.order_id} if invoice.order_id else {})


async def _post_invoices(api: Api, invoices: Sequence[Invoice], narrate: Narrate) -> dict[str, str]:
    """Post invoices in batches and return their item ids by number."""
    ids: dict[str, str] = {}
    for batch in _batches(invoices, BATCH):
        answer = await api.call("erp", "POST", "/v1/items/batch", json={"items": [_item(one) for one in batch]})
        for invoice, result in zip(batch, answer["results"], strict=True):
            if "id" not in result:
                raise LoadRefusedError(f"invoice {invoice.number}: {result}")
            ids[invoice.number] = result["id"]
        narrate("invoices", len(ids), len(invoices))
    return ids


def _dispute(item_ids: dict[str, str], dispute: Dispute) -> dict[str, Any]:
    item = {"item_id": item_ids[dispute.invoice_number]} | (
        {"disputed_amount": str(dispute.amount)} if dispute.amount is not None else {}
    )
    return {
        "customer_id": dispute.customer_id,
        "items": [item],
        "reason_code": dispute.reason_code,
        "description": dispute.description,
        "source": "call",
        "opened_on": dispute.opened_on.isoformat(),
    }


async def _open_disputes(api: Api, item_ids: dict[str, str], disputes: Sequence[Dispute]) -> None:
    body = {"disputes": [_dispute(item_ids, one) for one in disputes]}
    answer = await api.call("dispute_coordinator", "POST", "/v1/disputes/batch", json=body)
    for dispute, result in zip(disputes, answer["results"], strict=True):
        if "id" not in result:
            raise LoadRefusedError(f"dispute of {dispute.invoice_number}: {result}")


async def _dispute_and_pay(api: Api, ledger: Ledger, item_ids: dict[str, str], narrate: Narrate) -> tuple[int, int]:
    """Open disputes and import the money as bank files, in order of time: what was disputed before it was paid still is.

    While one file of an account is imported, the disputes before the next one are opened, and other accounts' files sent.
    Return how many receipts came in and how many were not applied.
    """
    left = sorted(ledger.disputes, key=lambda dispute: dispute.opened_on)
    total, receipts, unmatched = len(left), 0, 0
    importing: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def open_until(last_day: date) -> None:
        due = [dispute for dispute in left if dispute.opened_on <= last_day]
        for batch in _batches(due, BATCH):
            await _open_disputes(api, item_ids, batch)
            del left[: len(batch)]
            narrate("disputes", total - len(left), total)

    async def imported(account: str) -> None:
        nonlocal receipts, unmatched
        if account in importing:
            result = (await importing.pop(account))["result"]
            receipts += result["lines"]
            unmatched += result["unapplied"] + result["unidentified"]
            narrate("receipts", receipts, len(ledger.credits))

    for position, statement in enumerate(write_statements(ledger.credits), start=1):
        await open_until(statement.last_day)
        await imported(statement.account)
        name, fields = f"statement-{position}.xml", {"kind": "bank_statement", "create_accounts": "true"}
        importing[statement.account] = asyncio.create_task(api.import_file("erp", name, statement.content, **fields))
    await open_until(date.max)
    for account in list(importing):
        await imported(account)
    return receipts, unmatched
