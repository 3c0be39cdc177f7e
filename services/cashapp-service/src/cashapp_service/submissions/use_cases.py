"""Recording how documents reach the customer. The items of a document are locked first, by id."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item, ItemNotFoundError
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import LawVerdict
from cashapp_service.submissions import repository
from cashapp_service.submissions.domain import Known, Report, SubmissionStatus, concerned, moves, state_of
from cashapp_service.submissions.tables import SubmissionRow, SubmissionStepRow
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a report did: a submission that is new, one that moved on, or nothing that was not known."""

    row: SubmissionRow
    effect: Literal["created", "moved", "unchanged"]


async def record_submission(uow: UnitOfWork, item_id: str, report: Report) -> Recorded:
    """Record what is reported of a document's submission.

    Raises `ItemNotFoundError`, `NotForwardError`, `FailureReasonError`, `StatusTooEarlyError`.
    """
    documents = await items.locked_documents(uow, [item_id])
    if item_id not in documents:
        raise ItemNotFoundError(item_id)
    (recorded,) = await _record(uow, {documents[item_id][0].item_id: documents[item_id]}, report)
    return recorded


async def mark_mailed(uow: UnitOfWork, item_ids: Collection[str], report: Report) -> dict[str, Recorded | None]:
    """Record for many documents at once that they were sent by post; None for an item that is not there.

    Raises `StatusTooEarlyError` where one of them was issued later.
    """
    documents = await items.locked_documents(uow, item_ids)
    by_first = {found[0].item_id: found for found in documents.values()}
    recorded = {one.row.item_id: one for one in await _record(uow, by_first, report)}
    return {item_id: recorded[documents[item_id][0].item_id] if item_id in documents else None for item_id in item_ids}


async def _record(uow: UnitOfWork, documents: Mapping[str, Sequence[Item]], report: Report) -> list[Recorded]:
    """Record one report for documents, given by their first items, all of them locked."""
    for found in documents.values():
        report.check(found[0].issue_date)
    rows = await repository.of_items(uow.session, documents)
    steps = await repository.steps_of(uow.session, [row.submission_id for row in rows])
    recorded = []
    states: dict[str, SubmissionStatus] = {}
    for first, found in documents.items():
        own = [row for row in rows if row.item_id == first]
        one = _recorded(first, own, steps, report)
        recorded.append(one)
        if one.effect != "unchanged":
            own = own if one.row in own else [*own, one.row]
            state = state_of([row.status for row in own])  # type: ignore[misc]  # written by this service alone
            states |= {item.item_id: state for item in found}
    changed = [one for one in recorded if one.effect != "unchanged"]
    await repository.add(
        uow.session,
        [one.row for one in changed if one.effect == "created"],
        [_step(uow, one.row) for one in changed],
    )
    await items.set_submission(uow, states)
    return recorded


def _recorded(first: str, own: Sequence[SubmissionRow], steps: Sequence[SubmissionStepRow], report: Report) -> Recorded:
    by_id = {row.submission_id: row for row in own}
    known = concerned([_known(row, steps) for row in own], report)
    if known is None:
        return Recorded(_new(first, len(own) + 1, report), "created")
    row = by_id[known.submission_id]
    if not moves(known, report):
        return Recorded(row, "unchanged")
    row.status, row.status_on, row.failure_reason = report.status, report.status_on, report.failure_reason
    return Recorded(row, "moved")


def _known(row: SubmissionRow, steps: Sequence[SubmissionStepRow]) -> Known:
    reached = frozenset(one.status for one in steps if one.submission_id == row.submission_id)
    status: Any = row.status
    return Known(row.submission_id, row.channel, row.reference, status, reached)


def _new(item_id: str, position: int, report: Report) -> SubmissionRow:
    return SubmissionRow(
        submission_id=new_id("sbm"),
        item_id=item_id,
        position=position,
        channel=report.channel,
        status=report.status,
        reference=report.reference,
        failure_reason=report.failure_reason,
        submitted_on=report.submitted_on,
        status_on=report.status_on,
    )


def _step(uow: UnitOfWork, row: SubmissionRow) -> SubmissionStepRow:
    return SubmissionStepRow(
        submission_id=row.submission_id,
        status=row.status,
        status_on=row.status_on,
        failure_reason=row.failure_reason,
        recorded_at=uow.clock.now(),
        recorded_by=uow.actor,
    )


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of submissions."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]


async def failed(session: AsyncSession, *, company_code: str, last_day: date) -> Sequence[Any]:
    """Return (currency, amount, how_many) of the open items whose latest submission failed, for the close."""
    return await repository.failed(session, company_code=company_code, last_day=last_day)
