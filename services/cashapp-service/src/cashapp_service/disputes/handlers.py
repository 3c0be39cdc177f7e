"""Events about dispute cases."""

from collections.abc import Sequence

from cashapp_service.disputes import use_cases
from shared.events.dispute import DisputeEvent, DisputeResolved
from shared.unit_of_work import UnitOfWork


async def on_disputes_changed(uow: UnitOfWork, events: Sequence[DisputeEvent]) -> None:
    """Keep what cases dispute of their items."""
    await use_cases.apply_states(uow, events)


async def on_dispute_resolved(uow: UnitOfWork, event: DisputeResolved) -> None:
    """Post what a decision asks for, and keep what the case still disputes."""
    await use_cases.post_credit(uow, event.dispute, event.version)
    await use_cases.apply_states(uow, [event])
