"""What the other capabilities do with orders."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.orders import repository
from credit_service.orders.domain import Order, OrderNotFoundError
from credit_service.orders.repository import OrderChange
from credit_service.orders.schemas import OrderShown
from shared.unit_of_work import UnitOfWork


async def orders_by_number(session: AsyncSession, order_ids: Iterable[str]) -> dict[str, Order]:
    """Return orders that are known."""
    return await repository.find(session, order_ids)


async def order(session: AsyncSession, order_id: str) -> Order:
    """Return one order; raise `OrderNotFoundError`."""
    found = await repository.find(session, [order_id])
    if order_id not in found:
        raise OrderNotFoundError(order_id)
    return found[order_id]


async def orders_with_release_ended(session: AsyncSession, as_of: date) -> list[Order]:
    """Return released orders whose release ended before `as_of`."""
    return await repository.with_release_ended(session, as_of)


async def save(uow: UnitOfWork, changes: Sequence[OrderChange]) -> None:
    """Write orders and their history; the caller holds the locks of their accounts."""
    if changes:
        await repository.save(uow.session, changes, at=uow.clock.now())


async def reserved_by_delivery(session: AsyncSession, customer_ids: Iterable[str]) -> dict[str, dict[date, Decimal]]:
    """Return what is reserved by requested delivery date, for each customer."""
    return await repository.reserved_by_delivery(session, customer_ids)


async def reserving(session: AsyncSession, customer_id: str) -> list[str]:
    """Return the numbers of the customer's orders that reserve something."""
    return await repository.reserving(session, customer_id)


async def numbers_of(session: AsyncSession, customer_id: str) -> set[str]:
    """Return the numbers of all orders of a customer."""
    return await repository.numbers_of(session, customer_id)


async def forget_empty_days(uow: UnitOfWork) -> None:
    """Delete days for which nothing is reserved any more."""
    await repository.forget_empty_days(uow.session)


async def has_orders(session: AsyncSession, customer_id: str) -> bool:
    """Tell whether any order of the customer is known."""
    return await repository.has_orders(session, customer_id)


async def shown(session: AsyncSession, order_id: str) -> OrderShown:
    """Return an order with its history, for an answer; raise `OrderNotFoundError`."""
    return OrderShown.of(await order(session, order_id), await repository.history(session, order_id))


async def decisions_of(session: AsyncSession, order_id: str) -> list[str]:
    """Return the decisions that were made on an order."""
    return await repository.decisions_of(session, order_id)
