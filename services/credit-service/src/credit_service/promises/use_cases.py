"""Takes over what became of promises to pay, and looks again at what is held."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.promises import repository
from credit_service.releases import use_cases as releases
from shared.events.collections import PromiseEvent, PromiseKept
from shared.unit_of_work import UnitOfWork

_BROKEN = frozenset({"broken", "partially_kept"})
"""A promise that was kept in part is broken for the rest."""


async def take_promises(uow: UnitOfWork, events: Sequence[PromiseEvent]) -> None:
    """Take over the promises' states that are newer than what is known."""
    states = _states(events)
    customers = {event.promise.customer_id for event in events}
    await credit_accounts.accounts_or_their_place(uow, customers)
    await repository.save_if_newer(uow.session, states)
    kept = {event.promise.customer_id for event in events if isinstance(event, PromiseKept)}
    await settle(uow, customers, look_again=kept)


async def settle(uow: UnitOfWork, customer_ids: Collection[str], *, look_again: Collection[str] = ()) -> None:
    """Write the days of broken promises to the accounts; what is held is looked at again where they changed, or as asked."""
    accounts = await credit_accounts.locked_accounts(uow, customer_ids)
    broken = await repository.broken_days(uow.session, accounts)
    for customer_id, account in accounts.items():
        after = replace(account, broken_promises=broken.get(customer_id, ()))
        if await credit_accounts.note_conduct(uow, account, after) or customer_id in look_again:
            await releases.recheck(uow, after)


def _states(events: Iterable[PromiseEvent]) -> list[dict[str, Any]]:
    newest: dict[str, PromiseEvent] = {}
    for event in events:
        known = newest.setdefault(event.promise.promise_id, event)
        if known.version < event.version:
            newest[event.promise.promise_id] = event
    return [
        {
            "promise_id": promise_id,
            "version": event.version,
            "customer_id": event.promise.customer_id,
            "broken_on": event.promise.promised_on if event.promise.status in _BROKEN else None,
        }
        for promise_id, event in sorted(newest.items())
    ]
