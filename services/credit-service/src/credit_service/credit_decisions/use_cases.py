"""What is done with a credit decision once it is made: all that it changes is recorded in one go."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_decisions import repository
from credit_service.credit_decisions.domain.decision import Decided
from credit_service.credit_decisions.domain.made import Choice, DecisionNotFoundError, MadeDecision
from credit_service.credit_decisions.repository import Recorded
from credit_service.credit_decisions.schemas import RecordedDecision, recorded
from credit_service.credit_decisions.tables import made
from credit_service.credit_files.domain import SHOWN_MAX
from credit_service.holds import use_cases as holds
from credit_service.holds.domain import Hold, HoldStatus
from credit_service.holds.repository import HoldChange, HoldEnd
from credit_service.orders.domain import told_content
from shared.answers import KeyedRequest, StoredAnswer
from shared.events.credit import OrderApproved, OrderEvent, OrderHeld, OrderRejected, OrderReleased
from shared.events.envelope import CheckedEvent
from shared.http.idempotency import store_many
from shared.unit_of_work import UnitOfWork

_EVENTS: Mapping[str, type[OrderEvent]] = {
    "approved": OrderApproved,
    "held": OrderHeld,
    "released": OrderReleased,
    "rejected": OrderRejected,
}
_HOLD_ENDS: Mapping[str, tuple[HoldStatus, str]] = {
    "approved": ("released", "the changed order passed the check"),
    "released": ("released", "the cause went away"),
    "rejected": ("rejected", "the changed order is rejected"),
    "invoiced": ("closed", "the order is invoiced"),
}
_NOTHING: Mapping[KeyedRequest, StoredAnswer] = {}


async def answers(session: AsyncSession, decision_ids: Iterable[str]) -> dict[str, str]:
    """Return the answers given with these decisions."""
    return await repository.answers(session, decision_ids)


async def record(
    uow: UnitOfWork, records: Sequence[Recorded], *, keyed: Mapping[KeyedRequest, StoredAnswer] = _NOTHING
) -> None:
    """Write decisions and all that they change, and answers under their keys; the caller has locked the accounts."""
    if not records:
        if keyed:
            await store_many(uow.session, keyed)
        return
    for one in records:
        uow.publish_checked(event_of(one.decided), correlation_id=one.request_id)
    await repository.save(uow.session, records, events=uow.hand_over(), keyed=keyed, at=uow.clock.now())
    await holds.end(uow, [end for one in records if (end := _ended_hold(one)) is not None])
    await holds.save(uow, [change for one in records if (change := _hold_change(one)) is not None])


def _hold_change(record: Recorded) -> HoldChange | None:
    order, facts = record.decided.order, record.decided.facts
    if order.hold_id is None:
        return None
    hold = Hold(
        order.hold_id,
        order.order_id,
        order.customer_id,
        "open",
        record.decided.verdict.holding,
        order.checkpoint,
        facts.as_of,
        facts.document_value,
        order.requested_delivery_date,
    )
    return HoldChange(hold, record.actor, record.note)


def _ended_hold(record: Recorded) -> HoldEnd | None:
    present, order = record.decided.present, record.decided.order
    if present is None or present.hold_id is None or order.hold_id is not None:
        return None
    status, note = _HOLD_ENDS[order.status]
    return HoldEnd(present.hold_id, status, "system", note)


def event_of(decided: Decided) -> CheckedEvent:
    """Return what others are told of a decision: of the order as it is now."""
    order, after = decided.order, decided.exposure_after
    # An order that is invoiced already when it is checked was approved to be so.
    model = _EVENTS["approved" if order.status == "invoiced" else order.status]
    reasons = decided.verdict.holding
    state = told_content(order, reasons=reasons, exposure_after=after.amount, account_currency=after.currency)
    return CheckedEvent(model, order.order_id, order.customer_id, {"version": order.version, "order": state})


async def credit_file_part(session: AsyncSession, customer_id: str) -> list[RecordedDecision]:
    """Return a customer's newest decisions for its credit file."""
    return [recorded(row) for row in await repository.newest(session, customer_id, count=SHOWN_MAX)]


async def made_decision(session: AsyncSession, decision_id: str) -> MadeDecision:
    """Return a decision as it was made; raise `DecisionNotFoundError`."""
    row = await repository.find(session, decision_id)
    if row is None:
        raise DecisionNotFoundError(decision_id)
    return made(row)


def made_decisions(session: AsyncSession, choice: Choice) -> AsyncIterator[MadeDecision]:
    """Yield decisions in the order in which they were made."""
    return repository.made_decisions(session, choice)
