"""Takes over how far customers are dunned, and looks again at what is held."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.dunning import repository
from credit_service.receivables import use_cases as receivables
from credit_service.releases import use_cases as releases
from shared.events.cashapp import ItemEvent
from shared.events.collections import DunningSent
from shared.unit_of_work import UnitOfWork


async def take_notices(uow: UnitOfWork, events: Sequence[DunningSent]) -> None:
    """Take over the levels that dunning notices tell; a lower or an equal one changes nothing."""
    dunned: dict[str, dict[str, Any]] = {}
    days: dict[str, date] = {}
    for notice in (event.notice for event in events):
        days[notice.customer_id] = max(notice.dunned_on, days.get(notice.customer_id, notice.dunned_on))
        for item in notice.items:
            known = dunned.setdefault(item.item_id, {"item_id": item.item_id, "level": 0, "dunned_on": date.min})
            known["customer_id"] = notice.customer_id
            known["level"] = max(known["level"], item.level)
            known["dunned_on"] = max(known["dunned_on"], notice.dunned_on)
    await credit_accounts.accounts_or_their_place(uow, days)
    if dunned:
        await repository.raise_levels(uow.session, [dunned[item_id] for item_id in sorted(dunned)])
        await settle(uow, days.keys(), days=days)


async def take_items(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Reckon again how far customers are dunned of whom an item that was dunned is paid, or open again."""
    customers = await repository.customers_of(uow.session, {event.item.item_id for event in events})
    if customers:
        days: dict[str, date] = {}
        for customer_id, day in ((event.item.customer_id, event.posting.posting_date) for event in events):
            days[customer_id] = max(day, days.get(customer_id, day))
        await settle(uow, customers, days=days)


async def settle(uow: UnitOfWork, customer_ids: Collection[str], *, days: Mapping[str, date]) -> None:
    """Write the highest level of an open item to the accounts; what is held is looked at again where it changed.

    An item that was not told yet counts as open: no fact is not a good fact.
    """
    accounts = await credit_accounts.locked_accounts(uow, customer_ids)
    dunned = await repository.levels(uow.session, accounts)
    cleared = await receivables.cleared_among(uow.session, [item_id for _, item_id, _ in dunned])
    highest: dict[str, int] = {}
    for customer_id, item_id, level in dunned:
        if item_id not in cleared:
            highest[customer_id] = max(level, highest.get(customer_id, 0))
    for customer_id, account in accounts.items():
        after = replace(account, dunning_level=highest.get(customer_id, 0))
        if await credit_accounts.note_conduct(uow, account, after):
            await releases.recheck(uow, after, day=days.get(customer_id))
