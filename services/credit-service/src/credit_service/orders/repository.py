"""Queries of orders. Who writes one holds the lock of its customer's account; writes are set-based, for one as for many."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.orders.domain import Order, Release
from credit_service.orders.tables import OrderChangeRow

_COLUMNS = {
    "order_id": "text",
    "customer_id": "text",
    "version": "int",
    "status": "text",
    "amount": "numeric",
    "currency": "text",
    "rate": "numeric",
    "open_amount": "numeric",
    "reserved": "numeric",
    "requested_delivery_date": "date",
    "checkpoint": "text",
    "held_reserves": "boolean",
    "decision_id": "text",
    "hold_id": "text",
    "release_rules": "jsonb",
    "release_up_to": "numeric",
    "release_until": "date",
}
_SELECT = f"select {', '.join(_COLUMNS)} from orders"
_FIND = text(f"{_SELECT} where order_id = any(:ids)")
_RELEASE_ENDED = text(
    f"{_SELECT} where status in ('approved', 'released') and release_until < :as_of order by customer_id, order_id"
)
_SAVE = text(
    f"with saved as (insert into orders ({', '.join(_COLUMNS)}) select * from unnest("
    + ", ".join(f"cast(:{name} as {kind}[])" for name, kind in _COLUMNS.items())
    + ") on conflict (order_id) do update set "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("order_id", "customer_id"))
    + " where orders.customer_id = excluded.customer_id returning order_id), "
    "logged as (insert into order_changes "
    "(order_id, status, amount, open_amount, decision_id, actor, note, changed_at) "
    "select x.*, :at from unnest(cast(:log_orders as text[]), cast(:log_statuses as text[]), "
    "cast(:log_amounts as numeric[]), cast(:log_opens as numeric[]), cast(:log_decisions as text[]), "
    "cast(:log_actors as text[]), cast(:log_notes as text[])) as x) "
    "select count(*) from saved"
)
_BY_DELIVERY = text(
    "select customer_id, requested_delivery_date, sum(reserved) from orders "
    "where customer_id = any(:ids) and reserved > 0 and requested_delivery_date is not null "
    "group by customer_id, requested_delivery_date"
)


@dataclass(frozen=True, slots=True)
class OrderChange:
    """A line for the history: who did what to an order, now in this state."""

    order: Order
    actor: str
    note: str


class OrderTakenError(Exception):
    """Another transaction created the same order for another customer: begin again and see it."""

    sqlstate = "40001"


def _order(row: Row[*tuple[Any, ...]]) -> Order:
    values = row._asdict()
    rules, up_to, until = values.pop("release_rules"), values.pop("release_up_to"), values.pop("release_until")
    return Order(**values, release=None if rules is None else Release(tuple(rules), up_to, until))


async def find(session: AsyncSession, order_ids: Iterable[str]) -> dict[str, Order]:
    """Return orders by their number."""
    return {row.order_id: _order(row) for row in await session.execute(_FIND, {"ids": list(order_ids)})}


async def with_release_ended(session: AsyncSession, as_of: date) -> list[Order]:
    """Return released orders whose release ended before `as_of`."""
    return [_order(row) for row in await session.execute(_RELEASE_ENDED, {"as_of": as_of})]


async def save(session: AsyncSession, changes: Sequence[OrderChange], *, at: datetime) -> None:
    """Write orders and their history. Of several changes of one order the last is its state."""
    orders = {change.order.order_id: change.order for change in changes}
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for _, order in sorted(orders.items()):
        for name in list(_COLUMNS)[:14]:
            columns[name].append(getattr(order, name))
        release = order.release
        columns["release_rules"].append(json.dumps(release.rules) if release else None)
        columns["release_up_to"].append(release.up_to if release else None)
        columns["release_until"].append(release.valid_until if release else None)
    log = {
        "log_orders": [change.order.order_id for change in changes],
        "log_statuses": [change.order.status for change in changes],
        "log_amounts": [change.order.amount for change in changes],
        "log_opens": [change.order.open_amount for change in changes],
        "log_decisions": [change.order.decision_id for change in changes],
        "log_actors": [change.actor for change in changes],
        "log_notes": [change.note for change in changes],
        "at": at,
    }
    if await session.scalar(_SAVE, columns | log) != len(orders):
        raise OrderTakenError


async def history(session: AsyncSession, order_id: str) -> list[OrderChangeRow]:
    """Return what happened to an order, oldest first."""
    statement = (
        select(OrderChangeRow).where(OrderChangeRow.order_id == order_id).order_by(OrderChangeRow.position)  # type: ignore[arg-type]
    )
    return list((await session.execute(statement)).scalars())


async def reserved_by_delivery(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, dict[date, Any]]:
    """Return what is reserved by requested delivery date, for each customer; orders without a date are left out."""
    found: dict[str, dict[date, Any]] = {}
    for customer_id, delivery, reserved in await session.execute(_BY_DELIVERY, {"ids": list(customer_ids)}):
        found.setdefault(customer_id, {})[delivery] = reserved
    return found
