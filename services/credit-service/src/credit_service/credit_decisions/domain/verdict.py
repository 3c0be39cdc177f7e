"""From facts and a policy to a verdict: every rule that applies is asked, and each that objects is named."""

from dataclasses import dataclass
from typing import Literal

from credit_service.credit_decisions.domain.facts import CheckFacts
from credit_service.credit_decisions.domain.rules import RULES, missing_exchange_rate
from credit_service.credit_policies.domain import PolicyContent, Reaction
from shared.events.credit import HoldReason

Decision = Literal["approved", "held", "rejected"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that objects, and how the policy reacts to it."""

    reason: HoldReason
    reaction: Reaction


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision and every objection."""

    decision: Decision
    findings: tuple[Finding, ...]

    @property
    def holding(self) -> tuple[HoldReason, ...]:
        """The reasons that keep the order from going."""
        return tuple(finding.reason for finding in self.findings if finding.reaction != "warn")


APPROVED = Verdict("approved", ())


def decide(facts: CheckFacts, policy: PolicyContent, checkpoints: frozenset[str]) -> Verdict:
    """Return the verdict on one order.

    What is invoiced already has nothing left to reserve and is approved; so is a value that the policy calls small.
    A rule that a person let pass is asked no more. The gravest reaction decides.
    """
    if facts.document <= 0:
        return APPROVED
    if policy.small_value_below is not None and facts.document_value < policy.small_value_below:
        return APPROVED
    findings = []
    if (unknown := missing_exchange_rate(facts)) and unknown.rule not in facts.excused:
        findings.append(Finding(unknown, "hold"))
    for rule in policy.at(checkpoints):
        if rule.rule in facts.excused:
            continue
        reason = RULES[rule.rule](facts, rule)
        if reason is not None:
            findings.append(Finding(reason, rule.reaction))
    if not findings:
        return APPROVED
    reactions = {finding.reaction for finding in findings}
    decision: Decision = "rejected" if "reject" in reactions else "held" if "hold" in reactions else "approved"
    return Verdict(decision, tuple(findings))
