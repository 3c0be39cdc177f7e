"""The rules of the credit check, one function each: facts and the rule's parameters in, a reason or None out.

Where the field's systems differ, `domain.md` (Credit) decides.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from credit_service.credit_accounts.domain import ZERO
from credit_service.credit_decisions.domain.facts import CheckFacts
from credit_service.credit_policies.domain import (
    AccountBlocked,
    DynamicLimit,
    LimitValidity,
    MaxDocumentValue,
    OldestOpenItem,
    OverdueShare,
    StaticLimit,
)
from shared.days import days_late
from shared.events.credit import HoldReason

MISSING_RATE = "missing_exchange_rate"


def static_limit(facts: CheckFacts, rule: StaticLimit) -> HoldReason | None:
    """Everything that counts, with this document, stays within the effective limit; equal is within."""
    return _within(rule.rule, facts, facts.exposure_with_document)


def dynamic_limit(facts: CheckFacts, rule: DynamicLimit) -> HoldReason | None:
    """As the static check, without open orders whose delivery lies beyond the horizon; invoices always count."""
    return _within(rule.rule, facts, facts.exposure_with_document - facts.beyond(rule.horizon_days))


def _within(rule: str, facts: CheckFacts, exposure: Decimal) -> HoldReason | None:
    limit = facts.limit.effective(facts.as_of)
    if limit is None or exposure <= limit:
        return None
    actual, bound = facts.show(exposure), facts.show(limit)
    return HoldReason(
        rule=rule,
        detail=f"Exposure would be {actual} {facts.currency}, the limit is {bound} {facts.currency}.",
        actual=actual,
        limit=bound,
    )


def oldest_open_item(facts: CheckFacts, rule: OldestOpenItem) -> HoldReason | None:
    """No open item is more than `days` past due; exactly `days` is accepted."""
    late = days_late(facts.oldest_due_date, facts.as_of) if facts.oldest_due_date else 0
    if late <= rule.days:
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"The oldest open item is {late} days past due, {rule.days} are accepted.",
        actual=str(late),
        limit=str(rule.days),
    )


def overdue_share(facts: CheckFacts, rule: OverdueShare) -> HoldReason | None:
    """Overdue above its share of open items *and* use of the limit above its own; without a limit use does not matter."""
    if not facts.overdue or facts.open_items <= 0:
        return None
    limit = facts.limit.effective(facts.as_of)
    use = None if limit is None else facts.exposure_with_document * 100 / limit if limit > 0 else Decimal("Infinity")
    share = facts.overdue * 100 / facts.open_items
    if share <= rule.overdue_pct or use is None or use <= rule.use_pct:
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"{share:.1f} % of the open items are overdue, {rule.overdue_pct} % are accepted at this use of the limit.",
        actual=f"{share:.1f}",
        limit=str(rule.overdue_pct),
    )


def max_document_value(facts: CheckFacts, rule: MaxDocumentValue) -> HoldReason | None:
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


def limit_validity(facts: CheckFacts, rule: LimitValidity) -> HoldReason | None:
    """The limit holds on its last day and has expired on the next."""
    if not facts.limit.has_expired(facts.as_of):
        return None
    return HoldReason(
        rule=rule.rule,
        detail=f"The limit was valid until {facts.limit.valid_until}: ask for it to be renewed.",
        actual=facts.as_of.isoformat(),
        limit=str(facts.limit.valid_until),
    )


def account_blocked(facts: CheckFacts, rule: AccountBlocked) -> HoldReason | None:
    """The account is not blocked."""
    return HoldReason(rule=rule.rule, detail="The credit account is blocked.") if facts.blocked else None


def missing_exchange_rate(facts: CheckFacts) -> HoldReason | None:
    """No policy switches this off: an exposure that is not known in full approves nothing."""
    if facts.unconverted <= ZERO:
        return None
    return HoldReason(
        rule=MISSING_RATE,
        detail=f"{facts.unconverted} documents wait for an exchange rate to {facts.currency}: put it with "
        "PUT /v1/exchange-rates/{date}.",
        actual=str(facts.unconverted),
        limit="0",
    )


RULES: dict[str, Callable[[CheckFacts, Any], HoldReason | None]] = {
    "static_limit": static_limit,
    "dynamic_limit": dynamic_limit,
    "oldest_open_item": oldest_open_item,
    "overdue_share": overdue_share,
    "max_document_value": max_document_value,
    "limit_validity": limit_validity,
    "account_blocked": account_blocked,
}
