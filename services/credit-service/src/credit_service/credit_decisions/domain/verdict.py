"""From facts and a policy to a verdict: every rule that applies is asked, and each that objects is named."""

from collections.abc import Iterator
from typing import Literal

from credit_service.credit_decisions.domain.facts import CheckFacts
from credit_service.credit_decisions.domain.rules import RULES, manual, missing_exchange_rate
from credit_service.credit_policies.domain import PolicyContent, Reaction
from shared.events.credit import HoldReason
from shared.values import value

Decision = Literal["approved", "held", "rejected"]


@value(frozen=True, slots=True)
class Finding:
    """A rule that objects, and how the policy reacts to it."""

    reason: HoldReason
    reaction: Reaction


@value(frozen=True, slots=True)
class Verdict:
    """The decision and every objection."""

    decision: Decision
    findings: tuple[Finding, ...]

    @property
    def holding(self) -> tuple[HoldReason, ...]:
        """The reasons that keep the order from going."""
        return tuple(finding.reason for finding in self.findings if finding.reaction != "warn")

    def overridden(self, decision: Decision) -> "Verdict":
        """Return what a person decides instead: the objections stay, and hold the order only where the person does."""
        if decision != "held":
            return Verdict(decision, tuple(Finding(one.reason, "warn") for one in self.findings))
        kept = (Finding(one.reason, "warn" if one.reaction == "warn" else "hold") for one in self.findings)
        return Verdict(decision, tuple(kept))


APPROVED = Verdict("approved", ())


_GRAVITY: dict[Reaction, int] = {"none": 0, "warn": 1, "hold": 2, "reject": 3}
_DECISIONS: dict[Reaction, Decision] = {"none": "approved", "warn": "approved", "hold": "held", "reject": "rejected"}


def decide(facts: CheckFacts, policy: PolicyContent, checkpoints: frozenset[str]) -> Verdict:
    """Return the verdict on one order.

    What has nothing left to reserve is approved, and so is what the policy excludes from the check, unless a person holds it. A
    rule that a person let pass is asked no more. Where several entries of a rule object, the gravest is told; the gravest
    reaction of all decides.
    """
    findings: dict[str, Finding] = {}
    for finding in _findings(facts, policy, checkpoints):
        told = findings.get(finding.reason.rule)
        if told is None or _GRAVITY[told.reaction] < _GRAVITY[finding.reaction]:
            findings[finding.reason.rule] = finding
    if not findings:
        return APPROVED
    gravest = max((finding.reaction for finding in findings.values()), key=_GRAVITY.__getitem__)
    return Verdict(_DECISIONS[gravest], tuple(findings.values()))


def is_excluded(facts: CheckFacts, policy: PolicyContent) -> bool:
    """Tell whether the policy leaves an order of this value, type or payment out of the check."""
    if policy.small_value_below is not None and facts.document_value < policy.small_value_below:
        return True
    return (facts.prepaid and policy.prepaid_excluded) or facts.order_type in policy.excluded_order_types


def _findings(facts: CheckFacts, policy: PolicyContent, checkpoints: frozenset[str]) -> Iterator[Finding]:
    if by_hand := manual(facts):
        yield Finding(by_hand, "hold")
    if facts.document <= 0 or is_excluded(facts, policy):
        return
    if (unknown := missing_exchange_rate(facts)) and unknown.rule not in facts.excused:
        yield Finding(unknown, "hold")
    for rule in policy.at(checkpoints):
        for objection in RULES[rule.rule]:
            reason = objection(facts, rule, policy)
            if reason is not None and reason.rule not in facts.excused:
                yield Finding(reason, rule.reaction)
