"""Whether a decision comes out again as it was made."""

from dataclasses import dataclass

from credit_service.credit_decisions.domain.made import MadeDecision, Objection, objections_of
from credit_service.credit_decisions.domain.verdict import Decision
from credit_service.credit_policies.domain import PolicyContent


@dataclass(frozen=True, slots=True)
class Told:
    """A decision and its objections; the wording of their reasons is left out, as it may be put better."""

    decision: Decision
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision as it was made and as it is made again."""

    stored: Told
    again: Told

    @property
    def differences(self) -> list[str]:
        """What is not the same, in words."""
        found = []
        if self.stored.decision != self.again.decision:
            found.append(f"The decision was {self.stored.decision} and is {self.again.decision} again.")
        before, after = set(self.stored.objections), set(self.again.objections)
        found += [f"The objection {one} does not come again." for one in self.stored.objections if one not in after]
        found += [f"The objection {one} is new." for one in self.again.objections if one not in before]
        return found


def replay(made: MadeDecision, policy: PolicyContent) -> Replay:
    """Decide again by the policy version that decided."""
    verdict = made.again(policy)
    return Replay(Told(made.decision, made.objections), Told(verdict.decision, objections_of(verdict)))
