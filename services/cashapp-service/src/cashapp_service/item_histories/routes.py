"""An item's history over HTTP."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Path

from cashapp_service.item_histories import use_cases
from cashapp_service.item_histories.schemas import HistoryStep, ItemHistory
from shared.http.edge import Reading, api_router, requires
from shared.security import Principal

router = api_router("items")

Reader = Annotated[Principal, Depends(requires("items:read"))]


@router.get("/v1/items/{item_id}/history")
async def get_history(
    item_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    session: Reading,
    _: Reader,
) -> ItemHistory:
    """Tell an item's life in order: each posting, submission, dispute and change of its due date, with who, when, by which
    document, and what was open after it.
    """
    item, steps = await use_cases.history_of(session, item_id)
    return ItemHistory(
        item_id=item.item_id,
        number=item.number,
        customer_id=item.customer_id,
        currency=item.currency,
        amount=item.amount,
        balance=item.balance,
        version=item.version,
        steps=[HistoryStep.model_validate(asdict(one)) for one in steps],
    )
