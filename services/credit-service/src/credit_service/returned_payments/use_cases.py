"""Takes over which receipts were returned, and looks again at what is held."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.releases import use_cases as releases
from credit_service.returned_payments import repository
from shared.events.cashapp import PaymentEvent, PaymentReturned
from shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Told:
    """What a batch of events tells of one receipt: its newest state, and the latest day on which it was returned."""

    newest: PaymentEvent
    returned_on: date | None

    def and_then(self, event: PaymentEvent) -> "_Told":
        newest = event if event.version > self.newest.version else self.newest
        days = [day for day in (self.returned_on, _returned_on(event)) if day is not None]
        return _Told(newest, max(days, default=None))

    @property
    def state(self) -> dict[str, Any]:
        receipt = self.newest.receipt
        return {
            "receipt_id": receipt.receipt_id,
            "version": self.newest.version,
            "customer_id": receipt.customer_id,
            "is_returned": receipt.returned > 0,
            "value_date": receipt.value_date,
            "returned_on": self.returned_on,
        }


def _returned_on(event: PaymentEvent) -> date | None:
    return event.posting.posting_date if isinstance(event, PaymentReturned) else None


async def take_payments(uow: UnitOfWork, events: Sequence[PaymentEvent]) -> None:
    """Take over what events tell of receipts that were returned, now or before; most events tell of others."""
    told: dict[str, _Told] = {}
    for event in events:
        receipt_id = event.receipt.receipt_id
        told[receipt_id] = told[receipt_id].and_then(event) if receipt_id in told else _Told(event, _returned_on(event))
    known = await repository.known(uow.session, told)
    mine = {receipt_id: one for receipt_id, one in told.items() if receipt_id in known or one.state["is_returned"]}
    if not mine:
        return
    states = [mine[receipt_id].state for receipt_id in sorted(mine)]
    days: dict[str, date] = {}
    for one in mine.values():
        for customer_id in {known.get(one.newest.receipt.receipt_id), one.newest.receipt.customer_id} - {None}:
            assert customer_id is not None, "left out above"
            days[customer_id] = max(one.newest.posting.posting_date, days.get(customer_id, date.min))
    await credit_accounts.accounts_or_their_place(uow, days)
    await repository.save(uow.session, states)
    await settle(uow, days.keys(), days=days)


async def settle(uow: UnitOfWork, customer_ids: Collection[str], *, days: Mapping[str, date]) -> None:
    """Write the days of returned payments to the accounts; what is held is looked at again where they changed."""
    accounts = await credit_accounts.locked_accounts(uow, customer_ids)
    returned = await repository.returned_days(uow.session, accounts)
    for customer_id, account in accounts.items():
        after = replace(account, returned_payments=returned.get(customer_id, ()))
        if await credit_accounts.note_conduct(uow, account, after):
            await releases.recheck(uow, after, day=days.get(customer_id))
