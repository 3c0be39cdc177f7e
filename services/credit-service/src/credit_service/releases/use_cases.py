"""Lets held orders go, rejects them, and looks at them again when something has changed.

The one thing to know: a release lets pass what its hold names and nothing else. A hold's reasons are those of the last look
at it, under the account's lock; who decides while there are others is told so and looks again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.authorities import use_cases as authorities
from credit_service.authorities.domain import Decider, ensure_another
from credit_service.credit_accounts import use_cases as credit_accounts
from credit_service.credit_accounts.domain import ZERO, Account, AuthorityExceededError
from credit_service.credit_decisions import use_cases as credit_decisions
from credit_service.credit_decisions.domain.decision import Asked, Decided, Known, decide_order
from credit_service.credit_decisions.domain.verdict import Decision
from credit_service.credit_decisions.repository import Recorded
from credit_service.credit_decisions.schemas import answer_of
from credit_service.credit_policies import use_cases as credit_policies
from credit_service.credit_policies.domain import Policy
from credit_service.fulfilment import use_cases as fulfilment
from credit_service.holds import use_cases as holds
from credit_service.holds.domain import (
    UNDECIDED,
    Hold,
    HoldNotOpenError,
    HoldReasonsChangedError,
    NoReleaseRequestError,
    ReleaseReasonMissingError,
    ReleaseTerms,
    grown,
    release_of,
)
from credit_service.holds.repository import HoldEnd
from credit_service.journal import use_cases as journal
from credit_service.journal.domain import Entry
from credit_service.limit_pools import use_cases as limit_pools
from credit_service.orders import use_cases as orders
from credit_service.orders.domain import Order
from credit_service.receivables import use_cases as receivables
from credit_service.receivables.domain import Dues
from shared.ids import new_id
from shared.money import Money
from shared.unit_of_work import UnitOfWork
from shared.versions import ensure_fresh


@dataclass(frozen=True, slots=True)
class Judged:
    """An order that is decided again as it stands, on an account, by a policy, as of a business day."""

    account: Account
    order: Order
    policy: Policy
    as_of: date


@dataclass(frozen=True, slots=True)
class _Case:
    """An open hold with what it concerns, its account locked."""

    hold: Hold
    account: Account
    order: Order
    policy: Policy

    @property
    def judged(self) -> Judged:
        return Judged(self.account, self.order, self.policy, self.hold.as_of)


async def release_hold(
    uow: UnitOfWork, hold_id: str, terms: ReleaseTerms | None, *, by: Decider, expected_version: int | None
) -> None:
    """Let an order go in spite of what holds it, or, above one's authority, ask somebody for that who may.

    Without `terms` those of the pending request count. Raises `HoldNotFoundError`, `HoldNotOpenError`, `StaleVersionError`,
    `HoldReasonsChangedError`, `ReleaseEndsTooEarlyError`, `FourEyesError` for one's own request, and `AuthorityExceededError`
    where a request waits already that the caller may not decide.
    """
    case = await _open_case(uow, hold_id, expected_version)
    request = case.hold.request
    if request is not None:
        ensure_another(requested_by=request.requested_by, decided_by=by.subject)
    terms = terms or (request.terms if request else None)
    if terms is None:
        raise ReleaseReasonMissingError
    decided = await _let_go(uow, case, terms)
    if await _is_covered(uow, case, terms, by):
        await holds.end(
            uow, [HoldEnd(hold_id, "released", by.subject, terms.note)], reason_code=terms.reason_code, terms=terms
        )
        await credit_decisions.record(uow, [recorded(decided, by.subject, f"released: {terms.reason_code}")])
        await _note(uow, case, "released", by.subject, terms.reason_code, terms.note)
    elif request is not None:
        raise AuthorityExceededError(_shown(case, _up_to(case, terms)), case.account.currency)
    else:
        await holds.request_release(uow, case.hold, terms, by=by.subject)
        await _note(uow, case, "release_requested", by.subject, terms.reason_code, terms.note)


async def _let_go(uow: UnitOfWork, case: _Case, terms: ReleaseTerms) -> Decided:
    """Return the decision that lets the order go; raise `HoldReasonsChangedError` where more holds it than the hold names."""
    release = release_of(case.hold, terms, amount=case.order.amount, currency=case.order.currency)
    judged = replace(case.judged, order=replace(case.order, release=release, manual_hold=None))
    known = (await known_facts(uow.session, [judged]))[case.order.order_id]
    others = again(judged, known).verdict
    if others.decision != "approved":
        raise HoldReasonsChangedError(case.hold.hold_id, tuple(reason.rule for reason in others.holding))
    return again(judged, known, person="approved")


async def _is_covered(uow: UnitOfWork, case: _Case, terms: ReleaseTerms, by: Decider) -> bool:
    return await authorities.covers(uow, by.authority, _up_to(case, terms), case.account.currency)


def _up_to(case: _Case, terms: ReleaseTerms) -> Decimal:
    """Return what the order may be worth under a release, which is what is decided: it may grow by the tolerance."""
    return grown(case.hold.order_value, terms, case.account.currency)


def _shown(case: _Case, amount: Decimal) -> str:
    return str(Money(amount + ZERO, case.account.currency).amount)


async def reject_hold(
    uow: UnitOfWork, hold_id: str, *, reason_code: str, note: str, by: str, expected_version: int | None
) -> None:
    """Decide that a held order will not go, and with it any release that was asked for; what it reserved is left for others.

    Raises `HoldNotFoundError`, `HoldNotOpenError`, `StaleVersionError`.
    """
    case = await _open_case(uow, hold_id, expected_version)
    judged = replace(case.judged, order=replace(case.order, manual_hold=None))
    known = (await known_facts(uow.session, [judged]))[case.order.order_id]
    decided = again(judged, known, person="rejected")
    await holds.end(uow, [HoldEnd(hold_id, "rejected", by, note)], reason_code=reason_code)
    await credit_decisions.record(uow, [recorded(decided, by, f"rejected: {reason_code}")])
    await _note(uow, case, "rejected", by, reason_code, note)
    if decided.frees:
        await recheck(uow, decided.account)


async def decline_release(
    uow: UnitOfWork, hold_id: str, *, note: str, by: Decider, expected_version: int | None
) -> None:
    """Say no to a release that was asked for, or withdraw it as who asked; the order stays held.

    Raises `HoldNotFoundError`, `HoldNotOpenError`, `StaleVersionError`, `NoReleaseRequestError`, `AuthorityExceededError`.
    """
    case = await _open_case(uow, hold_id, expected_version)
    request = case.hold.request
    if request is None:
        raise NoReleaseRequestError(hold_id)
    withdrawn = request.requested_by == by.subject
    if not withdrawn and not await _is_covered(uow, case, request.terms, by):
        raise AuthorityExceededError(_shown(case, _up_to(case, request.terms)), case.account.currency)
    kind = "release_withdrawn" if withdrawn else "release_declined"
    await holds.drop_request(uow, case.hold, by=by.subject, note=note or kind.replace("_", " "))
    await _note(uow, case, kind, by.subject, request.terms.reason_code, note)


async def recheck_hold(uow: UnitOfWork, hold_id: str) -> None:
    """Look at an order that waits, with all of its customer's, again now; raise `HoldNotFoundError`, `HoldNotOpenError`."""
    case = await _open_case(uow, hold_id, None)
    await recheck(uow, case.account)


async def _open_case(uow: UnitOfWork, hold_id: str, expected_version: int | None) -> _Case:
    seen = await holds.hold(uow, hold_id)
    account = await credit_accounts.locked_account(uow, seen.customer_id)
    await limit_pools.locked(uow, [account])
    hold = await holds.hold(uow, hold_id)
    if hold.status not in UNDECIDED:
        raise HoldNotOpenError(hold_id, hold.status)
    ensure_fresh(expected_version, hold.version)
    policy = await credit_policies.policy_of(uow.session, account.risk_class)
    return _Case(hold, account, await orders.order(uow.session, hold.order_id), policy)


async def _note(uow: UnitOfWork, case: _Case, kind: str, by: str, reason_code: str, note: str) -> None:
    """Keep in the credit file what a person decided about an order."""
    new = {
        "order_id": case.order.order_id,
        "order_value": _shown(case, case.hold.order_value),
        "rules": list(case.hold.rules),
        "reason_code": reason_code,
    }
    entry = Entry(case.hold.customer_id, f"hold.{kind}", by, case.hold.hold_id, {}, new, note or None)
    await journal.record(uow, entry)


async def recheck(uow: UnitOfWork, account: Account, *, day: date | None = None) -> Account:
    """Look again at what is held of a locked account, oldest first: release what passes now, name what holds the rest.

    A hold is judged as of the latest business day it has seen: its own, or the `day` of what has changed. A re-check rejects
    nothing, and a manual hold never releases itself. Where the account shares a limit, a job looks again at what is held of
    the whole pool.
    """
    if account.pool_id is not None:
        days = {account.customer_id: day} if day else {}
        await limit_pools.want_recheck(uow, account.pool_id, days=days)
        return account
    return await _recheck(uow, account, day)


async def customers_held(uow: UnitOfWork, risk_class: str) -> list[str]:
    """Return the customers of a risk class of whom orders are held."""
    accounts = await credit_accounts.accounts(uow.session, await holds.customers_held(uow))
    return [customer_id for customer_id, account in accounts.items() if account.risk_class == risk_class]


async def recheck_customer(uow: UnitOfWork, customer_id: str) -> None:
    """Look again at what is held of a customer; raise `CustomerNotFoundError`."""
    await recheck(uow, await credit_accounts.locked_account(uow, customer_id))


async def recheck_accounts(uow: UnitOfWork, accounts: Collection[Account], days: Mapping[str, date]) -> None:
    """Look again at what is held of many locked accounts, and have a job do so for all members of their pools.

    `days` are the business days that they have seen with what has changed.
    """
    pooled: dict[str, dict[str, date]] = {}
    for account in accounts:
        if account.pool_id is not None:
            seen = pooled.setdefault(account.pool_id, {})
            if account.customer_id in days:
                seen[account.customer_id] = days[account.customer_id]
    alone = [account.customer_id for account in accounts if account.pool_id is None]
    held = set(await holds.customers_held(uow, alone)) if alone else set()
    for account in accounts:
        if account.customer_id in held:
            await _recheck(uow, account, days.get(account.customer_id))
    for pool_id, seen in sorted(pooled.items()):
        await limit_pools.want_recheck(uow, pool_id, days=seen)


async def recheck_pool(uow: UnitOfWork, pool_id: str, days: Mapping[str, date], *, left: Collection[str] = ()) -> int:
    """Look again at what is held of a pool's members and of those who `left`; return how many still have open holds."""
    members = {*await credit_accounts.members_of(uow.session, pool_id), *left}
    accounts = await credit_accounts.locked_accounts(uow, await holds.customers_held(uow, members))
    await limit_pools.locked(uow, accounts.values())
    for account in accounts.values():
        await _recheck(uow, account, days.get(account.customer_id))
    return len(await holds.customers_held(uow, members))


async def _recheck(uow: UnitOfWork, account: Account, day: date | None) -> Account:
    """Look again at what is held of an account that is locked, with its pool."""
    waiting = await holds.open_holds(uow, account.customer_id)
    if not waiting:
        return account
    policy = await credit_policies.policy_of(uow.session, account.risk_class)
    held = await orders.orders_by_number(uow.session, [hold.order_id for hold in waiting])
    judged = [Judged(account, held[hold.order_id], policy, max(hold.as_of, day or hold.as_of)) for hold in waiting]
    known = await known_facts(uow.session, judged)
    # Where a rule reads more than the account, the next one has to find what this one reserves.
    at_once = account.pool_id is not None or policy.content.asks_for("dynamic_limit")
    changed: list[Recorded] = []
    others: list[Hold] = []
    for hold, one in zip(waiting, judged, strict=True):
        decided = _looked_at(replace(one, account=account), known[hold.order_id])
        if _has_changed(hold, decided):
            account = decided.account
            changed.append(recorded(decided, "system", _note_of(decided)))
            if at_once:
                await credit_decisions.record(uow, changed)
                changed = []
                known |= await known_facts(uow.session, judged)
        elif decided.verdict.holding != hold.reasons:
            others.append(replace(hold, reasons=decided.verdict.holding, as_of=one.as_of))
    await credit_decisions.record(uow, changed)
    await holds.refresh(uow, others)
    return account


def _looked_at(judged: Judged, known: Known) -> Decided:
    decided = again(judged, known)
    return again(judged, known, person="held") if decided.verdict.decision == "rejected" else decided


def _has_changed(hold: Hold, decided: Decided) -> bool:
    """Tell whether the order may go, is held by other rules, or reserves another amount than before."""
    order, before = decided.order, decided.present
    rules = tuple(reason.rule for reason in decided.verdict.holding)
    return order.status != "held" or rules != hold.rules or before is None or order.reserved != before.reserved


def _note_of(decided: Decided) -> str:
    return "held for other reasons" if decided.order.status == "held" else "released: the cause went away"


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
        judged = Judged(account, order, policies[account.risk_class], as_of)
        known = await known_facts(uow.session, [judged])
        decided = _looked_at(judged, known[order.order_id])
        if decided.verdict.decision == "approved":
            continue
        accounts[order.customer_id] = decided.account
        await credit_decisions.record(uow, [recorded(decided, "system", "the release ended")])
        count += 1
    return count


async def recheck_all(uow: UnitOfWork, as_of: date) -> int:
    """Have a business day pass for everything held, and look at it again; return how many holds are still open."""
    customers = await holds.customers_held(uow)
    accounts = await credit_accounts.locked_accounts(uow, customers)
    await holds.let_day_pass(uow, customers, as_of)
    await recheck_accounts(uow, accounts.values(), dict.fromkeys(accounts, as_of))
    return len(await holds.customers_held(uow))


async def known_facts(session: AsyncSession, judged: Sequence[Judged]) -> dict[str, Known]:
    """Return what is known of orders beside their accounts, by order; in a few queries for all of them."""
    taken = await fulfilment.taken_over(session, [one.order for one in judged])
    dues: dict[tuple[str, date], Dues] = {}
    late = [one for one in judged if one.policy.content.asks_for_dues(one.account.oldest_due_date, one.as_of)]
    for as_of in {one.as_of for one in late}:
        customers = {one.order.customer_id for one in late if one.as_of == as_of}
        found = await receivables.dues(session, customers, as_of)
        dues |= {(customer_id, as_of): found.get(customer_id, {}) for customer_id in customers}
    horizon = {one.order.customer_id for one in judged if one.policy.content.asks_for("dynamic_limit")}
    by_delivery = await orders.reserved_by_delivery(session, horizon) if horizon else {}
    pools = await limit_pools.pools(session, [one.account for one in judged])
    return {
        one.order.order_id: Known(
            taken[one.order.order_id],
            dues.get((one.order.customer_id, one.as_of)),
            by_delivery.get(one.order.customer_id, {}) if one.order.customer_id in horizon else None,
            limit_pools.seen_by(one.account, pools),
        )
        for one in judged
    }


def again(judged: Judged, known: Known, *, person: Decision | None = None) -> Decided:
    """Return the decision on an order as it stands; `person` overrides the rules."""
    order = judged.order
    return decide_order(
        Asked.again(order, judged.as_of),
        judged.account,
        order,
        judged.policy,
        known,
        decision_id=new_id("chk"),
        passed="released",
        person=person,
    )


def recorded(decided: Decided, actor: str, note: str) -> Recorded:
    """Return a decision as it is written: its answer, who decided and why."""
    return Recorded(decided, answer_of(decided, dry_run=False).decode(), actor, note)
