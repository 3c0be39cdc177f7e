"""Puts orders on hold by hand."""

from dataclasses import dataclass, replace
from datetime import date

from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import Account
from credit_service.credit_decisions import use_cases as credit_decisions
from credit_service.credit_decisions.domain.decision import Decided
from credit_service.credit_policies import use_cases as credit_policies
from credit_service.credit_policies.domain import Policy
from credit_service.holds import use_cases as holds
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.manual_holds.domain import ManualHoldExistsError, OrderNotHoldableError, is_holdable, told
from credit_service.orders import use_cases as orders
from credit_service.orders.domain import Order
from credit_service.releases import use_cases as releases
from credit_service.releases.use_cases import Judged
from shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ManualHold:
    """Why a person holds orders, and as of which business day."""

    reason_code: str
    note: str
    by: str
    as_of: date


async def hold_order(uow: UnitOfWork, order_id: str, wanted: ManualHold) -> tuple[str, bool]:
    """Put an order on hold and return its hold, and whether that is new; an automatic hold gets this as a further reason.

    Its reservation stays or goes as the policy says of held orders. Raises `OrderNotFoundError`, `OrderNotHoldableError`,
    `ManualHoldExistsError`.
    """
    seen = await orders.order(uow.session, order_id)
    account = await credit_accounts.locked_account(uow, seen.customer_id)
    order = await orders.order(uow.session, order_id)
    if not is_holdable(order):
        raise OrderNotHoldableError(order_id, order.status)
    if order.manual_hold is not None and order.hold_id is not None:
        raise ManualHoldExistsError(order_id, order.hold_id)
    policy = await credit_policies.policy_of(uow.session, account.risk_class)
    decided = await _hold(uow, account, order, policy, wanted)
    await releases.recheck(uow, decided.account)
    assert decided.order.hold_id is not None, "a person holds it"
    return decided.order.hold_id, order.hold_id is None


async def hold_open_orders(uow: UnitOfWork, account: Account, wanted: ManualHold) -> list[str]:
    """Put everything of a locked account on hold that is still to go, and return the holds; what is held by hand stays so."""
    policy = await credit_policies.policy_of(uow.session, account.risk_class)
    held = {hold.order_id for hold in await holds.open_holds(uow, account.customer_id)}
    reserving = await orders.reserving(uow.session, account.customer_id)
    found = await orders.orders_by_number(uow.session, sorted(held | set(reserving)))
    placed: list[str] = []
    for order in sorted(found.values(), key=lambda one: one.order_id):
        if order.manual_hold is None and is_holdable(order):
            decided = await _hold(uow, account, order, policy, wanted)
            account = decided.account
            placed += [decided.order.hold_id or ""]
    return placed


async def _hold(uow: UnitOfWork, account: Account, order: Order, policy: Policy, wanted: ManualHold) -> Decided:
    by_hand = replace(order, manual_hold=told(wanted.reason_code, wanted.note))
    judged = Judged(account, by_hand, policy, wanted.as_of)
    known = (await releases.known_facts(uow.session, [judged]))[order.order_id]
    decided = releases.again(judged, known, person="held")
    await credit_decisions.record(uow, [releases.recorded(decided, wanted.by, f"held by hand: {wanted.reason_code}")])
    new = {"order_id": order.order_id, "status": order.status, "reason_code": wanted.reason_code}
    entry = Entry(account.customer_id, "hold.placed", wanted.by, decided.order.hold_id, {}, new, wanted.note or None)
    await journal.record(uow, entry)
    return decided
