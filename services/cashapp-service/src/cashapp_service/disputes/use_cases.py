"""Keeping what is disputed of each item, and posting the credit memos that decided cases ask for."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from cashapp_service.disputes import repository
from cashapp_service.disputes.domain import (
    asks_for_credit,
    credit_entry,
    credited_by,
    disputed_amounts,
    spread,
)
from cashapp_service.disputes.tables import DisputeStepRow
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.issue import issue_entry
from cashapp_service.items.domain.item import DEFAULT_COMPANY_CODE, Item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.ledger.domain import LawVerdict
from cashapp_service.periods import use_cases as periods
from shared.events.dispute import DisputeEvent, DisputeState
from shared.ids import new_id
from shared.money import exact
from shared.unit_of_work import UnitOfWork


async def apply_states(uow: UnitOfWork, events: Sequence[DisputeEvent]) -> None:
    """Take the cases' newer states: what they dispute counts in their items."""
    newest: dict[str, DisputeEvent] = {}
    for event in sorted(events, key=lambda one: one.version):
        newest[event.aggregate_id] = event
    await repository.lock(uow.session, newest)
    amounts = {dispute_id: disputed_amounts(event.dispute) for dispute_id, event in newest.items()}
    concerned = await repository.item_ids_of(uow.session, newest)
    named = {one.item_id for event in newest.values() for one in event.dispute.items}
    locked = await items.locked(uow, concerned | named)
    newer = await repository.put_newer(uow.session, newest.values())
    await repository.replace_items(uow.session, {dispute_id: amounts[dispute_id] for dispute_id in newer})
    await items.set_disputed(uow, await repository.totals(uow.session, locked.keys()))
    await repository.keep_steps(
        uow.session, [step for dispute_id in newer for step in _steps(uow, newest[dispute_id], locked)]
    )


def _steps(uow: UnitOfWork, event: DisputeEvent, known: Collection[str]) -> list[DisputeStepRow]:
    """Return what a case's newer state says of each of its items, for their histories."""
    dispute, amounts = event.dispute, disputed_amounts(event.dispute)
    return [
        DisputeStepRow(
            dispute_id=dispute.dispute_id,
            version=event.version,
            item_id=item_id,
            number=dispute.number,
            status=dispute.status,
            amount=amounts.get(item_id, Decimal(0)),
            recorded_at=uow.clock.now(),
        )
        for item_id in dict.fromkeys(one.item_id for one in dispute.items)
        if item_id in known
    ]


async def post_credit(uow: UnitOfWork, dispute: DisputeState, version: int) -> None:
    """Post the credit memo that a decision asks for and apply it to the disputed items; once per decision."""
    if not asks_for_credit(dispute):
        return
    await repository.lock(uow.session, [dispute.dispute_id])
    if await repository.credited(uow.session, dispute.dispute_id, version):
        return
    locked = await items.locked(uow, {one.item_id for one in dispute.items})
    memo = await _memo(uow, dispute, locked)
    takers = {
        item_id: item
        for item_id, item in locked.items()
        if (item.company_code, item.currency) == (memo.company_code, memo.currency) and item.balance > 0
    }
    shares = spread(dispute, abs(memo.amount), takers)
    entries = [issue_entry([memo], dispute_id=dispute.dispute_id)]
    if shares:
        entries.append(credit_entry(memo, shares, takers, dispute.dispute_id))
    await items.record(uow, {**locked, memo.item_id: memo}, entries)
    await ledger.post(uow, entries)
    await repository.record_credit(
        uow.session, dispute_id=dispute.dispute_id, version=version, memo_item_id=memo.item_id
    )


async def credited_for(session: AsyncSession, item_id: str) -> Decimal:
    """Return what decided cases have credited for an item, also of what had been paid of it by then."""
    cases = await repository.cases_that_credited(session, item_id)
    if not cases:
        return Decimal(0)
    concerned = {item_id}.union(*(case.memo_item_ids for case in cases))
    postings = await ledger.postings_of_items(session, sorted(concerned))
    return sum((credited_by(case, item_id, postings) for case in cases), Decimal(0))


async def check_laws(session: AsyncSession) -> list[LawVerdict]:
    """Return the verdicts on what must hold of disputes and their credit memos."""
    return [await ledger.judge(session, **law) for law in repository.LAWS]


async def _memo(uow: UnitOfWork, dispute: DisputeState, locked: dict[str, Item]) -> Item:
    """Return the credit memo: in the company code of the case's first item, named after the case.

    It is posted on the day of the decision, or on the first open day after it.
    """
    first = next((locked[one.item_id] for one in dispute.items if one.item_id in locked), None)
    company_code = first.company_code if first else DEFAULT_COMPANY_CODE
    assert dispute.resolved_on is not None
    assert dispute.resolved_amount is not None
    day = await periods.first_open(uow.session, company_code, dispute.resolved_on)
    return Item(
        item_id=new_id("itm"),
        company_code=company_code,
        number=await items.free_number(uow.session, company_code, f"CM-{dispute.number}"),
        kind="credit_memo",
        customer_id=dispute.customer_id,
        issue_date=dispute.resolved_on,
        due_date=dispute.resolved_on,
        posting_date=day,
        postable_from=day,
        amount=-exact(dispute.resolved_amount, dispute.currency),
        currency=dispute.currency,
        reference=dispute.number,
    )
