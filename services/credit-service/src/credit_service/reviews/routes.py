"""Reviews over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import CustomerNotFoundError
from credit_service.reviews import repository, use_cases
from credit_service.reviews.domain import Horizon
from credit_service.reviews.schemas import Review, ReviewBody, ReviewDue, shown
from credit_service.reviews.tables import AccountReviewRow
from credit_service.settings import CreditSettings
from shared.days import Day
from shared.http.edge import Reading, Work, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("reviews")

CustomerId = Annotated[str, Path(min_length=1, max_length=64, description="The ERP's customer number")]
Reader = Annotated[Principal, Depends(requires("credit:read"))]
Analyst = Annotated[Principal, Depends(requires("limits:request"))]


@router.post("/v1/customers/{customer_id}/reviews", status_code=201)
async def review_customer(
    customer_id: CustomerId, body: ReviewBody, request: Request, uow: Work, caller: Analyst
) -> Review:
    """Record a review and the day of the next one. What was held only because the review was due is released."""
    settings: CreditSettings = request.app.state.settings
    row = await use_cases.review(
        uow,
        customer_id,
        outcome=body.outcome,
        note=body.note,
        reviewed_on=body.reviewed_on,
        next_review_on=body.next_review_on,
        months_by_class=settings.review_months,
        by=caller.subject,
    )
    return shown(row)


@router.get("/v1/customers/{customer_id}/reviews")
async def list_reviews_of_customer(customer_id: CustomerId, session: Reading, page: Paging, _: Reader) -> Page[Review]:
    """List the reviews of a customer, newest first."""
    if not await credit_accounts.accounts(session, [customer_id]):
        raise CustomerNotFoundError(customer_id)
    key = (AccountReviewRow.review_id,)
    rows, cursor = await fetch_page(session, repository.of_customer(customer_id), by=key, page=page, descending=True)
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)


@router.get("/v1/reviews")
async def list_reviews_due(
    request: Request,
    session: Reading,
    page: Paging,
    _: Reader,
    due_before: Annotated[
        Day | None, Query(description="Reviews due before this day; by default up to `as_of`")
    ] = None,
    expiring_within_days: Annotated[
        int | None,
        Query(ge=0, le=366, description="Also limits and temporary increases that end so soon, or have ended"),
    ] = None,
    analyst: Annotated[str | None, Query(max_length=200, description="Only customers that this user watches")] = None,
    risk_class: Annotated[str | None, Query(pattern="^[A-E]$", description="A (best) to E")] = None,
    as_of: Annotated[Day | None, Query(description="Today by default")] = None,
) -> Page[ReviewDue]:
    """List the customers whose credit has to be looked at, the most overdue first."""
    day = as_of or request.app.state.units.clock.today()
    horizon = Horizon.of(day, due_before=due_before, expiring_within_days=expiring_within_days)
    statement, key = repository.accounts_due(horizon, analyst=analyst, risk_class=risk_class)
    customer_ids, cursor = await fetch_page(session, statement, by=key, page=page)
    return Page(data=await use_cases.due_ones(session, customer_ids, horizon), next_cursor=cursor)
