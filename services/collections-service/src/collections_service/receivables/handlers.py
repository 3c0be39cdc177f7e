"""Events that only change what is known of a customer. Those that bring money are handled in `promises/`, which it may keep."""

from collections.abc import Sequence

from collections_service.receivables import use_cases
from shared.events.credit import CreditLimitChanged, CustomerEvent, OrderEvent
from shared.events.dispute import DisputeEvent
from shared.unit_of_work import UnitOfWork


async def on_customer_changed(uow: UnitOfWork, event: CustomerEvent) -> None:
    """A customer was created or updated."""
    await use_cases.take_customer(uow, event)


async def on_credit_limit_changed(uow: UnitOfWork, event: CreditLimitChanged) -> None:
    """A customer's risk class or block may have changed."""
    await use_cases.take_credit(uow, event)


async def on_disputes_changed(uow: UnitOfWork, events: Sequence[DisputeEvent]) -> None:
    """Cases were opened, changed or closed."""
    await use_cases.take_disputes(uow, events)


async def on_order_decided(uow: UnitOfWork, event: OrderEvent) -> None:
    """An order was approved, held, released, rejected or cancelled."""
    await use_cases.take_order(uow, event)
