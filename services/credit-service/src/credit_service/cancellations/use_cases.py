"""Withdraws orders."""

from dataclasses import replace

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.fulfilment import use_cases as fulfilment
from credit_service.fulfilment.domain import Taken
from credit_service.holds import use_cases as holds
from credit_service.holds.repository import HoldEnd
from credit_service.orders import use_cases as orders
from credit_service.orders.domain import Order, OrderEndedError, settled, told
from credit_service.orders.repository import OrderChange
from credit_service.releases import use_cases as releases
from shared.events.credit import OrderCancelled
from shared.unit_of_work import UnitOfWork


async def cancel_order(uow: UnitOfWork, order_id: str, *, by: str, note: str) -> None:
    """Withdraw an order; one that is cancelled already stays so.

    Raises `OrderNotFoundError`, and `OrderEndedError` for one that is invoiced.
    """
    seen = await orders.order(uow.session, order_id)
    account = await credit_accounts.locked_account(uow, seen.customer_id)
    order = await orders.order(uow.session, order_id)
    if order.status == "cancelled":
        return
    if order.status == "invoiced":
        raise OrderEndedError(order_id, order.status)
    if order.hold_id is not None:
        await holds.end(uow, [HoldEnd(order.hold_id, "closed", by, "the order is cancelled")])
    taken = (await fulfilment.taken_over(uow.session, [order]))[order_id]
    cancelled = _cancelled(order, taken, account.currency)
    reserved = account.exposure.open_orders - order.reserved
    account = replace(account, exposure=replace(account.exposure, open_orders=reserved))
    await orders.save(uow, [OrderChange(cancelled, by, note or "cancelled")])
    await credit_accounts.save_open_orders(uow, [account])
    state = told(cancelled, reasons=[], exposure_after=account.exposure.total, account_currency=account.currency)
    uow.publish(OrderCancelled(version=cancelled.version, order=state))
    await releases.recheck(uow, account)


def _cancelled(order: Order, taken: Taken, account_currency: str) -> Order:
    ended = replace(order, status="cancelled", hold_id=None, version=order.version + 1)
    return settled(ended, taken, account_currency=account_currency)
