"""Events of how a customer pays, as credit-service receives them, applied as its consumer does."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from credit_service.subscriptions import SUBSCRIPTIONS
from shared.broker.subscriptions import PreparedEvent, apply
from shared.events.cashapp import PaymentEvent, PaymentReceived, PaymentReturned, ReceiptPosting, ReceiptState
from shared.events.collections import (
    DunnedItem,
    DunningNoticeState,
    DunningSent,
    PromiseBroken,
    PromiseEvent,
    PromiseKept,
    PromiseMade,
    PromiseReopened,
    PromiseState,
    PromiseStatus,
    PromiseWithdrawn,
)
from shared.events.envelope import EventData, wrap
from shared.unit_of_work import Units

_PROMISE_EVENTS: dict[PromiseStatus, type[PromiseEvent]] = {
    "open": PromiseMade,
    "kept": PromiseKept,
    "partially_kept": PromiseBroken,
    "broken": PromiseBroken,
    "withdrawn": PromiseWithdrawn,
}


async def deliver(units: Units, *events: EventData) -> None:
    """Apply events by the service's own table of subscriptions, each in a transaction of its own."""
    for event in events:
        await deliver_together(units, [event])


async def deliver_together(units: Units, events: Sequence[EventData]) -> None:
    """Apply events in one transaction, as the consumer does with what waits for it."""
    async with units.begin() as uow:
        prepared = [
            PreparedEvent(
                wrap(event, source="test", at=units.clock.now(), correlation_id=None), event, SUBSCRIPTIONS[type(event)]
            )
            for event in events
        ]
        await apply(uow, prepared)


def promise(
    number: str, customer_id: str, status: PromiseStatus, *, on: str = "2026-03-01", version: int = 2
) -> PromiseEvent:
    """Return the event that tells a promise's present state; an open one of a later version is open again."""
    state = PromiseState(
        promise_id=f"prm_{number}",
        customer_id=customer_id,
        made_on=date(2026, 2, 1),
        promised_on=date.fromisoformat(on),
        amount=Decimal(100),
        currency="EUR",
        status=status,
        kept_amount=Decimal(100) if status == "kept" else Decimal(0),
    )
    model = PromiseReopened if status == "open" and version > 1 else _PROMISE_EVENTS[status]
    return model(version=version, promise=state)


def notice(
    number: str, customer_id: str, levels: dict[str, int], *, on: str = "2026-03-01", version: int = 1
) -> DunningSent:
    """Return the event of a dunning notice with the levels of its items, by their numbers."""
    state = DunningNoticeState(
        notice_id=f"dun_{number}",
        customer_id=customer_id,
        company_code="1000",
        dunned_on=date.fromisoformat(on),
        level=max(levels.values()),
        items=[DunnedItem(item_id=f"itm_{item}", number=item, level=level) for item, level in levels.items()],
    )
    return DunningSent(version=version, notice=state)


def money(
    number: str, customer_id: str | None, *, returned_on: str | None = None, returned: bool = False, version: int = 1
) -> PaymentEvent:
    """Return an event of a receipt of 1 March: with `returned_on` the return itself, with `returned` one told after it."""
    gone = returned or returned_on is not None
    state = ReceiptState(
        receipt_id=f"rcp_{number}",
        method="direct_debit",
        customer_id=customer_id,
        company_code="1000",
        amount=Decimal(100),
        currency="EUR",
        value_date=date(2026, 3, 1),
        status="returned" if gone else "unapplied" if customer_id else "unidentified",
        applied=Decimal(0),
        on_account=Decimal(0),
        unapplied=Decimal(0) if gone or not customer_id else Decimal(100),
        unidentified=Decimal(0) if gone or customer_id else Decimal(100),
        refunded=Decimal(0),
        returned=Decimal(100) if gone else Decimal(0),
    )
    posting = ReceiptPosting(
        posting_id=f"pst_{number}_{version}",
        posting_date=date.fromisoformat(returned_on or "2026-03-01"),
        on_account=Decimal(0),
        unapplied=Decimal(0),
        unidentified=Decimal(0),
    )
    if returned_on is not None:
        return PaymentReturned(version=version, receipt=state, posting=posting, reason="nsf", allocations=[])
    return PaymentReceived(version=version, receipt=state, posting=posting)
