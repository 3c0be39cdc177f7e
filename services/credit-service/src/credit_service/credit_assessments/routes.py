"""Credit assessments over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from credit_service.credit_assessments import repository, use_cases
from credit_service.credit_assessments.domain.assessment import AssessmentNotFoundError
from credit_service.credit_assessments.schemas import (
    AssessmentBatchBody,
    AssessmentBody,
    AssessmentSummary,
    CreditAssessment,
    Replay,
    replayed,
    shown,
    summary,
)
from credit_service.credit_assessments.tables import CreditAssessmentRow
from credit_service.credit_assessments.use_cases import Wish, statement_fact
from credit_service.customers import use_cases as customers
from credit_service.financial_statements.schemas import given
from credit_service.journal import use_cases as journal
from credit_service.scorecards import use_cases as scorecards
from shared.http.edge import Work, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.jobs import Job, enqueue
from shared.security import Principal

router = api_router("credit assessments")

AssessmentId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("credit_file:read"))]
Writer = Annotated[Principal, Depends(requires("credit_file:write"))]


@router.post(
    "/v1/credit-assessments",
    status_code=201,
    responses={200: {"model": CreditAssessment, "description": "A dry run"}},
)
async def assess_customer(body: AssessmentBody, response: Response, uow: Work, caller: Writer) -> CreditAssessment:
    """Assess a customer by the scorecard: score, risk class, recommended limit and terms, each with what moved it.

    Score, class and review date are the account's at once; held orders are looked at again. Limit and terms are
    recommendations, taken over by a limit request that names the assessment as evidence. A dry run stores and changes nothing
    (200).
    """
    statement = None
    if body.financials is not None:
        body.financials.figures.ensure_consistent()
        statement = statement_fact(given(body.financials), None)
    wish = Wish(
        as_of=body.as_of or uow.clock.today(),
        scorecard=await scorecards.scorecard_of(uow.session, body.scorecard_id),
        method=body.method,
        requested_by=caller.subject,
        statement=statement,
        expected_purchases=body.expected_purchases,
        currency=body.currency,
        dry_run=body.dry_run,
    )
    response.status_code = 200 if body.dry_run else 201
    return shown(await use_cases.assess_customer(uow, body.customer_id, wish))


@router.post("/v1/credit-assessments/batch", status_code=202)
async def assess_customers(body: AssessmentBatchBody, uow: Work, caller: Writer) -> Job:
    """Assess many customers, or all, by a job: by the scorecard's present version, each in its place once.

    The result tells how many were assessed, taken over and in which class; `errors` names those that could not be.
    """
    scorecard = await scorecards.scorecard_of(uow.session, body.scorecard_id)
    params = {
        "customer_ids": sorted(set(body.customer_ids)) if body.customer_ids is not None else None,
        "as_of": (body.as_of or uow.clock.today()).isoformat(),
        "method": body.method,
        "scorecard_id": scorecard.scorecard_id,
        "scorecard_version": scorecard.version,
    }
    return await enqueue(uow, prefix="crj", kind=use_cases.ASSESS_CUSTOMERS, requested_by=caller.subject, params=params)


@router.get("/v1/credit-assessments")
async def list_credit_assessments(
    uow: Work,
    page: Paging,
    caller: Reader,
    customer_id: Annotated[str, Query(min_length=1, max_length=64, description="Whose assessments")],
) -> Page[AssessmentSummary]:
    """List a customer's assessments in short, newest first. The journal tells who read them."""
    await customers.ensure_known(uow.session, customer_id)
    statement, by = repository.of_customer(customer_id), (CreditAssessmentRow.assessment_id,)
    rows, cursor = await fetch_page(uow.session, statement, by=by, page=page, descending=True)
    await journal.record_read(uow, customer_id, subject="credit_assessments", by=caller.subject)
    return Page(data=[summary(row) for row in rows], next_cursor=cursor)


@router.get("/v1/credit-assessments/{assessment_id}")
async def get_credit_assessment(assessment_id: AssessmentId, uow: Work, caller: Reader) -> CreditAssessment:
    """Return an assessment. The journal tells who read it."""
    row = await repository.find(uow.session, assessment_id)
    if row is None:
        raise AssessmentNotFoundError(assessment_id)
    await journal.record_read(uow, row.customer_id, subject=assessment_id, by=caller.subject)
    return shown(row.model_dump())


@router.post("/v1/credit-assessments/{assessment_id}/replay")
async def replay_credit_assessment(assessment_id: AssessmentId, uow: Work, caller: Reader) -> Replay:
    """Assess again on the stored facts by the same version of the scorecard, and tell whether it comes to the same.

    Nothing is changed. The journal tells who read it.
    """
    done = await use_cases.replay(uow.session, assessment_id)
    await journal.record_read(uow, done.customer_id, subject=assessment_id, by=caller.subject)
    return replayed(assessment_id, done.outcome, identical=done.identical)
