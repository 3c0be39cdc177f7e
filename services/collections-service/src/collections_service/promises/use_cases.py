"""What can be done with a promise, and when it is judged: by every change of a payment, and by the day."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from collections_service.promises import repository
from collections_service.promises.domain import (
    ItemCurrencyError,
    News,
    PromisedBeforeMadeError,
    PromiseNotFoundError,
    PromiseNotOpenError,
    PromisesStanding,
    Verdict,
    default_made_on,
    judge_together,
    news,
)
from collections_service.promises.tables import PromiseRow, promise_of, public_state, verdict_of
from collections_service.receivables import use_cases as receivables
from collections_service.receivables.use_cases import Owners
from shared.events.cashapp import ItemEvent, PaymentEvent
from shared.events.collections import (
    PromiseBroken,
    PromiseEvent,
    PromiseKept,
    PromiseMade,
    PromiseReopened,
    PromiseWithdrawn,
)
from shared.ids import new_id
from shared.money import Money
from shared.security import Principal
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh

_EVENTS: dict[News, type[PromiseEvent]] = {"kept": PromiseKept, "broken": PromiseBroken, "reopened": PromiseReopened}
_MOVES_MONEY = frozenset({"payment", "reversal"})


@dataclass(frozen=True, slots=True)
class PromiseToRecord:
    """What a caller says of a promise."""

    customer_id: str
    promised_on: date
    amount: Money
    item_ids: tuple[str, ...]
    contact: str | None
    made_on: date | None


async def record_promise(
    uow: UnitOfWork, owners: Owners, said: PromiseToRecord, *, caller: Principal, tolerance_days: int
) -> PromiseRow:
    """Record a promise and judge it by the money that is there already.

    Raises `UnknownCustomerError`, `UnknownItemError`, `ForeignItemError`, `ItemCurrencyError`, `PromisedBeforeMadeError`.
    """
    items = await receivables.ensure_known(
        uow, owners, caller=caller, customer_id=said.customer_id, item_ids=said.item_ids, field="items"
    )
    for position, item in enumerate(items):
        if item.currency != said.amount.currency:
            raise ItemCurrencyError(item.item_id, item.currency, f"items.{position}")
    issued_on = max((item.issue_date for item in items), default=None)
    made_on = said.made_on or await _made_on(uow, said, issued_on)
    if said.promised_on < made_on:
        raise PromisedBeforeMadeError(said.promised_on, made_on)
    row = PromiseRow(
        promise_id=new_id("prm"),
        version=1,
        customer_id=said.customer_id,
        made_on=made_on,
        promised_on=said.promised_on,
        tolerance_days=tolerance_days,
        amount=said.amount.amount,
        currency=said.amount.currency,
        item_ids=list(said.item_ids),
        contact=said.contact,
        status="open",
        kept_amount=Money.zero(said.amount.currency).amount,
        judged_on=None,
        recorded_by=caller.subject,
        recorded_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.publish(PromiseMade(version=1, promise=public_state(row)))
    await judge_promises(uow, row.customer_id, row.currency)
    return row


async def _made_on(uow: UnitOfWork, said: PromiseToRecord, issued_on: date | None) -> date:
    newest = issued_on or await receivables.newest_issue_date(
        uow.session, said.customer_id, said.amount.currency, until=said.promised_on
    )
    return default_made_on(today=uow.clock.today(), promised_on=said.promised_on, issued_on=newest)


async def withdraw_promise(uow: UnitOfWork, promise_id: str, *, expected_version: int | None) -> PromiseRow:
    """Take a promise back by agreement; its money may keep another one.

    Raises `PromiseNotFoundError`, `PromiseNotOpenError`, `StaleVersionError`.
    """
    customer_id = (await _found(uow.session, promise_id)).customer_id
    await receivables.lock_customers(uow, [customer_id])
    row = await _found(uow.session, promise_id)
    ensure_fresh(expected_version, row.version)
    if row.status != "open":
        raise PromiseNotOpenError(promise_id, row.status)
    row.status = "withdrawn"
    row.version += 1
    uow.publish(PromiseWithdrawn(version=row.version, promise=public_state(row)))
    await judge_promises(uow, row.customer_id, row.currency)
    return row


async def _found(session: AsyncSession, promise_id: str) -> PromiseRow:
    row = await repository.find(session, promise_id)
    if row is None:
        raise PromiseNotFoundError(promise_id)
    return row


async def judge_promises(uow: UnitOfWork, customer_id: str, currency: str) -> list[Verdict]:
    """Judge a customer's promises in one currency by all payments there are, and return the new verdicts.

    The customer's lock must be held.
    """
    rows = await repository.standing_in(uow.session, customer_id, currency)
    if not rows:
        return []
    since = min(row.made_on for row in rows)
    payments = await receivables.payments_since(uow.session, customer_id, currency, since=since)
    # A promise whose last day no run has passed yet is as it would be on that day.
    verdicts = judge_together([(promise_of(row), row.judged_on or row.promised_on) for row in rows], payments)
    return [after for row in rows if _record(uow, row, after := verdicts[row.promise_id])]


def _record(uow: UnitOfWork, row: PromiseRow, after: Verdict) -> bool:
    """Write a verdict, tell the world what it must know, and return whether it is another one than before."""
    before = verdict_of(row)
    if after == before:
        return False
    row.status, row.kept_amount = after.status, after.kept_amount.amount
    told = news(before, after)
    if told is not None:
        row.version += 1
        uow.publish(_EVENTS[told](version=row.version, promise=public_state(row)))
    return True


async def take_items(uow: UnitOfWork, events: Sequence[ItemEvent]) -> None:
    """Take over items, and judge the promises that their payments may keep or break."""
    moved = [event for event in events if event.posting.kind in _MOVES_MONEY]
    receipt_ids = {event.posting.receipt_id for event in moved if event.posting.receipt_id}
    payers = await receivables.customers_of_receipts(uow.session, receipt_ids) if receipt_ids else set()
    owners = {(event.item.customer_id, event.item.currency) for event in moved}
    await receivables.lock_customers(uow, {event.item.customer_id for event in events} | _customers(payers))
    await receivables.take_items(uow, events)
    await _judge_again(uow, payers | owners)


async def take_payments(uow: UnitOfWork, events: Sequence[PaymentEvent]) -> None:
    """Take over receipts, and judge the promises of everybody whose money it was, is, or paid for."""
    receipts = [event.receipt for event in events]
    before = await receivables.customers_of_receipts(uow.session, {receipt.receipt_id for receipt in receipts})
    now = {(receipt.customer_id, receipt.currency) for receipt in receipts if receipt.customer_id}
    await receivables.lock_customers(uow, _customers(before | now))
    await receivables.take_receipts(uow, events)
    await _judge_again(uow, before | now)


def _customers(pairs: Iterable[tuple[str, str]]) -> set[str]:
    return {customer_id for customer_id, _ in pairs}


async def _judge_again(uow: UnitOfWork, pairs: Collection[tuple[str, str]]) -> None:
    """Judge the promises of customers, each in its currency, where there are any."""
    promising = await repository.promising(uow.session, _customers(pairs)) if pairs else set()
    for customer_id, currency in sorted(promising.intersection(pairs)):
        await judge_promises(uow, customer_id, currency)


async def judge_day(uow: UnitOfWork, as_of: date) -> dict[str, int]:
    """Judge every promise whose last day lies before `as_of`; return how many were decided, by verdict."""
    await receivables.lock_all_customers(uow)
    passed = await repository.pass_day(uow.session, as_of)
    decided = Counter[str]()
    for customer_id, currency in sorted(passed):
        decided.update(verdict.status for verdict in await judge_promises(uow, customer_id, currency))
    return {status: decided[status] for status in ("kept", "partially_kept", "broken")}


async def standings(session: AsyncSession, as_of: date) -> dict[tuple[str, str], PromisesStanding]:
    """Return by (customer, currency) what promises say as of a day."""
    return await repository.standings(session, as_of)
