"""Returned payments over HTTP."""

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import Depends, File, Form, Path, Query, Request, Response, UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.applications.routes import recorder
from cashapp_service.customers.routes import CustomerOwner
from cashapp_service.payment_exceptions import repository, use_cases
from cashapp_service.payment_exceptions.domain import CODES, DAYS_TO_REACT, Outcome, ReturnReason, Status
from cashapp_service.payment_exceptions.domain.evidence import EvidenceFile
from cashapp_service.payment_exceptions.domain.refusals import PaymentExceptionNotFoundError
from cashapp_service.payment_exceptions.domain.workflow import EvidenceKind, possible_outcomes
from cashapp_service.payment_exceptions.schemas import (
    ContestBody,
    Evidence,
    EvidenceBody,
    FailBody,
    PaymentException,
    PaymentExceptionDetail,
    ReopenBody,
    ReopenedItem,
    RepresentBody,
    ResolutionBody,
    ReturnReasonCode,
    ReturnReasonCodes,
    Step,
    code_shown,
)
from cashapp_service.payment_exceptions.tables import PaymentExceptionRow, facts_of, reopened_of
from cashapp_service.payment_exceptions.use_cases import Change, Resolution
from shared.days import Day
from shared.files import FILE_BYTES_MAX, FORM_BYTES_MAX, download_headers
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import NonNegativeAmount, exact
from shared.security import Principal

router = api_router("payment exceptions")

Key = Annotated[str | None, Query(min_length=1, max_length=64, description="Who had paid")]
ExceptionId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("items:read"))]
Applier = Annotated[Principal, Depends(requires("receipts:apply"))]


def shown(row: PaymentExceptionRow) -> PaymentException:
    """Return a payment exception on the wire."""
    amounts = {
        "amount": exact(row.amount, row.currency),
        "fee": exact(row.fee, row.currency) if row.fee is not None else None,
    }
    return PaymentException.model_validate(
        row.model_dump() | amounts | {"id": row.exception_id} | code_shown(row.reason_code)
    )


async def view(session: AsyncSession, exception_id: str) -> PaymentException:
    """Return a payment exception on the wire; raise `PaymentExceptionNotFoundError`."""
    return shown(await _found(session, exception_id))


async def _found(session: AsyncSession, exception_id: str) -> PaymentExceptionRow:
    row = await repository.find(session, exception_id)
    if row is None:
        raise PaymentExceptionNotFoundError(exception_id)
    return row


EvidenceId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]


def _changed(row: PaymentExceptionRow, response: Response) -> PaymentException:
    set_etag(response, row.version)
    return shown(row)


@router.get("/v1/payment-exception-reasons")
async def list_reasons(_: Reader) -> ReturnReasonCodes:
    """List the schemes' codes that are known, with the reason that each stands for."""
    data = [
        ReturnReasonCode(
            scheme=one.scheme,
            code=one.code,
            meaning=one.meaning,
            reason=one.reason,
            days_to_react=one.days_to_react or DAYS_TO_REACT[one.reason],
        )
        for one in CODES.values()
    ]
    return ReturnReasonCodes(data=data)


@router.get("/v1/payment-exceptions")
async def list_exceptions(
    session: Reading,
    page: Paging,
    _: Reader,
    status: Annotated[Status | None, Query(description="Where it stands")] = None,
    resolved: Annotated[bool | None, Query(description="Only settled ones, or only those that are not")] = None,
    reason: Annotated[ReturnReason | None, Query(description="Why it came back")] = None,
    outcome: Annotated[Outcome | None, Query(description="What came of it")] = None,
    customer_id: Key = None,
    case_reference: Annotated[
        str | None, Query(min_length=1, max_length=200, description="The bank's own number of the return")
    ] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217 code")] = None,
    min_amount: Annotated[NonNegativeAmount | None, Query(description="Least amount, in its own currency")] = None,
    due_before: Annotated[Day | None, Query(description="Deadline before this day")] = None,
    deadline_passed: Annotated[bool | None, Query(description="Whether the deadline was found passed")] = None,
    sort: Annotated[
        Literal["deadline", "amount"], Query(description="The nearest deadline first, or the largest amount")
    ] = "deadline",
) -> Page[PaymentException]:
    """List payment exceptions: the worklist is what is not resolved, by deadline or by amount."""
    statement = repository.matching(
        wanted={
            "status": status,
            "reason": reason,
            "outcome": outcome,
            "customer_id": customer_id,
            "case_reference": case_reference,
            "currency": currency,
        },
        resolved=resolved,
        deadline_passed=deadline_passed,
        due_before=due_before,
        min_amount=Decimal(min_amount) if min_amount is not None else None,
    )
    first = {"deadline": PaymentExceptionRow.deadline_on, "amount": PaymentExceptionRow.amount}[sort]
    by = (first, PaymentExceptionRow.exception_id)
    rows, cursor = await fetch_page(session, statement, by=by, page=page, descending=sort == "amount")
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.get("/v1/payment-exceptions/{exception_id}")
async def get_exception(
    exception_id: ExceptionId, response: Response, session: Reading, _: Reader
) -> PaymentExceptionDetail:
    """Return a payment exception with what the return opened again, its evidence and all that was done."""
    row = await _found(session, exception_id)
    set_etag(response, row.version)
    return await _detail(session, row)


async def _detail(session: AsyncSession, row: PaymentExceptionRow) -> PaymentExceptionDetail:
    evidence = await repository.evidence_of(session, row.exception_id)
    steps = await repository.steps_of(session, row.exception_id)
    facts = facts_of(row, evidence=len(evidence))
    return PaymentExceptionDetail(
        **shown(row).model_dump(),
        possible_outcomes=list(possible_outcomes(facts)) if facts.outcome is None else [],
        reopened=[ReopenedItem.model_validate(one, from_attributes=True) for one in reopened_of(row)],
        evidence=[Evidence.model_validate(one.model_dump() | {"id": one.evidence_id}) for one in evidence],
        steps=[Step.model_validate(one.model_dump()) for one in steps],
    )


def _change(exception_id: ExceptionId, caller: Applier, expected: ExpectedVersion) -> Change:
    return Change(exception_id=exception_id, by=caller.subject, expected=expected)


Changing = Annotated[Change, Depends(_change)]


@router.post("/v1/payment-exceptions/{exception_id}/evidence", status_code=201)
async def add_evidence(body: EvidenceBody, response: Response, uow: Work, change: Changing) -> PaymentExceptionDetail:
    """Add evidence, by where it is kept, to an exception that is not resolved."""
    change = change.saying(body.note)
    row = await use_cases.add_evidence(uow, change, kind=body.kind, reference=body.reference)
    set_etag(response, row.version)
    return await _detail(uow.session, row)


@router.post(
    "/v1/payment-exceptions/{exception_id}/evidence/files",
    status_code=201,
    max_body_size=FILE_BYTES_MAX + FORM_BYTES_MAX,
)
async def add_evidence_file(
    file: Annotated[UploadFile, File(description="Any document, up to 16 MiB; it is kept to the letter")],
    kind: Annotated[EvidenceKind, Form(description="What it is")],
    response: Response,
    uow: Work,
    change: Changing,
    note: Annotated[str | None, Form(max_length=4000, description="What it shows")] = None,
) -> PaymentExceptionDetail:
    """Add a file as evidence to an exception that is not resolved. It cannot be changed: add another."""
    sent = EvidenceFile.taken(await file.read(), given_name=file.filename, given_type=file.content_type)
    row = await use_cases.add_evidence(uow, change.saying(note), kind=kind, reference=sent.file_name, file=sent)
    set_etag(response, row.version)
    return await _detail(uow.session, row)


@router.get(
    "/v1/payment-exceptions/{exception_id}/evidence/{evidence_id}/content",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file to the letter"}},
)
async def download_evidence(
    exception_id: ExceptionId, evidence_id: EvidenceId, session: Reading, _: Reader
) -> Response:
    """Return a file that is evidence as it was sent, to be saved and not to be shown by a browser."""
    found = await use_cases.evidence_file(session, exception_id, evidence_id)
    return Response(found.content, media_type=found.media_type, headers=download_headers(found.file_name))


@router.post("/v1/payment-exceptions/{exception_id}/contest")
async def contest_exception(body: ContestBody, response: Response, uow: Work, change: Changing) -> PaymentException:
    """Contest a chargeback or card error before its deadline; there must be evidence."""
    return _changed(await use_cases.contest(uow, change.saying(body.note), on=body.contested_on), response)


@router.post("/v1/payment-exceptions/{exception_id}/represent")
async def represent_exception(body: RepresentBody, response: Response, uow: Work, change: Changing) -> PaymentException:
    """Present a cheque, debit or card payment again. When it clears, resolve the exception as `represented`."""
    return _changed(await use_cases.represent(uow, change.saying(body.note), on=body.represented_on), response)


@router.post("/v1/payment-exceptions/{exception_id}/fail")
async def fail_exception(body: FailBody, response: Response, uow: Work, change: Changing) -> PaymentException:
    """Report that a payment which was presented again came back once more: it is open, with a new deadline."""
    return _changed(await use_cases.fail(uow, change.saying(body.note), on=body.value_date), response)


@router.post("/v1/payment-exceptions/{exception_id}/resolve")
async def resolve_exception(
    body: ResolutionBody,
    request: Request,
    response: Response,
    uow: Work,
    owner: CustomerOwner,
    caller: Applier,
    change: Changing,
) -> PaymentException:
    """Settle a payment exception with its outcome.

    With `won` and `represented` the money came back: a receipt is posted, or the one of the bank's file taken, and it pays
    again what the return had opened. With every other outcome the items stay open.
    """
    row = await use_cases.resolve(
        uow,
        change.saying(body.note),
        Resolution(**body.model_dump(exclude={"note"})),
        recorder=recorder(request, caller),
        ask_owner=owner,
    )
    return _changed(row, response)


@router.post("/v1/payment-exceptions/{exception_id}/reopen")
async def reopen_exception(body: ReopenBody, response: Response, uow: Work, change: Changing) -> PaymentException:
    """Open an exception again that was resolved by mistake; not one whose money came back."""
    return _changed(await use_cases.reopen(uow, change.saying(body.note)), response)
