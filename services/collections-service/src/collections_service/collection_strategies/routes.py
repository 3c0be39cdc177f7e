"""Collection strategies over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response

from collections_service.collection_strategies import repository, use_cases
from collections_service.collection_strategies.domain import StrategyNotFoundError
from collections_service.collection_strategies.schemas import Strategy, StrategyBody
from collections_service.collection_strategies.tables import CollectionStrategyRow
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.security import Principal

router = api_router("collection-strategies")

StrategyId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="`default` ranks who has no own strategy")
]
Reader = Annotated[Principal, Depends(requires("collections:read"))]
Writer = Annotated[Principal, Depends(requires("policies:write"))]


def shown(row: CollectionStrategyRow) -> Strategy:
    """Return a strategy as callers see it."""
    return Strategy.model_validate(row.model_dump() | {"id": row.strategy_id})


@router.get("/v1/collection-strategies/{strategy_id}")
async def get_strategy(strategy_id: StrategyId, response: Response, session: Reading, _: Reader) -> Strategy:
    """Return the strategy in use."""
    row = await repository.find(session, strategy_id)
    if row is None:
        raise StrategyNotFoundError(strategy_id)
    set_etag(response, row.version)
    return shown(row)


@router.put("/v1/collection-strategies/{strategy_id}", responses={201: {"model": Strategy}})
async def put_strategy(
    strategy_id: StrategyId,
    body: StrategyBody,
    response: Response,
    uow: Work,
    caller: Writer,
    expected: ExpectedVersion,
) -> Strategy:
    """Create a strategy (201) or put its next version (200). Equal content changes nothing; old versions are kept."""
    content = body.model_dump(mode="json") | {
        "rules": [rule.model_dump(mode="json", exclude_defaults=True) for rule in body.rules]
    }
    row, created = await use_cases.put_strategy(uow, strategy_id, content, caller=caller, expected_version=expected)
    response.status_code = 201 if created else 200
    set_etag(response, row.version)
    return shown(row)
