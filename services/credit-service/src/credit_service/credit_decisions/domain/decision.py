"""One order decided on one account: what the order becomes, and what the account's exposure becomes with it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from credit_service.credit_accounts.domain import ZERO, Account
from credit_service.credit_decisions.domain.facts import CheckFacts
from credit_service.credit_decisions.domain.remedies import Remedies, remedies
from credit_service.credit_decisions.domain.rules import own_bound, pooled_bound
from credit_service.credit_decisions.domain.verdict import Decision, Verdict, decide
from credit_service.credit_policies.domain import Policy
from credit_service.fulfilment.domain import NOTHING_TAKEN, Taken
from credit_service.limit_pools.domain import Bounds, Pool
from credit_service.orders.domain import Order, settled
from credit_service.receivables.domain import Dues
from shared.errors import InvalidError
from shared.events.credit import OrderStatus
from shared.money import AMOUNT_DIGITS_MAX, Money, rounded
from shared.values import changed, value

EXPOSURE_MAX = Decimal(10**AMOUNT_DIGITS_MAX)


class AbsurdAmountError(InvalidError):
    """With this order the exposure is more than any company could be owed."""

    code = "amount_out_of_range"

    def __init__(self) -> None:
        super().__init__(f"With this order the exposure would pass {EXPOSURE_MAX:,}.", field="amount")


@value(frozen=True, slots=True)
class Asked:
    """An order to be decided. `rate` is to the account's currency."""

    order_id: str
    customer_id: str
    amount: Decimal
    currency: str
    rate: Decimal
    requested_delivery_date: date | None
    checkpoint: str
    as_of: date
    order_type: str | None = None
    payment_terms: str | None = None
    prepaid: bool = False

    @classmethod
    def again(cls, order: Order, as_of: date) -> "Asked":
        """Return what is asked when an order is decided again as it stands."""
        return cls(
            order.order_id,
            order.customer_id,
            order.amount,
            order.currency,
            order.rate,
            order.requested_delivery_date,
            order.checkpoint,
            as_of,
            order.order_type,
            order.payment_terms,
            order.prepaid,
        )


@value(frozen=True, slots=True)
class Known:
    """What is known beside the account: what deliveries and invoices took over; the others where a rule asks for them."""

    taken: Taken = NOTHING_TAKEN
    dues: Dues | None = None
    reserved_by_delivery: dict[date, Decimal] | None = None
    pool: Pool | None = None


@value(frozen=True, slots=True)
class Decided:
    """A decision with all that it changes. `present` is the order as it was before, `account` as it is afterwards."""

    decision_id: str
    order: Order
    present: Order | None
    account: Account
    facts: CheckFacts
    verdict: Verdict
    policy: Policy
    checkpoints: frozenset[str]
    by_person: bool = False

    @property
    def frees(self) -> bool:
        """Whether the order reserves less than it did before."""
        return self.present is not None and self.order.reserved < self.present.reserved

    @property
    def exposure_before(self) -> Money:
        """What counted before."""
        return Money(self.facts.exposure, self.facts.currency)

    @property
    def exposure_after(self) -> Money:
        """What counts now."""
        return Money(self.account.exposure.total, self.facts.currency)

    @property
    def pool_after(self) -> Pool:
        """The pool with what this decision reserves or frees."""
        assert self.facts.pool is not None, "the account belongs to a pool"
        return self.facts.pool.moved(self.account.exposure.total - self.facts.exposure)

    @property
    def available_after(self) -> Money | None:
        """What is left of the limit, negative where it is passed; None where there is no bound. The lower of own and pooled."""
        content, currency, pool = self.policy.content, self.facts.currency, self.facts.pool
        after = None if pool is None else self.pool_after
        bounds = Bounds(own_bound(self.facts, content), pooled_bound(self.facts, content), after)
        left = bounds.left(self.account.exposure.total, currency)
        return None if left is None else Money(left, currency)

    @property
    def what_would_release(self) -> Remedies | None:
        """What would let an order go that the rules stopped; None where they did not."""
        if self.by_person or self.verdict.decision == "approved":
            return None
        return remedies(self.facts, self.policy.content, self.checkpoints, customer_id=self.order.customer_id)


def gather(asked: Asked, account: Account, present: Order | None, known: Known) -> CheckFacts:
    """Return the facts of one order."""
    exposure = account.exposure
    excusable: tuple[str, ...] = ()
    excusable_up_to = None
    if present and present.release and present.currency == asked.currency and present.release.is_in_time(asked.as_of):
        excusable, excusable_up_to = present.release.rules, present.release.up_to
    return CheckFacts(
        as_of=asked.as_of,
        currency=account.currency,
        document=rounded(max(asked.amount - known.taken.most, ZERO) * asked.rate, account.currency),
        document_value=rounded(asked.amount * asked.rate, account.currency),
        requested_delivery_date=asked.requested_delivery_date,
        limit=account.limit,
        blocked=account.blocked,
        open_orders=exposure.open_orders,
        open_items=exposure.open_items,
        special=exposure.special,
        unapplied=exposure.unapplied,
        own_reserved=present.reserved if present else ZERO,
        oldest_due_date=account.oldest_due_date,
        unconverted=account.unconverted,
        excused=excusable if excusable_up_to is not None and asked.amount <= excusable_up_to else (),
        # Of an order that is invoiced nothing is left to be held.
        manual_hold=present.manual_hold if present and known.taken.invoiced < asked.amount else None,
        reserved_by_delivery=_without(present, known.reserved_by_delivery),
        delivered=exposure.delivered,
        dues=known.dues,
        amount=asked.amount,
        order_currency=asked.currency,
        rate=asked.rate,
        taken_over=known.taken.most,
        excusable=excusable,
        excusable_up_to=excusable_up_to,
        order_type=asked.order_type,
        prepaid=asked.prepaid,
        payment_terms=asked.payment_terms,
        agreed_terms=account.payment_terms,
        dunning_level=account.dunning_level,
        next_review_on=account.next_review_on,
        broken_promises=account.broken_promises,
        returned_payments=account.returned_payments,
        cover=account.cover,
        limit_decided=account.limit_decided,
        pool=known.pool,
    )


def _without(present: Order | None, by_delivery: Mapping[date, Decimal] | None) -> Mapping[date, Decimal] | None:
    """Return a copy that leaves out what the order itself has reserved."""
    if by_delivery is None:
        return None
    rest = dict(by_delivery)
    if present is not None and present.requested_delivery_date in rest:
        rest[present.requested_delivery_date] -= present.reserved
    return rest


def checkpoints_of(asked: Asked, present: Order | None) -> frozenset[str]:
    """Return whose rules run: a held order that moves on stays subject to those that held it."""
    held_at = present.held_at if present and present.status == "held" else ()
    return frozenset({asked.checkpoint, *held_at})


def _hold_of(decision_id: str) -> str:
    """Return the number of the hold that a decision opens."""
    return "hld_" + decision_id.split("_", 1)[1]


def decide_order(
    asked: Asked,
    account: Account,
    present: Order | None,
    policy: Policy,
    known: Known,
    *,
    decision_id: str,
    passed: Literal["approved", "released"] = "approved",
    person: Decision | None = None,
) -> Decided:
    """Decide one order.

    `passed` is the state of an order that nothing holds; `person` overrides the rules, whose objections stay noted. Nothing but a
    person takes a manual hold from the order: who lets it go gives it as `present` without one. Raises `AbsurdAmountError`.
    """
    facts = gather(asked, account, present, known)
    checkpoints = checkpoints_of(asked, present)
    verdict = decide(facts, policy.content, checkpoints)
    if person is not None:
        verdict = verdict.overridden(person)
    held = verdict.decision == "held"
    status: OrderStatus = passed if verdict.decision == "approved" else verdict.decision
    order = settled(
        Order(
            asked.order_id,
            asked.customer_id,
            (present.version if present else 0) + 1,
            status,
            asked.amount,
            asked.currency,
            asked.rate,
            ZERO,
            ZERO,
            asked.requested_delivery_date,
            asked.checkpoint,
            policy.content.held_orders_reserve,
            decision_id,
            ((present.hold_id if present else None) or _hold_of(decision_id)) if held else None,
            present.release if present else None,
            asked.order_type,
            asked.payment_terms,
            asked.prepaid,
            held_at=tuple(sorted(checkpoints)) if held else (),
            manual_hold=present.manual_hold if present else None,
        ),
        known.taken,
        account_currency=account.currency,
    )
    exposure = changed(account.exposure, open_orders=account.exposure.open_orders - facts.own_reserved + order.reserved)
    if abs(exposure.total) >= EXPOSURE_MAX or exposure.open_orders >= EXPOSURE_MAX:
        raise AbsurdAmountError
    return Decided(
        decision_id,
        order,
        present,
        changed(account, exposure=exposure),
        facts,
        verdict,
        policy,
        checkpoints,
        person is not None,
    )
