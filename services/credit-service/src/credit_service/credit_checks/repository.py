"""The facts of many checks in one statement: each order as it is known, with its deliveries and invoices.

It runs after the accounts are locked, as a statement of its own: it has to see what was committed until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.fulfilment.domain import Part
from credit_service.orders.domain import Order
from credit_service.orders.repository import COLUMNS, order_of

_KNOWN = text(
    f"select k.order_id as asked, {', '.join('o.' + name for name in COLUMNS)}, t.how, t.taken_in, t.taken, t.account_taken "
    "from unnest(cast(:customers as text[]), cast(:orders as text[])) as k(customer_id, order_id) "
    "left join orders o on o.order_id = k.order_id "
    "left join lateral ("
    "select 'invoiced' as how, currency as taken_in, sum(amount) as taken, sum(account_amount) as account_taken from open_items "
    "where customer_id = k.customer_id and order_id = k.order_id and kind in ('invoice', 'debit_memo') group by currency "
    "union all select 'delivered', currency, sum(amount), sum(account_amount) from deliveries "
    "where customer_id = k.customer_id and order_id = k.order_id and status = 'delivered' group by currency"
    ") t on true "
    "where o.order_id is not null or t.how is not null"
)


@dataclass(slots=True)
class KnownOrder:
    """An order, where it was checked before, with what invoices and deliveries of it sum up to by currency."""

    order: Order | None = None
    invoiced: list[Part] = field(default_factory=list)
    delivered: list[Part] = field(default_factory=list)


async def known_orders(session: AsyncSession, orders: Sequence[tuple[str, str]]) -> dict[str, KnownOrder]:
    """Return what is known of (customer, order) pairs, by order; an order of which nothing is known is left out."""
    rows = await session.execute(
        _KNOWN,
        {"customers": [customer_id for customer_id, _ in orders], "orders": [order_id for _, order_id in orders]},
    )
    found: dict[str, KnownOrder] = {}
    for row in rows:
        known = found.setdefault(row.asked, KnownOrder())
        if row.order_id is not None:
            known.order = order_of(row)
        if row.how is not None:
            parts = known.invoiced if row.how == "invoiced" else known.delivered
            parts.append(Part(row.taken_in, row.taken, row.account_taken))
    return found
