"""Holds over HTTP; a person lets them go in `releases`."""

from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from credit_service.customers import use_cases as customers
from credit_service.hold_worklist import use_cases
from credit_service.hold_worklist.schemas import HeldOrder, HoldDetail
from credit_service.holds.domain import HoldSort, HoldStatus
from credit_service.holds.repository import HoldsWanted
from shared.days import Day
from shared.http.edge import Reading, api_router, requires, set_etag
from shared.http.pagination import Page, Paging
from shared.money import AMOUNT_DIGITS_MAX
from shared.security import Principal

router = api_router("holds")

Key = Annotated[str | None, Query(max_length=64, description="Only holds with this number of the ERP")]
Reader = Annotated[Principal, Depends(requires("credit:read"))]
AsOf = Annotated[Day | None, Query(description="Day for ages and limits; today by default")]


async def wanted_holds(
    session: Reading,
    status: Annotated[
        list[HoldStatus] | None, Query(description="Only holds in one of these states; an order waits in the first two")
    ] = None,
    customer_id: Key = None,
    order_id: Key = None,
    analyst: Annotated[str | None, Query(max_length=200, description="The customer's credit analyst")] = None,
    rule: Annotated[
        str | None, Query(max_length=64, description="A rule that holds the order; `manual` where a person does")
    ] = None,
    manual: Annotated[bool | None, Query(description="Held by a person, or by rules alone")] = None,
    min_amount: Annotated[
        Decimal | None,
        Query(ge=0, max_digits=AMOUNT_DIGITS_MAX + 4, decimal_places=4, description="In the account's currency"),
    ] = None,
    delivery_before: Annotated[
        Day | None, Query(description="Wanted before that day; orders without one are left out")
    ] = None,
) -> HoldsWanted:
    """Return which holds are asked for."""
    mine = None if analyst is None else tuple(await customers.customers_of(session, analyst))
    return HoldsWanted(frozenset(status or ()), customer_id, mine, order_id, rule, manual, min_amount, delivery_before)


@router.get("/v1/holds")
async def list_holds(
    session: Reading,
    page: Paging,
    request: Request,
    _: Reader,
    wanted: Annotated[HoldsWanted, Depends(wanted_holds)],
    sort: Annotated[
        HoldSort, Query(description="`age`: oldest first; `amount`: highest first; `delivery_date`: earliest first")
    ] = "age",
    as_of: AsOf = None,
) -> Page[HeldOrder]:
    """List holds with what an analyst has to know to decide them."""
    day = as_of or request.app.state.units.clock.today()
    held, cursor = await use_cases.held_orders(session, wanted, sort=sort, page=page, as_of=day)
    return Page(data=held, next_cursor=cursor)


@router.get("/v1/holds/{hold_id}")
async def get_hold(
    hold_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    response: Response,
    session: Reading,
    request: Request,
    _: Reader,
    as_of: AsOf = None,
) -> HoldDetail:
    """Return a hold with its history."""
    hold = await use_cases.held_order(session, hold_id, as_of or request.app.state.units.clock.today())
    set_etag(response, hold.version)
    return hold
