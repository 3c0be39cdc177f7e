"""Recommendations over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from credit_service.recommendations import repository, use_cases
from credit_service.recommendations.domain import RecommendationNotFoundError, RecommendationStatus
from credit_service.recommendations.schemas import (
    DecisionBody,
    DecisionNote,
    Recommendation,
    RecommendationBody,
    shown,
)
from credit_service.recommendations.tables import RecommendationRow
from credit_service.recommendations.use_cases import Recommended
from shared.events.credit import RecommendationKind
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("recommendations")

RecommendationId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Reader = Annotated[Principal, Depends(requires("credit:read"))]
Writer = Annotated[Principal, Depends(requires("recommendations:write"))]
Manager = Annotated[Principal, Depends(requires("recommendations:decide"))]


@router.post("/v1/recommendations", status_code=201)
async def recommend(body: RecommendationBody, response: Response, uow: Work, caller: Writer) -> Recommendation:
    """Recommend something about a problem account. It is `proposed` until a manager decides; one of each kind may wait.

    A reduction without `new_limit` means what the customer owes now: nothing may be added to it.
    """
    proposal = body.proposed.proposal() if body.proposed else None
    what = Recommended(body.customer_id, body.kind, body.rationale, proposal, tuple(body.evidence))
    row = await use_cases.recommend(uow, what, by=caller.subject)
    set_etag(response, row.version)
    return shown(row)


@router.post("/v1/recommendations/{recommendation_id}/decide")
async def decide_recommendation(
    recommendation_id: RecommendationId,
    body: DecisionBody,
    response: Response,
    uow: Work,
    caller: Manager,
    expected: ExpectedVersion,
) -> Recommendation:
    """Accept, modify or reject what somebody else recommended; what is accepted or modified is carried out at once.

    `reduce_limit` lowers the limit, `hold_orders` blocks the account and holds the orders that were approved, `legal` blocks the
    account until who approves limits lifts it. `prepayment` agrees these terms: an order that is not prepaid is then held where
    the policy of the risk class has the rule `payment_terms`, and only there. `payment_plan` and `write_off` are told to the
    services whose work they are.
    """
    row = await use_cases.decide(
        uow,
        recommendation_id,
        decision=body.decision,
        instead=body.proposed.proposal() if body.proposed else None,
        note=body.note,
        by=caller.subject,
        expected_version=expected,
    )
    set_etag(response, row.version)
    return shown(row)


@router.post("/v1/recommendations/{recommendation_id}/withdraw")
async def withdraw_recommendation(
    recommendation_id: RecommendationId,
    response: Response,
    uow: Work,
    caller: Writer,
    expected: ExpectedVersion,
    body: DecisionNote | None = None,
) -> Recommendation:
    """Take back one's own recommendation."""
    note = body.note if body else None
    row = await use_cases.withdraw(uow, recommendation_id, note=note, by=caller.subject, expected_version=expected)
    set_etag(response, row.version)
    return shown(row)


@router.get("/v1/recommendations")
async def list_recommendations(
    session: Reading,
    page: Paging,
    _: Reader,
    customer_id: Annotated[str | None, Query(max_length=64, description="Only of this customer")] = None,
    kind: Annotated[RecommendationKind | None, Query(description="Only recommendations of this kind")] = None,
    status: Annotated[RecommendationStatus | None, Query(description="Only recommendations in this state")] = None,
    recommended_by: Annotated[str | None, Query(max_length=200, description="Only what this user recommended")] = None,
) -> Page[Recommendation]:
    """List recommendations, newest first."""
    statement = repository.matching(customer_id=customer_id, kind=kind, status=status, recommended_by=recommended_by)
    key = (RecommendationRow.recommendation_id,)
    rows, cursor = await fetch_page(session, statement, by=key, page=page, descending=True)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.get("/v1/recommendations/{recommendation_id}")
async def get_recommendation(
    recommendation_id: RecommendationId, response: Response, session: Reading, _: Reader
) -> Recommendation:
    """Return a recommendation."""
    row = await repository.find(session, recommendation_id)
    if row is None:
        raise RecommendationNotFoundError(recommendation_id)
    set_etag(response, row.version)
    return shown(row)
