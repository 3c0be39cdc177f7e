"""Records deliveries of orders, and goods that come back.

What an order holds or whether it was checked at all does not matter here: goods that left are owed for. A delivery of an order
that was never checked counts under the customer that it names.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import Account, UnknownCustomerError
from credit_service.credit_decisions.domain.decision import EXPOSURE_MAX, AbsurdAmountError
from credit_service.exchange_rates import use_cases as exchange_rates
from credit_service.fulfilment import use_cases as fulfilment
from credit_service.fulfilment.domain import (
    CustomerNeededError,
    Delivery,
    DeliveryExistsError,
    DeliveryNotFoundError,
)
from credit_service.orders import use_cases as orders
from credit_service.orders.domain import OrderOfAnotherCustomerError
from credit_service.releases import use_cases as releases
from shared.money import rounded
from shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Delivered:
    """Goods as they were told of. `customer_id` is needed where the order was never checked."""

    order_id: str
    delivery_id: str
    amount: Decimal
    currency: str
    delivered_on: date
    customer_id: str | None

    def differences(self, known: Delivery, customer_id: str) -> list[str]:
        """Return the fields in which a known delivery of the same number is another one."""
        names = [one for one in ("amount", "currency", "delivered_on") if getattr(self, one) != getattr(known, one)]
        return names if known.customer_id == customer_id else [*names, "customer_id"]


async def record_delivery(uow: UnitOfWork, told: Delivered, *, by: str) -> bool:
    """Count goods that left, and tell whether they were not known before.

    Raises `CustomerNeededError`, `UnknownCustomerError`, `OrderOfAnotherCustomerError`, `DeliveryExistsError`,
    `MissingExchangeRateError` and `AbsurdAmountError`.
    """
    customer_id = await _customer_of(uow, told)
    account = (await credit_accounts.locked_accounts(uow, [customer_id])).get(customer_id)
    if account is None:
        raise UnknownCustomerError(customer_id)
    if await _customer_of(uow, told) != customer_id:
        raise OrderOfAnotherCustomerError(told.order_id)
    known = await fulfilment.find_delivery(uow.session, told.order_id, told.delivery_id)
    if known is not None:
        if differences := told.differences(known, customer_id):
            raise DeliveryExistsError(told.order_id, told.delivery_id, differences)
        return False
    after = await fulfilment.add_delivery(uow, account, await _delivery(uow, told, account), by=by)
    if after is None:
        raise DeliveryExistsError(told.order_id, told.delivery_id, ["delivery_id"])
    await _save(uow, after, told.delivered_on)
    return True


async def cancel_delivery(uow: UnitOfWork, order_id: str, delivery_id: str, *, by: str, note: str) -> None:
    """Have goods back; a delivery that is cancelled already stays so. Raises `DeliveryNotFoundError`."""
    seen = await _found(uow, order_id, delivery_id)
    account = await credit_accounts.locked_account(uow, seen.customer_id)
    delivery = await _found(uow, order_id, delivery_id)
    if delivery.status == "cancelled":
        return
    await _save(uow, await fulfilment.cancel_delivery(uow, account, delivery, by=by, note=note), None)


async def _customer_of(uow: UnitOfWork, told: Delivered) -> str:
    """Return whose goods they are; the order knows, or who tells of an order that was never checked."""
    order = (await orders.orders_by_number(uow.session, [told.order_id])).get(told.order_id)
    if order is not None and told.customer_id not in (None, order.customer_id):
        raise OrderOfAnotherCustomerError(told.order_id)
    customer_id = order.customer_id if order else told.customer_id
    if customer_id is None:
        raise CustomerNeededError(told.order_id)
    return customer_id


async def _delivery(uow: UnitOfWork, told: Delivered, account: Account) -> Delivery:
    rate = await exchange_rates.rate_for_document(
        uow.session, told.currency, account.currency, document_date=told.delivered_on
    )
    value = rounded(told.amount * rate, account.currency)
    if value + abs(account.exposure.total) >= EXPOSURE_MAX:
        raise AbsurdAmountError
    return Delivery(
        order_id=told.order_id,
        delivery_id=told.delivery_id,
        customer_id=account.customer_id,
        status="delivered",
        amount=told.amount,
        currency=told.currency,
        rate=rate,
        delivered_on=told.delivered_on,
        account_amount=value,
        open_amount=told.amount,
        account_open=value,
    )


async def _save(uow: UnitOfWork, account: Account, day: date | None) -> None:
    await credit_accounts.save_exposures(uow, [account])
    await releases.recheck(uow, account, day=day)


async def _found(uow: UnitOfWork, order_id: str, delivery_id: str) -> Delivery:
    delivery = await fulfilment.find_delivery(uow.session, order_id, delivery_id)
    if delivery is None:
        raise DeliveryNotFoundError(order_id, delivery_id)
    return delivery
