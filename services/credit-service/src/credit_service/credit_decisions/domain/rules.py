"""The rules of the credit check, one function each: facts, the rule's parameters and the policy in, a reason or None out.

Where the field's systems differ, `domain.md` (Credit) decides.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from credit_service.credit_accounts.domain import ZERO
from credit_service.credit_decisions.domain.facts import CheckFacts
from credit_service.credit_policies.domain import (
    AccountBlocked,
    BrokenPromises,
    DynamicLimit,
    LimitValidity,
    MaxDocumentValue,
    MaxDunningLevel,
    OldestOpenItem,
    OverdueShare,
    PaymentTermsAgreed,
    PolicyContent,
    ReturnedPayments,
    ReviewDue,
    StaticLimit,
)
from credit_service.limit_pools.domain import bound
from shared.days import days_late
from shared.events.credit import HoldReason
from shared.money import Money
from shared.payment_terms import InvalidPaymentTermsError, PaymentTerms

MISSING_RATE = "missing_exchange_rate"
POOLED_LIMIT = "pooled_limit"
MANUAL = "manual"


def own_bound(facts: CheckFacts, policy: PolicyContent) -> Decimal | None:
    """Return what the customer may owe, None where there is no bound."""
    return bound(facts.own_limit, facts.cover, facts.as_of, cover_counts=policy.insured_cover_counts)


def pooled_bound(facts: CheckFacts, policy: PolicyContent) -> Decimal | None:
    """Return what the customer's pool may owe, in the pool's currency; None where there is no bound."""
    if facts.pool is None:
        return None
    return bound(facts.pool.limit, facts.pool.cover, facts.as_of, cover_counts=policy.insured_cover_counts)


def static_limit(facts: CheckFacts, rule: StaticLimit, policy: PolicyContent) -> HoldReason | None:
    """Everything that counts, with this document, stays within the effective limit; equal is within."""
    return _within(rule.rule, facts, facts.exposure_with_document, policy)


def dynamic_limit(facts: CheckFacts, rule: DynamicLimit, policy: PolicyContent) -> HoldReason | None:
    """As the static check, without open orders whose delivery lies beyond the horizon; invoices always count."""
    return _within(rule.rule, facts, facts.exposure_with_document - facts.beyond(rule.horizon_days), policy)


def _within(rule: str, facts: CheckFacts, exposure: Decimal, policy: PolicyContent) -> HoldReason | None:
    limit = own_bound(facts, policy)
    if limit is None or exposure <= limit:
        return None
    actual, most = facts.show(exposure), facts.show(limit)
    return HoldReason(
        rule=rule,
        detail=f"Exposure would be {actual} {facts.currency}, the limit is {most} {facts.currency}.",
        actual=actual,
        limit=most,
    )


def pooled_limit(facts: CheckFacts, rule: StaticLimit | DynamicLimit, policy: PolicyContent) -> HoldReason | None:
    """What all members of the pool owe, with this document, stays within the limit at its head.

    Of the open orders only this customer's own are left out beyond a horizon.
    """
    limit = pooled_bound(facts, policy)
    if facts.pool is None or limit is None:
        return None
    beyond = facts.beyond(rule.horizon_days) if isinstance(rule, DynamicLimit) else ZERO
    pool = facts.pool.moved(facts.document - facts.own_reserved - beyond)
    if pool.exposure <= limit:
        return None
    actual, most = str(pool.owed), str(Money(limit, pool.currency).amount)
    return HoldReason(
        rule=POOLED_LIMIT,
        detail=f"Exposure of the group would be {actual} {pool.currency}, "
        f"its pooled limit at {pool.pool_id} is {most} {pool.currency}.",
        actual=actual,
        limit=most,
    )


def oldest_open_item(facts: CheckFacts, rule: OldestOpenItem, policy: PolicyContent) -> HoldReason | None:
    """No open item is more than `days` past due; exactly `days` is accepted."""
    due = facts.oldest_due(disputed_counts=policy.disputed_counts_as_overdue)
    late = days_late(due, facts.as_of) if due else 0
    if late <= rule.days:
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"The oldest open item is {late} days past due, {rule.days} are accepted.",
        actual=str(late),
        limit=str(rule.days),
    )


def overdue_share(facts: CheckFacts, rule: OverdueShare, policy: PolicyContent) -> HoldReason | None:
    """Overdue above its share of open items *and* use of the limit above its own; without a limit use does not matter."""
    overdue = facts.past_due(disputed_counts=policy.disputed_counts_as_overdue)
    if not overdue or facts.open_items <= 0:
        return None
    limit = own_bound(facts, policy)
    use = None if limit is None else facts.exposure_with_document * 100 / limit if limit > 0 else Decimal("Infinity")
    share = overdue * 100 / facts.open_items
    if share <= rule.overdue_pct or use is None or use <= rule.use_pct:
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"{share:.1f} % of the open items are overdue, {rule.overdue_pct} % are accepted at this use of the limit.",
        actual=f"{share:.1f}",
        limit=str(rule.overdue_pct),
    )


def max_document_value(facts: CheckFacts, rule: MaxDocumentValue, policy: PolicyContent) -> HoldReason | None:
    """One document is worth at most the maximum."""
    if facts.document_value <= rule.max_amount:
        return None
    actual = facts.show(facts.document_value)
    return HoldReason(
        rule=rule.rule,
        detail=f"The order is worth {actual} {facts.currency}, one order may be worth {rule.max_amount}.",
        actual=actual,
        limit=str(rule.max_amount),
    )


def limit_validity(facts: CheckFacts, rule: LimitValidity, policy: PolicyContent) -> HoldReason | None:
    """The limit holds on its last day and has expired on the next."""
    if not facts.own_limit.has_expired(facts.as_of):
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"The limit was valid until {facts.limit.valid_until}: ask for it to be renewed.",
        actual=facts.as_of.isoformat(),
        limit=str(facts.limit.valid_until),
    )


def review_due(facts: CheckFacts, rule: ReviewDue, policy: PolicyContent) -> HoldReason | None:
    """The review is due on its day and overdue on the next, after the days of grace; none planned is none overdue."""
    late = days_late(facts.next_review_on, facts.as_of) if facts.next_review_on else 0
    if late <= rule.grace_days:
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"The review of the account was due on {facts.next_review_on}: review it.",
        actual=str(late),
        limit=str(rule.grace_days),
    )


def account_blocked(facts: CheckFacts, rule: AccountBlocked, policy: PolicyContent) -> HoldReason | None:
    """The account is not blocked."""
    return HoldReason(rule=rule.rule, detail="The credit account is blocked.") if facts.blocked else None


def max_dunning_level(facts: CheckFacts, rule: MaxDunningLevel, policy: PolicyContent) -> HoldReason | None:
    """No open item is dunned above the level; the level itself is accepted."""
    if facts.dunning_level <= rule.max_level:
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"An open item has been dunned to level {facts.dunning_level}, {rule.max_level} is accepted.",
        actual=str(facts.dunning_level),
        limit=str(rule.max_level),
    )


def broken_promises(facts: CheckFacts, rule: BrokenPromises, policy: PolicyContent) -> HoldReason | None:
    """Not more than `max_count` promises to pay were broken in the last `days` days."""
    count = _lately(facts.broken_promises, facts.as_of, rule.days)
    if count <= rule.max_count:
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"{count} promises to pay were broken in the last {rule.days} days, {rule.max_count} are accepted.",
        actual=str(count),
        limit=str(rule.max_count),
    )


def returned_payments(facts: CheckFacts, rule: ReturnedPayments, policy: PolicyContent) -> HoldReason | None:
    """Not more than `max_count` payments were returned in the last `days` days."""
    count = _lately(facts.returned_payments, facts.as_of, rule.days)
    if count <= rule.max_count:
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"{count} payments were returned in the last {rule.days} days, {rule.max_count} are accepted.",
        actual=str(count),
        limit=str(rule.max_count),
    )


def _lately(happened: Sequence[date], as_of: date, days: int) -> int:
    """Count what happened up to `days` days before `as_of`, both days included."""
    if not happened:
        return 0
    since = as_of - timedelta(days=days)
    return sum(since <= day <= as_of for day in happened)


def payment_terms(facts: CheckFacts, rule: PaymentTermsAgreed, policy: PolicyContent) -> HoldReason | None:
    """The order's terms are no better for the customer than those agreed; an order that names none has the agreed ones.

    Where these are prepayment, an order that names none has to be marked prepaid: nothing else says that it is. Agreed terms
    that cannot be read are no measure: then the order's have to be the same, word for word.
    """
    if facts.payment_terms is None:
        return _not_prepaid(facts, rule)
    if facts.payment_terms == facts.agreed_terms:
        return None
    try:
        better = PaymentTerms.parse(facts.payment_terms).is_better_than(PaymentTerms.parse(facts.agreed_terms))
    except InvalidPaymentTermsError:
        better = True
    if not better:
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"The order's payment terms {facts.payment_terms!r} are better than {facts.agreed_terms!r}, which is agreed.",
        actual=facts.payment_terms,
        limit=facts.agreed_terms,
    )


def _not_prepaid(facts: CheckFacts, rule: PaymentTermsAgreed) -> HoldReason | None:
    if facts.prepaid or not _are_prepayment(facts.agreed_terms):
        return None
    return HoldReason(
        rule=rule.rule,
        detail="The agreed terms are prepayment: the order is not marked prepaid.",
        actual="not prepaid",
        limit=facts.agreed_terms,
    )


@lru_cache(maxsize=1_000)
def _are_prepayment(terms: str) -> bool:
    """Tell whether terms mean payment before delivery; kept, because every check asks it of the same few."""
    try:
        return PaymentTerms.parse(terms).prepayment
    except InvalidPaymentTermsError:
        return False


def manual(facts: CheckFacts) -> HoldReason | None:
    """No person holds the order; no policy switches this off, and no earlier release excuses it."""
    return None if facts.manual_hold is None else HoldReason(rule=MANUAL, detail=facts.manual_hold)


def missing_exchange_rate(facts: CheckFacts) -> HoldReason | None:
    """No policy switches this off: an exposure that is not known in full approves nothing."""
    pool = facts.pool
    if facts.unconverted > 0:
        waiting, target = f"{facts.unconverted} documents wait", facts.currency
    elif pool is not None and (pool.unconverted > 0 or pool.rate is None):
        waiting, target = f"{max(pool.unconverted, 1)} members of the group wait", pool.currency
    else:
        return None
    return HoldReason(
        rule=MISSING_RATE,
        detail=f"{waiting} for an exchange rate to {target}: put it with PUT /v1/exchange-rates/{{date}}.",
        actual=waiting.split()[0],
        limit="0",
    )


Rule = Callable[[CheckFacts, Any, PolicyContent], HoldReason | None]

RULES: dict[str, tuple[Rule, ...]] = {
    "static_limit": (static_limit, pooled_limit),
    "dynamic_limit": (dynamic_limit, pooled_limit),
    "oldest_open_item": (oldest_open_item,),
    "overdue_share": (overdue_share,),
    "max_document_value": (max_document_value,),
    "limit_validity": (limit_validity,),
    "review_due": (review_due,),
    "account_blocked": (account_blocked,),
    "max_dunning_level": (max_dunning_level,),
    "broken_promises": (broken_promises,),
    "returned_payments": (returned_payments,),
    "payment_terms": (payment_terms,),
}
"""Who is asked for each rule of a policy: a limit has two bounds, the customer's own and that of its pool."""
