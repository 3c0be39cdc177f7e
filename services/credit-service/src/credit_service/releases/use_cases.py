"""Lets held orders go, rejects them, and looks at them again when something has changed for the better."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from credit_service.authorities import use_cases as authorities
from credit_service.authorities.domain import Authority
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import Account
from credit_service.credit_decisions import use_cases as credit_decisions
from credit_service.credit_decisions.domain.decision import Asked, Decided, Known, decide_order
from credit_service.credit_decisions.repository import Recorded
from credit_service.credit_decisions.schemas import shown
from credit_service.credit_policies import use_cases as credit_policies
from credit_service.credit_policies.domain import Policy
from credit_service.fulfilment import use_cases as fulfilment
from credit_service.holds import use_cases as holds
from credit_service.holds.domain import Hold, HoldNotOpenError, release_terms
from credit_service.holds.repository import HoldEnd
from credit_service.orders import use_cases as orders
from credit_service.orders.domain import Order
from credit_service.receivables import use_cases as receivables
from shared.ids import new_id
from shared.money import Money, rounded
from shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReleaseTerms:
    """What a person says with a release."""

    reason_code: str
    note: str
    valid_until: date | None
    tolerance_pct: Decimal


async def release_hold(uow: UnitOfWork, hold_id: str, terms: ReleaseTerms, *, by: str, authority: Authority) -> str:
    """Let an order go in spite of what holds it and return its number.

    Raises `HoldNotFoundError`, `HoldNotOpenError`, and `AuthorityExceededError` where the order is worth more than
    `authority` covers.
    """
    hold, account, order, policy = await _open_hold(uow, hold_id)
    value = Money(rounded(order.amount * order.rate, account.currency), account.currency)
    await authorities.ensure_covered(uow, authority, value.amount, value.currency)
    release = release_terms(
        hold,
        amount=order.amount,
        currency=order.currency,
        tolerance_pct=terms.tolerance_pct,
        valid_until=terms.valid_until,
    )
    order = replace(order, release=release)
    known = await _known(uow, account, order, policy, hold.as_of)
    decided = decide_order(
        Asked.again(order, hold.as_of),
        account,
        order,
        policy,
        known,
        decision_id=new_id("chk"),
        passed="released",
        person="approved",
    )
    await holds.end(
        uow,
        [HoldEnd(hold.hold_id, "released", by, terms.note)],
        reason_code=terms.reason_code,
        valid_until=terms.valid_until,
        tolerance_pct=terms.tolerance_pct,
    )
    await credit_decisions.record(uow, [_recorded(decided, by, f"released: {terms.reason_code}")])
    return order.order_id


async def reject_hold(uow: UnitOfWork, hold_id: str, *, reason_code: str, note: str, by: str) -> str:
    """Decide that a held order will not go and return its number; raise `HoldNotFoundError`, `HoldNotOpenError`."""
    hold, account, order, policy = await _open_hold(uow, hold_id)
    known = await _known(uow, account, order, policy, hold.as_of)
    decided = decide_order(
        Asked.again(order, hold.as_of),
        account,
        order,
        policy,
        known,
        decision_id=new_id("chk"),
        person="rejected",
    )
    await holds.end(uow, [HoldEnd(hold.hold_id, "rejected", by, note)], reason_code=reason_code)
    await credit_decisions.record(uow, [_recorded(decided, by, f"rejected: {reason_code}")])
    return order.order_id


async def _open_hold(uow: UnitOfWork, hold_id: str) -> tuple[Hold, Account, Order, Policy]:
    """Return an open hold with what it concerns, its account locked."""
    seen = await holds.hold(uow, hold_id)
    account = await credit_accounts.locked_account(uow, seen.customer_id)
    hold = await holds.hold(uow, hold_id)
    if hold.status != "open":
        raise HoldNotOpenError(hold_id, hold.status)
    policy = await credit_policies.policy_of(uow.session, account.risk_class)
    return hold, account, await orders.order(uow.session, hold.order_id), policy


async def recheck(uow: UnitOfWork, account: Account, *, day: date | None = None) -> Account:
    """Look again at what is held of a locked account, oldest first, and release what passes now.

    A hold is judged as of the latest business day it has seen: its own, or the `day` of what has changed. A manual hold
    never releases itself.
    """
    waiting = [hold for hold in await holds.open_holds(uow, account.customer_id) if not hold.manual]
    if not waiting:
        return account
    policy = await credit_policies.policy_of(uow.session, account.risk_class)
    held = await orders.orders_by_number(uow.session, [hold.order_id for hold in waiting])
    for hold in waiting:
        as_of = max(hold.as_of, day or hold.as_of)
        decided = await _again(uow, account, held[hold.order_id], policy, as_of)
        if decided.verdict.decision != "approved":
            continue
        account = decided.account
        # Recorded at once: the next one has to see what this one reserves.
        await credit_decisions.record(uow, [_recorded(decided, "system", "released: the cause went away")])
    return account


async def end_releases(uow: UnitOfWork, as_of: date) -> int:
    """Check the orders again whose release has ended before `as_of`; return how many are held again."""
    ended = await orders.orders_with_release_ended(uow.session, as_of)
    accounts = await credit_accounts.locked_accounts(uow, {order.customer_id for order in ended})
    policies = await credit_policies.policies(uow.session)
    count = 0
    for order in await orders.orders_with_release_ended(uow.session, as_of):
        account = accounts.get(order.customer_id)
        if account is None:
            continue
        decided = await _again(uow, account, order, policies[account.risk_class], as_of)
        if decided.verdict.decision == "approved":
            continue
        accounts[order.customer_id] = decided.account
        await credit_decisions.record(uow, [_recorded(decided, "system", "the release ended")])
        count += 1
    return count


async def recheck_all(uow: UnitOfWork, as_of: date) -> int:
    """Have a business day pass for everything held, and look at it again; return how many holds are still open."""
    customers = await holds.customers_held(uow)
    accounts = await credit_accounts.locked_accounts(uow, customers)
    await holds.let_day_pass(uow, customers, as_of)
    for account in accounts.values():
        await recheck(uow, account, day=as_of)
    return len(await holds.customers_held(uow))


async def _again(uow: UnitOfWork, account: Account, order: Order, policy: Policy, as_of: date) -> Decided:
    known = await _known(uow, account, order, policy, as_of)
    return decide_order(
        Asked.again(order, as_of),
        account,
        order,
        policy,
        known,
        decision_id=new_id("chk"),
        passed="released",
    )


async def _known(uow: UnitOfWork, account: Account, order: Order, policy: Policy, as_of: date) -> Known:
    session, customer_id = uow.session, account.customer_id
    taken = await fulfilment.taken_over(session, [order])
    dues = by_delivery = None
    if policy.content.asks_for_dues(account.oldest_due_date, as_of):
        dues = (await receivables.dues(session, [customer_id], as_of)).get(customer_id, {})
    if policy.content.asks_for("dynamic_limit"):
        by_delivery = (await orders.reserved_by_delivery(session, [customer_id])).get(customer_id, {})
    return Known(taken[order.order_id], dues, by_delivery)


def _recorded(decided: Decided, actor: str, note: str) -> Recorded:
    return Recorded(decided, shown(decided, dry_run=False).model_dump_json(), actor, note)
