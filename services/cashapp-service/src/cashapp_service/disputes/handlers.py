"""Events about dispute cases."""

from shared.events.dispute import DisputeEvent, DisputeResolved
from shared.unit_of_work import UnitOfWork

from cashapp_service.disputes import use_cases


async def on_dispute_changed(uow: UnitOfWork, event: DisputeEvent) -> None:
    """Keep what a case disputes of its items."""
    await use_cases.apply_state(uow, event.dispute, event.version)


async def on_dispute_resolved(uow: UnitOfWork, event: DisputeResolved) -> None:
    """Post what a decision asks for, and keep what the case still disputes."""
    await use_cases.post_credit(uow, event.dispute, event.version)
    await use_cases.apply_state(uow, event.dispute, event.version)
