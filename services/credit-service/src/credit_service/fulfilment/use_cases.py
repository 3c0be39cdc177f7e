"""Has deliveries and invoices take over what their orders reserve.

What an order reserves, and what of its deliveries is not invoiced, is reckoned anew from the documents each time one of them
changes, in the transaction of that change: a value is never in two categories and never in none.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts.domain import ZERO, Account
from credit_service.fulfilment import repository
from credit_service.fulfilment.domain import (
    Delivery,
    DeliveryNotFoundError,
    Taken,
    not_invoiced,
    taken,
)
from credit_service.fulfilment.repository import OrderKey
from credit_service.fulfilment.schemas import DeliveryShown
from credit_service.fulfilment.tables import DeliveryRow
from credit_service.holds import use_cases as holds
from credit_service.holds.repository import HoldEnd
from credit_service.orders import use_cases as orders
from credit_service.orders.domain import Order, settled, told
from credit_service.orders.repository import OrderChange
from credit_service.receivables import use_cases as receivables
from shared.events.credit import OrderReleased
from shared.http.pagination import Page, PageRequest, fetch_page
from shared.unit_of_work import UnitOfWork


async def taken_over(session: AsyncSession, found: Collection[Order]) -> dict[str, Taken]:
    """Return what deliveries and invoices have taken over of each order, by its number."""
    keys = [_key(order) for order in found]
    invoiced = await receivables.invoiced(session, keys)
    delivered = await repository.sums(session, keys)
    return {
        order.order_id: taken(
            invoiced.get(_key(order), []),
            delivered.get(_key(order), []),
            currency=order.currency,
            rate=order.rate,
        )
        for order in found
    }


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling changed: orders and deliveries, each as it was and as it is."""

    orders: tuple[tuple[Order, Order], ...] = ()
    deliveries: tuple[tuple[Delivery, Delivery], ...] = ()


async def settle_orders(
    uow: UnitOfWork, accounts: dict[str, Account], keys: Collection[OrderKey], *, note: str = "invoiced"
) -> Settled:
    """Reckon anew what these orders reserve and what of their deliveries is not invoiced, in `accounts` that are locked."""
    mine = {key for key in keys if key[0] in accounts}
    if not mine:
        return Settled()
    deliveries = await _settle_deliveries(uow, accounts, mine)
    changed: list[tuple[Order, Order]] = []
    found = await orders.orders_by_number(uow.session, sorted({order_id for _, order_id in mine}))
    known = [order for order in found.values() if _key(order) in mine]
    taken_of = await taken_over(uow.session, known) if known else {}
    for order in known:
        account = accounts[order.customer_id]
        after = settled(order, taken_of[order.order_id], account_currency=account.currency)
        if after != order:
            accounts[order.customer_id] = await _change_order(uow, account, order, after, note)
            changed.append((order, after))
    return Settled(tuple(changed), tuple(deliveries))


async def _settle_deliveries(
    uow: UnitOfWork, accounts: dict[str, Account], keys: Collection[OrderKey]
) -> list[tuple[Delivery, Delivery]]:
    live = await repository.live(uow.session, keys)
    invoiced = await receivables.invoiced(uow.session, live) if live else {}
    changed: list[tuple[Delivery, Delivery]] = []
    for key, deliveries in live.items():
        account = accounts[key[0]]
        before = {one.delivery_id: one for one in deliveries}
        after = not_invoiced(deliveries, invoiced.get(key, []), account.currency)
        moved = sum((one.account_open - before[one.delivery_id].account_open for one in after), ZERO)
        accounts[key[0]] = _with_delivered(account, moved)
        changed += [(before[one.delivery_id], one) for one in after if one != before[one.delivery_id]]
    if changed:
        await repository.save_open(uow.session, [after for _, after in changed])
    return changed


def _with_delivered(account: Account, moved: Decimal) -> Account:
    return replace(account, exposure=replace(account.exposure, delivered=account.exposure.delivered + moved))


async def _change_order(uow: UnitOfWork, account: Account, order: Order, after: Order, note: str) -> Account:
    reserved = account.exposure.open_orders - order.reserved + after.reserved
    account = replace(account, exposure=replace(account.exposure, open_orders=reserved))
    if order.hold_id is not None and after.status == "invoiced":
        # What is invoiced is not held any more, and those who count holds are told so.
        after = replace(after, hold_id=None, version=order.version + 1)
        await holds.end(uow, [HoldEnd(order.hold_id, "closed", "system", "the order is invoiced")])
        state = told(after, reasons=[], exposure_after=account.exposure.total, account_currency=account.currency)
        uow.publish(OrderReleased(version=after.version, order=state))
    await orders.save(uow, [OrderChange(after, "system", note)])
    return account


def _key(order: Order) -> OrderKey:
    return (order.customer_id, order.order_id)


async def find_delivery(session: AsyncSession, order_id: str, delivery_id: str) -> Delivery | None:
    """Return a delivery, None where there is none of this number."""
    return await repository.find(session, order_id, delivery_id)


async def delivery_shown(session: AsyncSession, order_id: str, delivery_id: str) -> DeliveryShown:
    """Return a delivery for an answer; raise `DeliveryNotFoundError`."""
    row = await repository.find_row(session, order_id, delivery_id)
    if row is None:
        raise DeliveryNotFoundError(order_id, delivery_id)
    return DeliveryShown.of(row)


async def deliveries_of(session: AsyncSession, order_id: str, page: PageRequest) -> Page[DeliveryShown]:
    """Return a page of an order's deliveries, by number."""
    rows, cursor = await fetch_page(session, repository.of_order(order_id), by=(DeliveryRow.delivery_id,), page=page)
    return Page(data=[DeliveryShown.of(row) for row in rows], next_cursor=cursor)


async def add_delivery(uow: UnitOfWork, account: Account, delivery: Delivery, *, by: str) -> Account | None:
    """Count a new delivery against its locked account and settle its order; None where its number is taken."""
    if not await repository.add(uow.session, delivery, by=by, at=uow.clock.now()):
        return None
    accounts = {account.customer_id: _with_delivered(account, delivery.account_open)}
    note = f"delivered: {delivery.delivery_id}"
    await settle_orders(uow, accounts, [(delivery.customer_id, delivery.order_id)], note=note)
    return accounts[account.customer_id]


async def cancel_delivery(uow: UnitOfWork, account: Account, delivery: Delivery, *, by: str, note: str) -> Account:
    """Have the goods of a delivery back, with its account locked, and settle its order."""
    await repository.cancel(uow.session, delivery, by=by, note=note, at=uow.clock.now())
    accounts = {account.customer_id: _with_delivered(account, -delivery.account_open)}
    key = (delivery.customer_id, delivery.order_id)
    await settle_orders(uow, accounts, [key], note=f"delivery cancelled: {delivery.delivery_id}")
    return accounts[account.customer_id]


async def numbers_delivered(session: AsyncSession, customer_id: str) -> set[str]:
    """Return the numbers of the orders of which something was delivered to a customer."""
    return await repository.numbers_delivered(session, customer_id)


async def has_deliveries(session: AsyncSession, customer_id: str) -> bool:
    """Tell whether any delivery to the customer is known."""
    return await repository.has_deliveries(session, customer_id)
