"""What a policy would have decided.

The one thing to know: each order is decided on the facts of its last decision by the rules. What the draft would have held
earlier is not taken out of the exposure that later orders saw.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from credit_service.credit_decisions.domain.facts import CheckFacts
from credit_service.credit_decisions.domain.made import MadeDecision
from credit_service.credit_decisions.domain.verdict import Decision
from credit_service.credit_policies.domain import PolicyContent
from shared.events.credit import HoldReason

CHANGES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Simulated:
    """One order under the draft. `complete` where the facts that the draft's rules ask for were read at the time."""

    decision_id: str
    order_id: str
    customer_id: str
    before: Decision
    after: Decision
    value: Decimal
    currency: str
    reasons: tuple[HoldReason, ...]
    complete: bool


def simulated(made: MadeDecision, draft: PolicyContent) -> Simulated:
    """Decide an order again under a draft."""
    verdict = made.again(draft)
    return Simulated(
        made.decision_id,
        made.order_id,
        made.customer_id,
        made.decision,
        verdict.decision,
        made.facts.document_value,
        made.facts.currency,
        verdict.holding,
        _is_complete(made.facts, draft),
    )


def _is_complete(facts: CheckFacts, draft: PolicyContent) -> bool:
    knows_dues = facts.dues is not None or (facts.overdue is not None and draft.disputed_counts_as_overdue)
    if draft.asks_for_dues(facts.oldest_due_date, facts.as_of) and draft.asks_for("overdue_share") and not knows_dues:
        return False
    return facts.reserved_by_delivery is not None or not draft.asks_for("dynamic_limit")


def summary(orders: Iterable[Simulated]) -> dict[str, Any]:
    """Return counts and amounts by currency, and the orders that change, at most a thousand of them."""
    found = list(orders)
    changed = [one for one in found if one.after != one.before]
    stopped = [one for one in changed if one.before == "approved"]
    let_go = [one for one in changed if one.after == "approved"]
    return {
        "orders": len(found),
        "before": _counts(one.before for one in found),
        "after": _counts(one.after for one in found),
        "changed": len(changed),
        "newly_stopped": {"orders": len(stopped), "amounts": _amounts(stopped)},
        "newly_let_go": {"orders": len(let_go), "amounts": _amounts(let_go)},
        "incomplete": sum(not one.complete for one in found),
        "changes": [_change(one) for one in changed[:CHANGES_MAX]],
    }


def _counts(decisions: Iterable[Decision]) -> Mapping[str, int]:
    counted = Counter(decisions)
    return {decision: counted[decision] for decision in ("approved", "held", "rejected")}


def _amounts(orders: Iterable[Simulated]) -> list[dict[str, str]]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in orders:
        sums[one.currency] += one.value
    return [{"amount": str(amount), "currency": currency} for currency, amount in sorted(sums.items())]


def _change(one: Simulated) -> dict[str, Any]:
    return {
        "order_id": one.order_id,
        "customer_id": one.customer_id,
        "decision_id": one.decision_id,
        "before": one.before,
        "after": one.after,
        "amount": str(one.value),
        "currency": one.currency,
        "reasons": [dict(reason) for reason in one.reasons],
    }
