"""What is reserved by delivery date is kept beside the orders, and is what they reserve."""

import asyncio
import random
from datetime import date
from decimal import Decimal

import httpx
from sqlalchemy import text

from credit_service.orders.use_cases import forget_empty_days
from shared.unit_of_work import Units
from tests.credit.desk import CreditDesk

_TRUE = text(
    "select requested_delivery_date, sum(reserved), customer_id from orders "
    "where requested_delivery_date is not null and reserved > 0 group by requested_delivery_date, customer_id order by 1, 3"
)
_KEPT = text("select delivery_date, reserved, customer_id from reserved_days where reserved <> 0 order by 1, 3")
DAYS = [None, "2026-04-01", "2026-04-02"]


async def days(units: Units) -> list[tuple[date, Decimal, str]]:
    """Return what is kept; it is what the orders say."""
    async with units.read() as session:
        kept = [(row[0], row[1], row[2]) for row in await session.execute(_KEPT)]
        assert kept == [(row[0], row[1], row[2]) for row in await session.execute(_TRUE)]
    return kept


async def test_an_order_moved_to_another_day_reserves_there(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "100.00", requested_delivery_date="2026-04-01")

    await desk.check("C-1", "SO-1", "120.00", requested_delivery_date="2026-04-02")

    assert await days(units) == [(date(2026, 4, 2), Decimal("120.0000"), "C-1")]


async def test_what_is_held_cancelled_or_without_a_date_reserves_on_no_day(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1", limit="150.00")
    await desk.check("C-1", "SO-1", "100.00", requested_delivery_date="2026-04-01")
    await desk.check("C-1", "SO-2", "100.00", requested_delivery_date="2026-04-01")
    await desk.check("C-1", "SO-3", "10.00")

    await desk.ask("erp", "POST", "/v1/orders/SO-1/cancel", json={})

    # The cancelled order made room for the held one.
    assert await days(units) == [(date(2026, 4, 1), Decimal("100.0000"), "C-1")]


async def test_days_are_true_whatever_happens_at_once(
    desk: CreditDesk, another_process: httpx.AsyncClient, units: Units
) -> None:
    chance = random.Random(11)
    for customer in ("C-1", "C-2"):
        await desk.customer(customer, limit="600.00")
    desks = (desk, CreditDesk(another_process))

    async def one(number: int) -> None:
        order, at = f"SO-{chance.randrange(12)}", desks[number % 2]
        if chance.random() < 0.2:
            await at.send("erp", "POST", f"/v1/orders/{order}/cancel", json={})
        else:
            customer = f"C-{1 + int(order[3:]) % 2}"
            amount = f"{chance.randrange(10, 200)}.00"
            await at.check(customer, order, amount, requested_delivery_date=chance.choice(DAYS))

    for _ in range(4):
        await asyncio.gather(*(one(number) for number in range(20)))
        assert await days(units)


async def test_days_on_which_nothing_is_reserved_any_more_are_forgotten(desk: CreditDesk, units: Units) -> None:
    await desk.customer("C-1")
    await desk.check("C-1", "SO-1", "100.00", requested_delivery_date="2026-04-01")
    await desk.check("C-1", "SO-1", "100.00", requested_delivery_date="2026-04-02")

    async with units.begin() as uow:
        await forget_empty_days(uow)

    async with units.read() as session:
        assert await session.scalar(text("select count(*) from reserved_days")) == 1
    await days(units)
