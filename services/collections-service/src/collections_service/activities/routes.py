"""The call log over HTTP."""

from typing import Annotated

from fastapi import Depends, Query

from collections_service.activities import repository, use_cases
from collections_service.activities.domain import ActivityKind
from collections_service.activities.schemas import Activity, ActivityBody
from collections_service.activities.tables import ActivityRow
from collections_service.activities.use_cases import ActivityToLog
from collections_service.receivables.routes import FactOwners
from shared.http.edge import Reading, Work, api_router, requires
from shared.http.pagination import Page, Paging, fetch_page
from shared.security import Principal

router = api_router("activities")

Reader = Annotated[Principal, Depends(requires("collections:read"))]
Writer = Annotated[Principal, Depends(requires("collections:write"))]


def shown(row: ActivityRow) -> Activity:
    """Return an activity as callers see it."""
    return Activity.model_validate(row.model_dump() | {"id": row.activity_id})


@router.post("/v1/activities", status_code=201)
async def post_activity(body: ActivityBody, uow: Work, caller: Writer, owners: FactOwners) -> Activity:
    """Log a call, mail, letter, visit, portal message or note, with its outcome and when to ask again."""
    said = ActivityToLog(**body.model_dump(exclude={"item_ids"}), item_ids=tuple(dict.fromkeys(body.item_ids)))
    return shown(await use_cases.log_activity(uow, owners, said, caller=caller))


@router.get("/v1/activities")
async def list_activities(
    session: Reading,
    page: Paging,
    _: Reader,
    customer_id: Annotated[str | None, Query(max_length=64, description="Only of this customer")] = None,
    kind: Annotated[ActivityKind | None, Query(description="Only of this kind")] = None,
    collector: Annotated[str | None, Query(max_length=200, description="Only those this user logged")] = None,
) -> Page[Activity]:
    """Return the call log, the latest first."""
    rows, cursor = await fetch_page(
        session,
        repository.matching(customer_id, kind, collector),
        by=(ActivityRow.occurred_on, ActivityRow.activity_id),
        page=page,
        descending=True,
    )
    return Page(data=[shown(row) for row in rows], next_cursor=cursor)
