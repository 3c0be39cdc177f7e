"""Disputes over HTTP."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from dispute_service.disputes import repository, use_cases
from dispute_service.disputes.domain.case import BatchTooLargeError
from dispute_service.disputes.domain.reason import family_of
from dispute_service.disputes.domain.resolution import Decision
from dispute_service.disputes.domain.status import allowed_actions
from dispute_service.disputes.jobs import DAY_RUN
from dispute_service.disputes.schemas import (
    BATCH_ITEMS_MAX,
    AssignBody,
    Dispute,
    DisputeBatch,
    DisputeBatchBody,
    DisputeBody,
    DisputeSummary,
    EscalateBody,
    HistoryLine,
    NoteBody,
    OptionalNoteBody,
    ReasonBody,
    ResolveBody,
    WaitBody,
)
from dispute_service.disputes.tables import Case, DisputeRow, public_state
from dispute_service.disputes.use_cases import Asked, WantedCase
from shared.days import Day
from shared.errors import OpenItemError
from shared.events.dispute import DisputeStatus
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.http.problems import problem_as_result, read_or_refused
from shared.jobs import Job, enqueue
from shared.security import Principal

router = api_router("disputes")

Reader = Annotated[Principal, Depends(requires("disputes:read"))]
Writer = Annotated[Principal, Depends(requires("disputes:write"))]
Decider = Annotated[Principal, Depends(requires("disputes:resolve"))]
Filter = Annotated[str | None, Query(max_length=200)]
DisputeId = Annotated[str, Path(min_length=1, max_length=64, description="The case's id, dsp_…")]


def _shown(case: Case) -> dict[str, Any]:
    row = case.row
    state = public_state(case).model_dump(exclude={"dispute_id"})
    return row.model_dump() | state | {"id": row.dispute_id, "reason_family": family_of(row.reason_code).name}


async def _answer(session: AsyncSession, response: Response, case: Case) -> Dispute:
    lines = await repository.history(session, case.row.dispute_id)
    set_etag(response, case.row.version)
    return Dispute.model_validate(
        _shown(case)
        | {
            "history": [HistoryLine.model_validate(line.model_dump()) for line in lines],
            "allowed_actions": allowed_actions(case.row.status),
        }
    )


def _asked_to_write(dispute_id: DisputeId, caller: Writer, expected: ExpectedVersion) -> Asked:
    return Asked(dispute_id, caller, expected)


def _asked_to_decide(dispute_id: DisputeId, caller: Decider, expected: ExpectedVersion) -> Asked:
    return Asked(dispute_id, caller, expected)


Writing = Annotated[Asked, Depends(_asked_to_write)]
Deciding = Annotated[Asked, Depends(_asked_to_decide)]


@router.post("/v1/disputes", status_code=201)
async def open_dispute(body: DisputeBody, request: Request, response: Response, uow: Work, caller: Writer) -> Dispute:
    """Open a case on one or many items of one customer and one currency.

    A claim is at most what is open on its item and not disputed by another case; more is refused with what is left.
    """
    (verdict,) = await use_cases.open_disputes(
        uow, [_wanted(body, uow.clock.today())], cashapp=request.app.state.cashapp, caller=caller
    )
    if isinstance(verdict, OpenItemError):
        raise verdict
    response.headers["Location"] = f"/v1/disputes/{verdict.row.dispute_id}"
    return await _answer(uow.session, response, verdict)


def _wanted(body: DisputeBody, today: date) -> WantedCase:
    return WantedCase(body.opening(today), [(one.item_id, one.disputed_amount) for one in body.items], body.currency)


@router.post("/v1/disputes/batch")
async def open_disputes(body: DisputeBatchBody, request: Request, uow: Work, caller: Writer) -> DisputeBatch:
    """Open up to 500 cases in one transaction, such as those of a ledger that is taken over: the results in order.

    Each is the case or its own problem; one that is refused keeps no other from being opened.
    """
    read = [read_or_refused(DisputeBody, one) for one in body.disputes]
    bodies = [one for one in read if isinstance(one, DisputeBody)]
    if sum(len(one.items) for one in bodies) > BATCH_ITEMS_MAX:
        raise BatchTooLargeError(BATCH_ITEMS_MAX)
    wanted = [_wanted(one, uow.clock.today()) for one in bodies]
    verdicts = iter(await use_cases.open_disputes(uow, wanted, cashapp=request.app.state.cashapp, caller=caller))
    results = [next(verdicts) if isinstance(one, DisputeBody) else one for one in read]
    return DisputeBatch(
        results=[
            DisputeSummary.model_validate(_shown(one)) if isinstance(one, Case) else problem_as_result(one)
            for one in results
        ]
    )


@router.get("/v1/disputes")
async def list_disputes(
    session: Reading,
    page: Paging,
    _: Reader,
    customer_id: Filter = None,
    status: DisputeStatus | None = None,
    reason_code: Filter = None,
    coordinator: Filter = None,
    processor: Filter = None,
    item_id: Annotated[str | None, Query(max_length=64, description="Cases that claim this item")] = None,
) -> Page[DisputeSummary]:
    """List cases, newest first."""
    statement = repository.matching(
        item_id=item_id,
        customer_id=customer_id,
        status=status,
        reason_code=reason_code.lower() if reason_code else None,
        coordinator=coordinator,
        processor=processor,
    )
    rows, cursor = await fetch_page(session, statement, by=(col(DisputeRow.serial),), page=page, descending=True)
    cases = await repository.with_items(session, rows)
    return Page(data=[DisputeSummary.model_validate(_shown(case)) for case in cases], next_cursor=cursor)


@router.get("/v1/disputes/{dispute_id}")
async def get_dispute(dispute_id: DisputeId, response: Response, session: Reading, _: Reader) -> Dispute:
    """Return a case with its history."""
    return await _answer(session, response, await repository.find(session, dispute_id))


@router.post("/v1/disputes/{dispute_id}/assign")
async def assign_dispute(body: AssignBody, response: Response, uow: Work, asked: Writing) -> Dispute:
    """Name the coordinator, the processor, or both; with nobody named the caller works on it. A new case is then in process."""
    case = await use_cases.assign_dispute(uow, asked, coordinator=body.coordinator, processor=body.processor)
    return await _answer(uow.session, response, case)


@router.post("/v1/disputes/{dispute_id}/wait")
async def wait_for_answer(body: WaitBody, response: Response, uow: Work, asked: Writing) -> Dispute:
    """Have the case wait for the customer, or for somebody in the company."""
    case = await use_cases.wait_for_answer(uow, asked, waiting_for=body.waiting_for, note=body.note)
    return await _answer(uow.session, response, case)


@router.post("/v1/disputes/{dispute_id}/resume")
async def resume_dispute(
    response: Response, uow: Work, asked: Writing, body: OptionalNoteBody | None = None
) -> Dispute:
    """Go on with a case that waited."""
    case = await use_cases.resume_dispute(uow, asked, note=body.note if body else None)
    return await _answer(uow.session, response, case)


@router.post("/v1/disputes/{dispute_id}/notes")
async def note_on_dispute(body: NoteBody, response: Response, uow: Work, asked: Writing) -> Dispute:
    """Add a note to the history. The version stays: a note changes nothing of the case itself."""
    case = await use_cases.note_on_dispute(uow, asked, text=body.text)
    return await _answer(uow.session, response, case)


@router.post("/v1/disputes/{dispute_id}/escalate")
async def escalate_dispute(body: EscalateBody, response: Response, uow: Work, asked: Writing) -> Dispute:
    """Give the case to the person responsible, who decides."""
    case = await use_cases.escalate_dispute(uow, asked, to=body.to, reason=body.reason)
    return await _answer(uow.session, response, case)


@router.post("/v1/disputes/{dispute_id}/resolve")
async def resolve_dispute(
    body: ResolveBody, request: Request, response: Response, uow: Work, asked: Deciding
) -> Dispute:
    """Decide a case, up to the authority of the caller's role.

    What is not granted is owed again. A credit memo or settlement is posted by cashapp-service, and the case closes when that
    has happened; an invalid claim closes at once; a rebilled or written-off one is closed by hand when that is done.
    """
    decision = Decision(**body.model_dump())
    limits = request.app.state.settings.dispute_authority
    case = await use_cases.resolve_dispute(uow, asked, decision, limits=limits)
    return await _answer(uow.session, response, case)


@router.post("/v1/disputes/{dispute_id}/reopen")
async def reopen_dispute(body: ReasonBody, response: Response, uow: Work, asked: Deciding) -> Dispute:
    """Take a decision back: what was denied is disputed again as far as it is open, with new days to answer."""
    case = await use_cases.reopen_dispute(uow, asked, reason=body.reason)
    return await _answer(uow.session, response, case)


@router.post("/v1/disputes/{dispute_id}/close")
async def close_dispute(
    response: Response, uow: Work, asked: Deciding, body: OptionalNoteBody | None = None
) -> Dispute:
    """End a resolved case by hand. What it still disputes is owed again."""
    case = await use_cases.close_dispute(uow, asked, note=body.note if body else None)
    return await _answer(uow.session, response, case)


@router.post("/v1/disputes/{dispute_id}/void")
async def void_dispute(body: ReasonBody, response: Response, uow: Work, asked: Writing) -> Dispute:
    """End a case that was a mistake. Nothing reopens it."""
    case = await use_cases.void_dispute(uow, asked, reason=body.reason)
    return await _answer(uow.session, response, case)


@router.post("/v1/days/{date}/run", status_code=202, tags=["operation"])
async def run_day(date: Day, uow: Work, caller: Annotated[Principal, Depends(requires("days:run"))]) -> Job:
    """Do what falls due on a business day: cases past their day are escalated. Once per day, however often it is called."""
    return await enqueue(
        uow,
        prefix="dsj",
        kind=DAY_RUN,
        requested_by=caller.subject,
        params={"date": date.isoformat()},
        natural_key=f"day:{date}",
    )
