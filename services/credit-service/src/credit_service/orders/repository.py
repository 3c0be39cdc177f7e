"""Queries of orders. Who writes one holds the lock of its customer's account; writes are set-based, for one as for many."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.orders.domain import Order, Release
from credit_service.orders.tables import OrderChangeRow
from shared.values import value

COLUMNS = {
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
    "order_type": "text",
    "payment_terms": "text",
    "prepaid": "boolean",
    "delivered_amount": "numeric",
    "held_at": "jsonb",
    "manual_hold": "text",
}


_RELEASE = ("release_rules", "release_up_to", "release_until")
_DOCUMENT = {name: kind for name, kind in COLUMNS.items() if name not in _RELEASE} | {"release": "jsonb"}
_LINE = {"actor": "text", "note": "text"}
_SELECT = f"select {', '.join(COLUMNS)} from orders"
_FIND = text(f"{_SELECT} where order_id = any(:ids)")
_RELEASE_ENDED = text(
    f"{_SELECT} where status in ('approved', 'released') and release_until < :as_of order by customer_id, order_id"
)


def save_steps(beside: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return common table expressions that write orders, their history and what is reserved by delivery date.

    They are for a statement that ends by counting `saved`. Further steps of it select from `changed`, which holds each order
    with what is sent `beside` it: the name and type of one array each.
    """
    arrays = {**_LINE, **beside}
    return (
        # One document costs the driver a quarter of what a column for each field does.
        "changed as (select *, release -> 'rules' as release_rules, cast(release ->> 'up_to' as numeric) as release_up_to, "
        "cast(release ->> 'valid_until' as date) as release_until from rows from ("
        "json_to_recordset(cast(cast(:changed_orders as text) as json)) as ("
        + ", ".join(f"{name} {kind}" for name, kind in _DOCUMENT.items())
        + "), "
        + ", ".join(f"unnest({_array(name, kind)})" for name, kind in arrays.items())
        + f") as c({', '.join(_DOCUMENT | arrays)})), "
        + _SAVE_STEPS
    )


def _array(name: str, kind: str) -> str:
    return f"cast(cast(:{name} as text[]) as jsonb[])" if kind == "jsonb" else f"cast(:{name} as {kind}[])"


_SAVE_STEPS = (
    f"saved as (insert into orders ({', '.join(COLUMNS)}) select {', '.join(COLUMNS)} from changed order by order_id "
    "on conflict (order_id) do update set "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in ("order_id", "customer_id"))
    + " where orders.customer_id = excluded.customer_id returning order_id), "
    "logged as (insert into order_changes "
    "(order_id, status, amount, open_amount, decision_id, actor, note, changed_at) "
    "select order_id, status, amount, open_amount, decision_id, actor, note, cast(:at as timestamptz) from changed), "
    # The orders as they were: a statement does not see what it writes itself.
    "moved_days as (insert into reserved_days as d (customer_id, delivery_date, reserved) "
    "select customer_id, delivery_date, sum(reserved) from ("
    "select customer_id, requested_delivery_date, reserved from changed union all "
    "select o.customer_id, o.requested_delivery_date, -o.reserved from changed c join lateral ("
    "select * from orders where order_id = c.order_id limit 1) o on true"
    ") as m(customer_id, delivery_date, reserved) where delivery_date is not null "
    "group by customer_id, delivery_date having sum(reserved) <> 0 order by customer_id, delivery_date "
    "on conflict (customer_id, delivery_date) do update set reserved = d.reserved + excluded.reserved)"
)
_SAVE = text(f"with {save_steps()} select count(*) from saved")
_RESERVING = text("select order_id from orders where customer_id = :customer_id and reserved > 0 order by order_id")
_DECISIONS_OF = text("select distinct decision_id from order_changes where order_id = :order_id")
_NUMBERS_OF = text("select order_id from orders where customer_id = :customer_id")
_ANY = text("select exists (select from orders where customer_id = :customer_id)")
BY_DELIVERY = (
    "select customer_id, delivery_date, reserved from reserved_days where customer_id = {whose} and reserved <> 0"
)
"""What is reserved by delivery date; also a part of a larger statement."""
_BY_DELIVERY = text(BY_DELIVERY.format(whose="any(:ids)"))
_FORGET_DAYS = text(
    "delete from reserved_days where (customer_id, delivery_date) in ("
    "select customer_id, delivery_date from reserved_days where reserved = 0 for update skip locked)"
)


@value(frozen=True, slots=True)
class OrderChange:
    """A line for the history: who did what to an order, now in this state."""

    order: Order
    actor: str
    note: str


class OrderTakenError(Exception):
    """Another transaction created the same order for another customer: begin again and see it."""

    sqlstate = "40001"


def order_of(row: Row[*tuple[Any, ...]]) -> Order:
    """Return the order in a row that has every column of `COLUMNS`."""
    return order_of_values([getattr(row, name) for name in COLUMNS])


def order_of_values(row: Sequence[Any]) -> Order:
    """Return the order in a row that has the columns of `COLUMNS`, in their order."""
    values = dict(zip(COLUMNS, row, strict=True))
    rules, up_to, until = (values.pop(name) for name in _RELEASE)
    release = None if rules is None else Release(tuple(rules), up_to, until)
    return Order(**values | {"held_at": tuple(values["held_at"]), "release": release})


async def find(session: AsyncSession, order_ids: Iterable[str]) -> dict[str, Order]:
    """Return orders by their number."""
    return {row.order_id: order_of(row) for row in await session.execute(_FIND, {"ids": list(order_ids)})}


async def with_release_ended(session: AsyncSession, as_of: date) -> list[Order]:
    """Return released orders whose release ended before `as_of`."""
    return [order_of(row) for row in await session.execute(_RELEASE_ENDED, {"as_of": as_of})]


def saved_columns(changes: Sequence[OrderChange], *, at: datetime) -> dict[str, Any]:
    """Return the parameters of `save_steps`."""
    return {
        "changed_orders": msgspec.json.encode([change.order for change in changes]).decode(),
        "actor": [change.actor for change in changes],
        "note": [change.note for change in changes],
        "at": at,
    }


async def save(session: AsyncSession, changes: Sequence[OrderChange], *, at: datetime) -> None:
    """Write orders and a line of history for each; every order at most once."""
    if await session.scalar(_SAVE, saved_columns(changes, at=at)) != len(changes):
        raise OrderTakenError


async def reserving(session: AsyncSession, customer_id: str) -> list[str]:
    """Return the numbers of the customer's orders that reserve something."""
    return list((await session.execute(_RESERVING, {"customer_id": customer_id})).scalars())


async def numbers_of(session: AsyncSession, customer_id: str) -> set[str]:
    """Return the numbers of all orders of a customer."""
    return set((await session.execute(_NUMBERS_OF, {"customer_id": customer_id})).scalars())


async def has_orders(session: AsyncSession, customer_id: str) -> bool:
    """Tell whether any order of the customer is known."""
    return bool(await session.scalar(_ANY, {"customer_id": customer_id}))


async def history(session: AsyncSession, order_id: str) -> list[OrderChangeRow]:
    """Return what happened to an order, oldest first."""
    statement = (
        select(OrderChangeRow).where(OrderChangeRow.order_id == order_id).order_by(OrderChangeRow.position)  # type: ignore[arg-type]
    )
    return list((await session.execute(statement)).scalars())


async def forget_empty_days(session: AsyncSession) -> None:
    """Delete days for which nothing is reserved any more; it waits for nobody, so it needs no account's lock."""
    await session.execute(_FORGET_DAYS)


async def reserved_by_delivery(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, dict[date, Any]]:
    """Return what is reserved by requested delivery date, for each customer; orders without a date are left out."""
    found: dict[str, dict[date, Any]] = {}
    for customer_id, delivery, reserved in await session.execute(_BY_DELIVERY, {"ids": list(customer_ids)}):
        found.setdefault(customer_id, {})[delivery] = reserved
    return found


async def decisions_of(session: AsyncSession, order_id: str) -> list[str]:
    """Return the decisions that were made on an order, once each."""
    return list((await session.execute(_DECISIONS_OF, {"order_id": order_id})).scalars())
