"""The facts of many checks in one statement: each order as it is known, and what is invoiced of it.

It runs after the accounts are locked, as a statement of its own: it has to see what was committed until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.orders.domain import Order
from credit_service.orders.repository import COLUMNS, order_of

_KNOWN = text(
    f"select k.order_id as asked, {', '.join('o.' + name for name in COLUMNS)}, i.invoiced_in, i.invoiced, i.invoiced_account "
    "from unnest(cast(:customers as text[]), cast(:orders as text[])) as k(customer_id, order_id) "
    "left join orders o on o.order_id = k.order_id "
    "left join lateral ("
    "select currency as invoiced_in, sum(amount) as invoiced, sum(account_amount) as invoiced_account from open_items "
    "where customer_id = k.customer_id and order_id = k.order_id and kind in ('invoice', 'debit_memo') group by currency"
    ") i on true "
    "where o.order_id is not null or i.invoiced_in is not null"
)


@dataclass(slots=True)
class KnownOrder:
    """An order, where it was checked before, and its invoices: currency, sum in it, sum in the account's currency."""

    order: Order | None = None
    invoiced: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)


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
        if row.invoiced_in is not None:
            known.invoiced.append((row.invoiced_in, row.invoiced, row.invoiced_account))
    return found
