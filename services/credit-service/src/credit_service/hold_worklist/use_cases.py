"""Gathers what an analyst has to know of held orders, in a few queries for a whole page."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_decisions.domain.decision import Decided
from credit_service.credit_policies import use_cases as credit_policies
from credit_service.customers import use_cases as customers
from credit_service.hold_worklist.schemas import HeldOrder, HoldDetail, fields
from credit_service.holds import use_cases as holds
from credit_service.holds.domain import UNDECIDED, HoldSort
from credit_service.holds.repository import HoldsWanted
from credit_service.holds.use_cases import ListedHold
from credit_service.orders import use_cases as orders
from credit_service.releases import use_cases as releases
from credit_service.releases.use_cases import Judged
from shared.http.pagination import PageRequest


async def held_orders(
    session: AsyncSession, wanted: HoldsWanted, *, sort: HoldSort, page: PageRequest, as_of: date
) -> tuple[list[HeldOrder], str | None]:
    """Return a page of holds and the cursor of the next; raise `InvalidCursorError`."""
    listed, cursor = await holds.listed(session, wanted, sort=sort, page=page)
    return [HeldOrder.model_validate(one) for one in await _told(session, listed, as_of)], cursor


async def held_order(session: AsyncSession, hold_id: str, as_of: date) -> HoldDetail:
    """Return a hold with its history; raise `HoldNotFoundError`."""
    (told,) = await _told(session, [await holds.listed_one(session, hold_id)], as_of)
    return HoldDetail.model_validate(told | {"history": await holds.history(session, hold_id)})


async def _told(session: AsyncSession, listed: Sequence[ListedHold], as_of: date) -> list[dict[str, Any]]:
    found = await orders.orders_by_number(session, [one.shown.order_id for one in listed])
    numbers = {one.shown.customer_id for one in listed}
    accounts = await credit_accounts.accounts(session, numbers)
    people = await customers.names_and_analysts(session, numbers)
    policies = await credit_policies.policies(session)
    judged: dict[str, Judged] = {}
    for hold in (one.shown for one in listed):
        account = accounts[hold.customer_id]
        if hold.status in UNDECIDED:
            # Never as of a day before the one that it was judged on.
            day = max(hold.as_of, as_of)
            judged[hold.id] = Judged(account, found[hold.order_id], policies[account.risk_class], day)
    known = await releases.known_facts(session, list(judged.values()))
    looked_at: dict[str, Decided] = {
        hold_id: releases.again(one, known[one.order.order_id], person="held") for hold_id, one in judged.items()
    }
    return [
        fields(
            one,
            found[one.shown.order_id],
            accounts[one.shown.customer_id],
            looked_at.get(one.shown.id),
            name=people[one.shown.customer_id][0],
            credit_analyst=people[one.shown.customer_id][1],
            as_of=as_of,
        )
        for one in listed
    ]
