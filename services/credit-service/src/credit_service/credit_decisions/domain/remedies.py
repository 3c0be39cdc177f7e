"""What would let an order go: the least payment, the least limit, or the largest order that passes.

Each rule says in closed form how far it is from passing, and the farthest decides. What comes out is told only after the order
was decided again with it: a blocked account needs no payment.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from credit_service.credit_accounts.domain import ZERO, Limit
from credit_service.credit_decisions.domain.facts import CheckFacts
from credit_service.credit_decisions.domain.rules import POOLED_LIMIT, own_bound, pooled_bound
from credit_service.credit_decisions.domain.verdict import decide
from credit_service.credit_policies.domain import (
    DynamicLimit,
    MaxDocumentValue,
    OldestOpenItem,
    OverdueShare,
    PolicyContent,
    PolicyRule,
    StaticLimit,
)
from credit_service.receivables.domain import Due
from shared.days import days_late
from shared.money import AMOUNT_DIGITS_MAX, NonNegativeAmount, rounded, smallest_unit

AMOUNT_MAX = Decimal(10**AMOUNT_DIGITS_MAX)
_LIMITS = frozenset({"static_limit", "dynamic_limit", POOLED_LIMIT, "overdue_share"})
HELPED_BY_PAYMENT = _LIMITS | {"oldest_open_item"}
HELPED_BY_LIMIT = _LIMITS | {"limit_validity"}
HELPED_BY_REDUCTION = _LIMITS | {"max_document_value"}
"""The rules that may pass by it: where another one stops the order, there is nothing to reckon."""


class Remedy(BaseModel):
    """One way out: to pay `amount`, to give `customer_id` a limit of it, or to reduce the whole order to it."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["payment", "limit", "reduction"] = Field(description="Which way out it is")
    amount: NonNegativeAmount = Field(
        description="The least that has to be paid, the least limit, or the most that the whole order may be worth"
    )
    currency: str = Field(description="Of the account for a payment, of the limit, or of the order")
    customer_id: str | None = Field(
        default=None, description="Whose limit: the customer's own, or that of the head of its limit pool"
    )


class Remedies(BaseModel):
    """What would let an order go, each way by itself; null where nothing of its kind would."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "payment": {"kind": "payment", "amount": "100.00", "currency": "EUR", "customer_id": None},
                    "limit": {"kind": "limit", "amount": "1100.00", "currency": "EUR", "customer_id": "C-1"},
                    "reduction": {"kind": "reduction", "amount": "200.00", "currency": "EUR", "customer_id": None},
                }
            ]
        },
    )

    payment: Remedy | None = Field(default=None, description="To pay; null where that does not help")
    limit: Remedy | None = Field(default=None, description="To raise the limit; null where that does not help")
    reduction: Remedy | None = Field(default=None, description="To reduce the order; null where that does not help")


def remedies(facts: CheckFacts, policy: PolicyContent, checkpoints: frozenset[str], *, customer_id: str) -> Remedies:
    """Return what would let an order of this customer go that the rules hold or reject."""
    case = _Case(facts, policy, checkpoints, customer_id)
    stopping = {reason.rule for reason in decide(facts, policy, checkpoints).holding}
    return Remedies(
        payment=case.payment() if stopping <= HELPED_BY_PAYMENT else None,
        limit=case.limit() if stopping <= HELPED_BY_LIMIT else None,
        reduction=case.reduction() if stopping <= HELPED_BY_REDUCTION or case.has_a_way_round() else None,
    )


def paid(facts: CheckFacts, amount: Decimal, policy: PolicyContent) -> CheckFacts:
    """Return the facts after the customer has paid: what is past due first, the oldest before the others, the rest on account."""
    rest = amount
    dues: dict[date, Due] = {}
    for day, due in sorted((facts.dues or {}).items()):
        part = min(rest, due.counted(disputed_counts=policy.disputed_counts_as_overdue))
        rest -= part
        if due.balance > part:
            dues[day] = Due(due.balance - part, due.disputed)
    pool = facts.pool.moved(-amount) if facts.pool else None
    seen = replace(facts, open_items=facts.open_items - (amount - rest), unapplied=facts.unapplied + rest, pool=pool)
    return seen if facts.dues is None else replace(seen, dues=dues, oldest_due_date=min(dues, default=None))


def limited(facts: CheckFacts, amount: Decimal, *, own: bool, pooled: bool) -> CheckFacts:
    """Return the facts after a new limit without an end was given to the customer, to the head of its pool, or to both in one."""
    limit = Limit.of(amount)
    if own:
        facts = replace(facts, limit=limit, limit_decided=True)
    return replace(facts, pool=replace(facts.pool, limit=limit)) if pooled and facts.pool else facts


def reduced(facts: CheckFacts, amount: Decimal) -> CheckFacts:
    """Return the facts of the same order with another value, in its own currency."""
    up_to = facts.excusable_up_to
    return replace(
        facts,
        amount=amount,
        document=rounded(max(amount - facts.taken_over, ZERO) * facts.rate, facts.currency),
        document_value=rounded(amount * facts.rate, facts.currency),
        excused=facts.excusable if up_to is not None and amount <= up_to else (),
    )


@dataclass(frozen=True, slots=True)
class _Case:
    facts: CheckFacts
    policy: PolicyContent
    checkpoints: frozenset[str]
    customer_id: str

    def payment(self) -> Remedy | None:
        unit = smallest_unit(self.facts.currency)
        needed = max((self._to_pay(rule) for rule in self._stopping()), default=ZERO)
        if not 0 < needed < AMOUNT_MAX:
            return None
        amount = needed.quantize(unit, ROUND_CEILING)
        if not self._passes(paid(self.facts, amount, self.policy)):
            return None
        return Remedy(kind="payment", amount=amount, currency=self.facts.currency)

    def limit(self) -> Remedy | None:
        """A higher own limit or a higher one of the pool's head, whichever does by itself; they may be the same."""
        pool = self.facts.pool
        if pool is not None and pool.pool_id == self.customer_id:
            return self._limit_of(self.customer_id, self.facts.currency, own=True, pooled=True)
        remedy = self._limit_of(self.customer_id, self.facts.currency, own=True, pooled=False)
        if remedy is None and pool is not None:
            remedy = self._limit_of(pool.pool_id, pool.currency, own=False, pooled=True)
        return remedy

    def _limit_of(self, customer_id: str, currency: str, *, own: bool, pooled: bool) -> Remedy | None:
        if not pooled and own_bound(self.facts, self.policy) is None:
            return None
        unit = smallest_unit(currency)
        needs = [need for rule in self._stopping() for need in self._to_grant(rule, own=own, pooled=pooled)]
        least = max([ZERO, *needs])
        if least >= AMOUNT_MAX:
            return None
        least = least.quantize(unit, ROUND_CEILING)
        # Cover is added to a limit in force alone: where it would do by itself, the smallest limit has to be given.
        for amount in (least, max(least, unit)):
            if self._passes(limited(self.facts, amount, own=own, pooled=pooled)):
                return Remedy(kind="limit", amount=amount, currency=currency, customer_id=customer_id)
        return None

    def reduction(self) -> Remedy | None:
        facts = self.facts
        if facts.amount is None or facts.order_currency is None or facts.rate <= 0:
            return None
        unit = smallest_unit(facts.order_currency)
        sizes = (size.quantize(unit, ROUND_FLOOR) for size in self._sizes())
        for amount in sorted((size for size in sizes if 0 < size < facts.amount), reverse=True):
            smaller = reduced(facts, amount)
            # An order that is worth nothing, rounded, goes unseen: nobody means that by an order that is reduced.
            if (smaller.document > 0 or facts.taken_over > 0) and self._passes(smaller):
                return Remedy(kind="reduction", amount=amount, currency=facts.order_currency)
        return None

    def has_a_way_round(self) -> bool:
        """Tell whether an order that is small enough goes in spite of all rules."""
        facts = self.facts
        return facts.taken_over > 0 or facts.excusable_up_to is not None or self.policy.small_value_below is not None

    def _passes(self, facts: CheckFacts) -> bool:
        return decide(facts, self.policy, self.checkpoints).decision == "approved"

    def _stopping(self) -> Iterator[PolicyRule]:
        return (rule for rule in self.policy.at(self.checkpoints) if rule.reaction != "warn")

    def _excused(self, rule: str) -> bool:
        return rule in self.facts.excused

    # How much has to be paid, in the account's currency; zero or less where the rule passes or nothing that is paid helps.

    def _to_pay(self, rule: PolicyRule) -> Decimal:
        if isinstance(rule, StaticLimit | DynamicLimit):
            return max(self._passed_own_by(rule), self._passed_pool_by(rule))
        if self._excused(rule.rule):
            return ZERO
        if isinstance(rule, OldestOpenItem):
            dues = (self.facts.dues or {}).items()
            late = (due for day, due in dues if days_late(day, self.facts.as_of) > rule.days)
            return sum((due.counted(disputed_counts=self.policy.disputed_counts_as_overdue) for due in late), ZERO)
        return self._share_to_pay(rule) if isinstance(rule, OverdueShare) else ZERO

    def _passed_own_by(self, rule: StaticLimit | DynamicLimit) -> Decimal:
        limit = own_bound(self.facts, self.policy)
        return ZERO if limit is None or self._excused(rule.rule) else self._own_exposure(rule) - limit

    def _passed_pool_by(self, rule: StaticLimit | DynamicLimit) -> Decimal:
        limit, pool = pooled_bound(self.facts, self.policy), self.facts.pool
        if limit is None or pool is None or not pool.rate or self._excused(POOLED_LIMIT):
            return ZERO
        return (self._pooled_exposure(rule) - limit) / pool.rate

    def _own_exposure(self, rule: StaticLimit | DynamicLimit) -> Decimal:
        return self.facts.exposure_with_document - self._beyond(rule)

    def _pooled_exposure(self, rule: StaticLimit | DynamicLimit) -> Decimal:
        facts = self.facts
        assert facts.pool is not None
        return facts.pool.moved(facts.document - facts.own_reserved - self._beyond(rule)).exposure

    def _beyond(self, rule: StaticLimit | DynamicLimit) -> Decimal:
        return self.facts.beyond(rule.horizon_days) if isinstance(rule, DynamicLimit) else ZERO

    def _share_to_pay(self, rule: OverdueShare) -> Decimal:
        overdue, owed = self._overdue(), self.facts.open_items
        limit = own_bound(self.facts, self.policy)
        if limit is None or not self._has_too_much_overdue(rule):
            return ZERO
        # Where more is overdue than is open in all, credit memos are: then what is open has to go.
        enough = owed if overdue >= owed else (100 * overdue - rule.overdue_pct * owed) / (100 - rule.overdue_pct)
        if limit == 0:
            return enough
        return min(enough, self.facts.exposure_with_document - rule.use_pct * limit / 100)

    def _overdue(self) -> Decimal:
        return self.facts.past_due(disputed_counts=self.policy.disputed_counts_as_overdue)

    def _has_too_much_overdue(self, rule: OverdueShare) -> bool:
        owed = self.facts.open_items
        return owed > 0 and self._overdue() * 100 > rule.overdue_pct * owed

    # How high the limit has to be, in its own currency.

    def _to_grant(self, rule: PolicyRule, *, own: bool, pooled: bool) -> Iterator[Decimal]:
        cover = self._cover()
        if isinstance(rule, StaticLimit | DynamicLimit):
            if own and not self._excused(rule.rule):
                yield self._own_exposure(rule) - cover
            if pooled and not self._excused(POOLED_LIMIT):
                yield self._pooled_exposure(rule) - self._pooled_cover()
        elif isinstance(rule, OverdueShare) and own and rule.use_pct > 0 and not self._excused(rule.rule):
            yield (
                self.facts.exposure_with_document * 100 / rule.use_pct - cover
                if self._has_too_much_overdue(rule)
                else ZERO
            )

    def _cover(self) -> Decimal:
        cover = self.facts.cover
        in_time = cover.valid_until is None or cover.valid_until >= self.facts.as_of
        return cover.paid if self.policy.insured_cover_counts and in_time else ZERO

    def _pooled_cover(self) -> Decimal:
        pool = self.facts.pool
        return replace(self, facts=replace(self.facts, cover=pool.cover))._cover() if pool else ZERO

    # How large the order may be, in its own currency.

    def _sizes(self) -> Iterator[Decimal]:
        facts = self.facts
        within = [size for rule in self._stopping() for size in self._to_order(rule)]
        yield min(within, default=ZERO)
        if facts.taken_over > 0:
            yield facts.taken_over + self._worth(ZERO)
        if facts.excusable_up_to is not None:
            excused = replace(self, facts=replace(facts, excused=facts.excusable))
            sizes = [size for rule in self._stopping() for size in excused._to_order(rule)]
            yield min([facts.excusable_up_to, *sizes])
        if self.policy.small_value_below is not None:
            unit = smallest_unit(facts.currency)
            yield self._worth(self.policy.small_value_below.quantize(unit, ROUND_CEILING) - unit)

    def _to_order(self, rule: PolicyRule) -> Iterator[Decimal]:
        facts = self.facts
        if isinstance(rule, MaxDocumentValue) and not self._excused(rule.rule):
            yield self._worth(rule.max_amount)
        elif isinstance(rule, StaticLimit | DynamicLimit):
            if not self._counts(rule):
                return
            for passed_by, limit in (
                (self._passed_own_by(rule), own_bound(facts, self.policy) if not self._excused(rule.rule) else None),
                (
                    self._passed_pool_by(rule),
                    pooled_bound(facts, self.policy) if not self._excused(POOLED_LIMIT) else None,
                ),
            ):
                if limit is not None:
                    yield facts.taken_over + self._worth(facts.document - passed_by)
        elif isinstance(rule, OverdueShare) and not self._excused(rule.rule):
            limit = own_bound(facts, self.policy)
            if limit and self._has_too_much_overdue(rule):
                others = facts.exposure_with_document - facts.document
                yield facts.taken_over + self._worth(rule.use_pct * limit / 100 - others)

    def _counts(self, rule: StaticLimit | DynamicLimit) -> bool:
        """Tell whether the order itself counts: beyond a horizon its size does not matter."""
        if not isinstance(rule, DynamicLimit) or self.facts.requested_delivery_date is None:
            return True
        return replace(self.facts, reserved_by_delivery=None).beyond(rule.horizon_days) == 0

    def _worth(self, amount: Decimal) -> Decimal:
        """Return the largest value in the order's currency that is worth at most `amount` of the account's, when rounded."""
        facts = self.facts
        if amount < 0:
            return ZERO
        step = smallest_unit(facts.order_currency or facts.currency)
        edge = amount.quantize(smallest_unit(facts.currency), ROUND_FLOOR) + smallest_unit(facts.currency) / 2
        # Nothing above the order's own value is of interest, and a tiny rate would make it longer than a decimal is.
        near = min(edge / facts.rate, facts.amount or ZERO).quantize(step, ROUND_FLOOR)
        # What is worth the edge is rounded up already; and a quotient is rounded itself, which may carry it over a step.
        for size in (near + step, near):
            if rounded(size * facts.rate, facts.currency) <= amount:
                return size
        return near - step
