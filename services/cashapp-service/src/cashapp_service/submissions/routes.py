"""Submissions over HTTP."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response

from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import ItemNotFoundError
from cashapp_service.settings import CashappSettings
from cashapp_service.submissions import domain, repository, use_cases
from cashapp_service.submissions.domain import Report
from cashapp_service.submissions.schemas import (
    Mailed,
    MailedBody,
    MailedItem,
    Obstacle,
    Submission,
    SubmissionBody,
    SubmissionStep,
    UndeliveredItem,
)
from cashapp_service.submissions.tables import SubmissionRow, SubmissionStepRow
from shared.days import FIRST_DAY, Day, days_late
from shared.events.cashapp import ItemKind
from shared.events.credit import PaymentRequirements
from shared.http.edge import Reading, Work, api_router, requires
from shared.http.pagination import InvalidCursorError, Page, PageRequest, Paging, fetch_page
from shared.money import exact
from shared.security import Principal
from shared.unit_of_work import Units

router = api_router("items")

Reader = Annotated[Principal, Depends(requires("items:read"))]
Writer = Annotated[Principal, Depends(requires("items:write"))]
ItemId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Key = Annotated[str | None, Query(min_length=1, max_length=64, description="Exactly this one")]


def _shown(row: SubmissionRow, steps: Sequence[SubmissionStepRow]) -> Submission:
    return Submission.model_validate(
        row.model_dump()
        | {
            "id": row.submission_id,
            "steps": [
                SubmissionStep.model_validate(one.model_dump())
                for one in steps
                if one.submission_id == row.submission_id
            ],
        }
    )


@router.post("/v1/items/{item_id}/submissions", status_code=201, responses={200: {"model": Submission}})
async def post_submission(
    item_id: ItemId, body: SubmissionBody, response: Response, uow: Work, _: Writer
) -> Submission:
    """Record that a document was sent (201), or how a submission that is known went on (200); a repeat changes nothing."""
    recorded = await use_cases.record_submission(uow, item_id, body.report(uow.clock.today()))
    response.status_code = 201 if recorded.effect == "created" else 200
    return _shown(recorded.row, await repository.steps_of(uow.session, [recorded.row.submission_id]))


@router.get("/v1/items/{item_id}/submissions")
async def list_submissions(item_id: ItemId, session: Reading, page: Paging, _: Reader) -> Page[Submission]:
    """List how a document was sent, and what came of it, the oldest first."""
    first = await items.first_of_document(session, item_id)
    if first is None:
        raise ItemNotFoundError(item_id)
    statement = repository.matching(item_id=first)
    rows, cursor = await fetch_page(session, statement, by=(SubmissionRow.position,), page=page)
    steps = await repository.steps_of(session, [row.submission_id for row in rows])
    return Page(data=[_shown(row, steps) for row in rows], next_cursor=cursor)


@router.post("/v1/submissions/mailed")
async def mark_mailed(body: MailedBody, uow: Work, _: Writer) -> Mailed:
    """Mark documents as sent by post. Nobody confirms a letter, so it counts as delivered on the day it was mailed."""
    report = Report(
        channel="post",
        status="delivered",
        reference=body.reference,
        submitted_on=body.mailed_on,
        status_on=body.mailed_on,
    )
    asked = list(dict.fromkeys(body.item_ids))
    recorded = await use_cases.mark_mailed(uow, asked, report)
    return Mailed(results=[_mailed(item_id, recorded[item_id]) for item_id in asked])


def _mailed(item_id: str, recorded: use_cases.Recorded | None) -> MailedItem:
    if recorded is None:
        return MailedItem(item_id=item_id, result="not_found")
    return MailedItem(item_id=item_id, result="unchanged" if recorded.effect == "unchanged" else "marked")


@router.get("/v1/undelivered-items")
async def list_undelivered(
    request: Request,
    session: Reading,
    page: Paging,
    _: Reader,
    as_of: Annotated[Day | None, Query(description="Late by this day; default today")] = None,
    customer_id: Key = None,
    company_code: Key = None,
    kind: Annotated[ItemKind | None, Query(description="What sort of document it is")] = None,
) -> Page[UndeliveredItem]:
    """List open documents that their customers do not have, the oldest first: what was rejected, what lacks the purchase order
    that the customer asks for, and what is not delivered by its day. A down-payment request that was never sent is there at once:
    with `kind=down_payment_request` and the month's last day this is the list of those to raise.
    """
    units: Units = request.app.state.units
    settings: CashappSettings = request.app.state.settings
    day = as_of or units.clock.today()
    given = {"customer_id": customer_id, "company_code": company_code, "kind": kind}
    rows = await repository.undelivered(
        session,
        as_of=day,
        # What is due for delivery on a day is late on the next.
        issued_until=day - timedelta(days=settings.submission_days + 1),
        after=_after(page),
        most=page.limit + 1,
        wanted={name: one for name, one in given.items() if one is not None},
    )
    shown = [_undelivered(row, day, settings.submission_days) for row in rows[: page.limit]]
    more = len(rows) > page.limit
    return Page(data=shown, next_cursor=page.cursor_behind((shown[-1].issue_date, shown[-1].item_id)) if more else None)


def _after(page: PageRequest) -> tuple[date, str]:
    day, item_id = page.key(2) or (FIRST_DAY, "")
    if not (isinstance(day, date) and isinstance(item_id, str)):
        raise InvalidCursorError
    return day, item_id


def _undelivered(row: Any, as_of: date, submission_days: int) -> UndeliveredItem:
    requirements = PaymentRequirements.model_validate(row.payment_requirements)
    due = domain.deliver_by(row.issue_date, submission_days)
    found = domain.obstacles(
        state=row.submission,
        po_number=row.po_number,
        channel=row.channel,
        failure_reason=row.failure_reason,
        requirements=requirements,
    )
    return UndeliveredItem.model_validate(
        dict(row._mapping)
        | {
            "number": row.document_number,
            "amount": exact(row.amount, row.currency),
            "balance": exact(row.balance, row.currency),
            "deliver_by": due,
            "days_late": days_late(due, as_of),
            "required_channel": requirements.submission_channel,
            "portal": requirements.portal,
            "obstacles": [Obstacle.model_validate(asdict(one)) for one in found],
        }
    )
