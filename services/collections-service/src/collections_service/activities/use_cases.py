"""What can be done with the call log."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.activities import repository
from collections_service.activities.domain import ActivityKind, Contacts
from collections_service.activities.tables import ActivityRow
from collections_service.receivables import use_cases as receivables
from collections_service.receivables.use_cases import Owners
from shared.ids import new_id
from shared.security import Principal
from shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ActivityToLog:
    """What a caller says of an activity."""

    customer_id: str
    kind: ActivityKind
    outcome: str | None
    contact: str | None
    note: str
    item_ids: tuple[str, ...]
    occurred_on: date | None
    next_action_on: date | None


async def log_activity(uow: UnitOfWork, owners: Owners, said: ActivityToLog, *, caller: Principal) -> ActivityRow:
    """Add to the call log. Raises `UnknownCustomerError`, `UnknownItemError`, `ForeignItemError`."""
    await receivables.ensure_known(
        uow, owners, caller=caller, customer_id=said.customer_id, item_ids=said.item_ids, field="item_ids"
    )
    row = ActivityRow(
        activity_id=new_id("act"),
        customer_id=said.customer_id,
        kind=said.kind,
        outcome=said.outcome,
        contact=said.contact,
        note=said.note,
        item_ids=list(said.item_ids),
        occurred_on=said.occurred_on or uow.clock.today(),
        next_action_on=said.next_action_on,
        collector=caller.subject,
        recorded_at=uow.clock.now(),
    )
    uow.session.add(row)
    return row


async def contacts(session: AsyncSession, as_of: date) -> dict[str, Contacts]:
    """Return each customer's contacts up to and with a day."""
    return await repository.contacts(session, as_of)
