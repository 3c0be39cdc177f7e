"""Queries of deliveries. Who writes one holds the lock of its customer's account."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, any_, func, literal, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from credit_service.credit_accounts.domain import ZERO
from credit_service.fulfilment.domain import Delivery, Part
from credit_service.fulfilment.tables import DeliveryRow

OrderKey = tuple[str, str]
"""(customer, order): documents belong to an order of the same customer."""

_NAMES = tuple(Delivery.__dataclass_fields__)
_SAVE_OPEN = text(
    "update deliveries d set open_amount = n.open_amount, account_open = n.account_open "
    "from unnest(cast(:orders as text[]), cast(:deliveries as text[]), cast(:open as numeric[]), "
    "cast(:account_open as numeric[])) as n(order_id, delivery_id, open_amount, account_open) "
    "where d.order_id = n.order_id and d.delivery_id = n.delivery_id"
)
_PAIRS = "unnest(cast(:customers as text[]), cast(:orders as text[])) as k(customer_id, order_id)"
_SUMS = text(
    "select d.customer_id, d.order_id, d.currency, sum(d.amount), sum(d.account_amount) "
    f"from {_PAIRS} join deliveries d on d.order_id = k.order_id and d.customer_id = k.customer_id "
    "where d.status = 'delivered' group by 1, 2, 3"
)


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in _NAMES})


def of_order(order_id: str) -> Select[Any]:
    """Return the statement that lists the deliveries of an order."""
    return select(DeliveryRow).where(col(DeliveryRow.order_id) == order_id)


async def find(session: AsyncSession, order_id: str, delivery_id: str) -> Delivery | None:
    """Return a delivery as it is now."""
    row = await session.get(DeliveryRow, (order_id, delivery_id), populate_existing=True)
    return None if row is None else _delivery(row)


async def find_row(session: AsyncSession, order_id: str, delivery_id: str) -> DeliveryRow | None:
    """Return a delivery's row as it is now."""
    return await session.get(DeliveryRow, (order_id, delivery_id), populate_existing=True)


async def live(session: AsyncSession, keys: Collection[OrderKey]) -> dict[OrderKey, list[Delivery]]:
    """Return the deliveries of orders that are not cancelled."""
    numbers = col(DeliveryRow.order_id) == any_(literal([order_id for _, order_id in keys], ARRAY(Text)))
    statement = select(DeliveryRow).where(numbers, col(DeliveryRow.status) == "delivered")
    found: dict[OrderKey, list[Delivery]] = {}
    for row in await session.scalars(statement.execution_options(populate_existing=True)):
        key = (row.customer_id, row.order_id)
        if key in keys:
            found.setdefault(key, []).append(_delivery(row))
    return found


async def add(session: AsyncSession, delivery: Delivery, *, by: str, at: datetime) -> bool:
    """Write a new delivery, and tell whether its number was free."""
    values = {name: getattr(delivery, name) for name in _NAMES}
    values |= {"recorded_by": by, "recorded_at": at, "note": ""}
    statement = insert(DeliveryRow).values(**values).on_conflict_do_nothing().returning(col(DeliveryRow.delivery_id))
    return (await session.execute(statement)).one_or_none() is not None


async def cancel(session: AsyncSession, delivery: Delivery, *, by: str, note: str, at: datetime) -> None:
    """Write that the goods came back."""
    same = tuple_(col(DeliveryRow.order_id), col(DeliveryRow.delivery_id)) == (delivery.order_id, delivery.delivery_id)
    await session.execute(
        update(DeliveryRow)
        .where(same)
        .values(status="cancelled", open_amount=ZERO, account_open=ZERO, cancelled_by=by, cancelled_at=at, note=note)
    )


async def save_open(session: AsyncSession, deliveries: Sequence[Delivery]) -> None:
    """Write what is not invoiced of deliveries."""
    await session.execute(
        _SAVE_OPEN,
        {
            "orders": [one.order_id for one in deliveries],
            "deliveries": [one.delivery_id for one in deliveries],
            "open": [one.open_amount for one in deliveries],
            "account_open": [one.account_open for one in deliveries],
        },
    )


async def sums(session: AsyncSession, keys: Iterable[OrderKey]) -> dict[OrderKey, list[Part]]:
    """Return what was delivered of orders, by currency."""
    pairs = list(keys)
    rows = await session.execute(_SUMS, {"customers": [one[0] for one in pairs], "orders": [one[1] for one in pairs]})
    found: dict[OrderKey, list[Part]] = {}
    for customer_id, order_id, currency, amount, account_amount in rows:
        found.setdefault((customer_id, order_id), []).append(Part(currency, amount, account_amount))
    return found


async def numbers_delivered(session: AsyncSession, customer_id: str) -> set[str]:
    """Return the numbers of the orders of which something was delivered to a customer."""
    statement = select(col(DeliveryRow.order_id)).where(col(DeliveryRow.customer_id) == customer_id).distinct()
    return set((await session.execute(statement)).scalars())


async def has_deliveries(session: AsyncSession, customer_id: str) -> bool:
    """Tell whether any delivery to the customer is known."""
    mine = select(func.count()).select_from(
        select(DeliveryRow).where(col(DeliveryRow.customer_id) == customer_id).limit(1).subquery()
    )
    return bool(await session.scalar(mine))
