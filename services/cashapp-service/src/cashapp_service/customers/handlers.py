"""Events about customers."""

from cashapp_service.customers import use_cases
from shared.events.credit import CustomerEvent
from shared.unit_of_work import UnitOfWork


async def on_customer_changed(uow: UnitOfWork, event: CustomerEvent) -> None:
    """Keep a customer's newest state."""
    await use_cases.apply_state(uow, event.customer, event.version)
