"""Items over HTTP."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Path, Response

from cashapp_service.items import repository, use_cases
from cashapp_service.items.schemas import DueDateBody, Item, ItemFilter, content_of
from cashapp_service.items.tables import ItemRow, to_posted
from shared.http.edge import ExpectedVersion, Reading, Work, api_router, requires, set_etag
from shared.http.pagination import Page, Paging, fetch_page
from shared.money import exact
from shared.security import Principal

router = api_router("items")

Reader = Annotated[Principal, Depends(requires("items:read"))]
Writer = Annotated[Principal, Depends(requires("items:write"))]


def shown(row: ItemRow, balance: Decimal | None = None) -> Item:
    """Return an item on the wire, with its present balance or the one given."""
    content = content_of(to_posted(row))
    if balance is not None:
        content |= {"balance": exact(balance, row.currency), "status": "open" if balance else "cleared"}
    return Item.model_validate(content)


@router.post("/v1/items/{item_id}/due-date", status_code=200)
async def change_due_date(
    item_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    body: DueDateBody,
    response: Response,
    uow: Work,
    expected: ExpectedVersion,
    _: Writer,
) -> Item:
    """Make an open item due on another day. Cash discounts stay as they are; the history tells who changed it why."""
    item = await use_cases.change_due_date(uow, item_id, expected_version=expected, **body.model_dump())
    set_etag(response, item.version)
    (row,) = await repository.find_many(uow.session, [item_id])
    await uow.session.refresh(row)
    return shown(row)


@router.get("/v1/items")
async def list_items(
    session: Reading,
    page: Paging,
    _: Reader,
    wanted: Annotated[ItemFilter, Depends()],
) -> Page[Item]:
    """List items by due date. With `as_of`, those posted by that day with the balance they had, from the postings."""
    statement = repository.matching(wanted)
    rows, cursor = await fetch_page(session, statement, by=(ItemRow.due_date, ItemRow.item_id), page=page)
    balances = await _balances(session, rows, wanted.as_of)
    return Page(data=[shown(row, balances.get(row.item_id)) for row in rows], next_cursor=cursor)


async def _balances(session: Any, rows: list[ItemRow], as_of: date | None) -> dict[str, Decimal]:
    if as_of is None:
        return {}
    return await repository.balances_as_of(session, [row.item_id for row in rows], as_of)
