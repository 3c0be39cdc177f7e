"""Credit decisions over HTTP: what was decided, and on which facts."""

from typing import Annotated

from fastapi import Depends, Path, Query

from credit_service.credit_decisions import repository
from credit_service.credit_decisions.domain.made import DecisionNotFoundError
from credit_service.credit_decisions.schemas import DecisionWithFacts, RecordedDecision, recorded, with_facts
from credit_service.credit_decisions.tables import CreditDecisionRow
from credit_service.orders import use_cases as orders
from shared.errors import InvalidError
from shared.http.edge import Reading, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("credit decisions")

Reader = Annotated[Principal, Depends(requires("credit:read"))]
Key = Annotated[
    str | None, Query(min_length=1, max_length=64, description="Only decisions with this number of the ERP")
]


@router.get("/v1/credit-decisions")
async def list_credit_decisions(
    session: Reading, page: Paging, _: Reader, customer_id: Key = None, order_id: Key = None
) -> Page[RecordedDecision]:
    """List the decisions on a customer's orders or on one order, oldest first."""
    if customer_id is None and order_id is None:
        raise InvalidError("Name a customer_id or an order_id.", field="customer_id")
    ids = None if order_id is None else await orders.decisions_of(session, order_id)
    statement = repository.matching(customer_id=customer_id, decision_ids=ids)
    rows, cursor = await fetch_page(session, statement, by=(CreditDecisionRow.decision_id,), page=page)
    return Page(data=[recorded(row) for row in rows], next_cursor=cursor)


@router.get("/v1/credit-decisions/{decision_id}")
async def get_credit_decision(
    decision_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    session: Reading,
    _: Reader,
) -> DecisionWithFacts:
    """Return a decision with the facts, the policy version and the rate that it saw."""
    row = await repository.find(session, decision_id)
    if row is None:
        raise DecisionNotFoundError(decision_id)
    return with_facts(row)
