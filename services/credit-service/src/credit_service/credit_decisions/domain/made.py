"""A decision as it was made and stored."""

from dataclasses import dataclass
from datetime import date, datetime

from credit_service.credit_decisions.domain.facts import CheckFacts
from credit_service.credit_decisions.domain.verdict import Decision, Verdict, decide
from credit_service.credit_policies.domain import PolicyContent, Reaction
from shared.errors import NotFoundError

Objection = tuple[str, str | None, str | None, Reaction]
"""A rule that objected, what it saw, what it accepts, and the reaction: a reason without its wording."""


class DecisionNotFoundError(NotFoundError):
    """There is no such decision."""

    code = "credit_decision_not_found"

    def __init__(self, decision_id: str) -> None:
        super().__init__(f"There is no credit decision {decision_id}: see GET /v1/credit-decisions.")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which decisions are meant: as of days between `since` and `until`, both inclusive; of them a share, the same each time."""

    customer_id: str | None = None
    risk_class: str | None = None
    since: date | None = None
    until: date | None = None
    by_rules_only: bool = False
    sample_pct: int = 100


@dataclass(frozen=True, slots=True)
class MadeDecision:
    """A decision with the facts it saw. `by_person` where the facts alone do not decide."""

    decision_id: str
    order_id: str
    customer_id: str
    decision: Decision
    objections: tuple[Objection, ...]
    as_of: date
    checkpoints: frozenset[str]
    facts: CheckFacts
    risk_class: str
    policy_version: int
    by_person: bool
    decided_at: datetime

    def again(self, policy: PolicyContent) -> Verdict:
        """Decide the same facts by a policy, with what a person said instead."""
        verdict = decide(self.facts, policy, self.checkpoints)
        return verdict.overridden(self.decision) if self.by_person else verdict


def objections_of(verdict: Verdict) -> tuple[Objection, ...]:
    """Return the objections of a verdict without their wording."""
    return tuple((one.reason.rule, one.reason.actual, one.reason.limit, one.reaction) for one in verdict.findings)
