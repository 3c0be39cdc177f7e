"""Taking money in, and applying what waited for an order. The receipt is locked first, then its items by id."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from cashapp_service.applications import use_cases as applications
from cashapp_service.applications.domain.decision import Decision, Recorder, decision_of
from cashapp_service.applications.domain.plan import Terms
from cashapp_service.customers import use_cases as customers
from cashapp_service.incoming_payments.domain import for_order
from cashapp_service.items import use_cases as items
from cashapp_service.items.domain.item import Item
from cashapp_service.ledger import use_cases as ledger
from cashapp_service.matching import use_cases as matching
from cashapp_service.receipts import use_cases as receipts
from cashapp_service.receipts.domain import Receipt
from cashapp_service.tolerance_groups.domain import NOTHING_WITHOUT_ASKING
from shared.unit_of_work import UnitOfWork


async def receive_payment(
    uow: UnitOfWork, receipt: Receipt, *, recorder: Recorder, ask_owner: customers.AskOwner
) -> tuple[str, bool]:
    """Take a receipt in, match it, apply it where matching is sure enough; return its id and whether it is new.

    Raises `UnknownCustomerError`, and `ReceiptExistsError` where its bank reference is that of another receipt.
    """
    before = await receipts.posted_before(uow, receipt)
    if before is not None:
        return before.receipt_id, False
    if receipt.customer_id is not None:
        await customers.ensure_known(uow, receipt.customer_id, ask_owner)
    rules = matching.Rules(recorder.policy, recorder.automatic.roles)
    found = await matching.match(uow.session, receipt, rules, best_only=True)
    best = found.best
    receipt = replace(receipt, customer_id=found.customer_id)
    matches = {receipt.receipt_id: found.shown} if found.shown else {}
    (receipt,), entries = await receipts.receive(uow, [receipt], source="api", matches=matches)
    await ledger.post(uow, entries)
    decision = decision_of(best) if best is not None and best.automatic else None
    of_order = await _open_of_order(uow, receipt)
    named = {one.item_id for one in decision.wanted} if decision else set()
    locked = await items.locked(uow, {*named, *of_order})
    if decision:
        own = {item_id: locked[item_id] for item_id in named}
        decision = replace(decision, posting_date=await applications.first_open_day(uow, receipt, own))
        terms = await applications.terms_for(uow, receipt, own, decision, recorder.automatic)
        plan = applications.plan_or_leave(receipt, own, decision, terms)
        if plan is not None:
            receipt, changed = await applications.carry_out(uow, receipt, own, plan, decision.method, recorder)
            locked |= changed
    if receipt.order_id is not None and receipt.customer_id is not None:
        await _prepay(uow, receipt, {item_id: locked[item_id] for item_id in of_order}, recorder)
    return receipt.receipt_id, True


async def _open_of_order(uow: UnitOfWork, receipt: Receipt) -> list[str]:
    if receipt.order_id is None or receipt.customer_id is None:
        return []
    return await items.open_of_order(uow.session, receipt.order_id, customer_id=receipt.customer_id)


async def _prepay(uow: UnitOfWork, receipt: Receipt, locked: dict[str, Item], recorder: Recorder) -> dict[str, Item]:
    """Apply what is left of a locked receipt to what is open of its order, put the rest on account; return the items then."""
    wanted = for_order(receipt, locked.values())
    rest = max(receipt.unapplied - sum((one.amount for one in wanted), Decimal(0)), Decimal(0))
    day = await applications.first_open_day(uow, receipt, {one.item_id: locked[one.item_id] for one in wanted})
    decision = Decision(wanted=wanted, on_account=rest, posting_date=day, method="prepayment")
    plan = applications.plan_or_leave(receipt, locked, decision, Terms(policy=recorder.policy))
    if plan is None:
        return locked
    _, changed = await applications.carry_out(uow, receipt, locked, plan, decision.method, recorder)
    return changed


async def apply_prepayments(uow: UnitOfWork, order_ids: Iterable[str], *, by: str) -> None:
    """Apply the money that prepays these orders to what is open of them, the earliest receipt first.

    Orders for which no money waits cost one query for all of them.
    """
    waiting = await receipts.locked_prepayments(uow, order_ids)
    concerned = {item_id for receipt in waiting for item_id in await _open_of_order(uow, receipt)}
    locked = await items.locked(uow, concerned)
    for receipt in waiting:
        locked = await _prepay(uow, receipt, locked, Recorder(by=by, policy=NOTHING_WITHOUT_ASKING))
