"""The worklist over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Request

from collections_service.worklists import use_cases
from collections_service.worklists.domain import Entry
from collections_service.worklists.schemas import Worklist, WorklistEntry, WorklistReason
from shared.days import Day
from shared.http.edge import Reading, api_router, requires
from shared.http.pagination import Paging
from shared.security import Principal
from shared.unit_of_work import Units

router = api_router("worklist")

Reader = Annotated[Principal, Depends(requires("collections:read"))]


def shown(entry: Entry) -> WorklistEntry:
    """Return an entry as callers see it."""
    position, standing = entry.position, entry.position.standing
    return WorklistEntry(
        customer_id=standing.customer_id,
        name=standing.name,
        collector=standing.collector,
        risk_class=standing.risk_class,
        priority=entry.priority,
        reasons=[WorklistReason(rule=one.rule, points=one.points, detail=one.detail) for one in entry.reasons],
        currency=standing.currency,
        past_due=standing.past_due.amount,
        collectible=position.collectible.amount,
        oldest_due_date=standing.oldest_due_date,
        open_promises=position.open_promises.amount,
        broken_promises=position.broken_promises,
        disputes=standing.disputes,
        disputed=standing.disputed.amount,
        unapplied=standing.unapplied.amount,
        holds=standing.holds,
        last_contact=entry.last_contact,
        next_action=entry.next_action,
    )


@router.get("/v1/worklist")
async def get_worklist(
    request: Request,
    session: Reading,
    page: Paging,
    _: Reader,
    collector: Annotated[str | None, Query(max_length=200, description="Only customers of this user")] = None,
    as_of: Annotated[Day | None, Query(description="YYYY-MM-DD; default today")] = None,
) -> Worklist:
    """Return customers in order of priority, with the rules that speak for each.

    Balances, unapplied cash, promises and contacts are those as of the day; disputes and holds the present ones.
    """
    units: Units = request.app.state.units
    day = as_of or units.clock.today()
    entries = await use_cases.rank_customers(session, as_of=day, collector=collector)
    rows, cursor = use_cases.page_of(entries, page)
    return Worklist(data=[shown(entry) for entry in rows], next_cursor=cursor, as_of=day)
