"""What can be replayed: one decision, or all of them."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.credit_decisions import use_cases as credit_decisions
from credit_service.credit_decisions.domain.made import Choice
from credit_service.credit_policies import use_cases as credit_policies
from credit_service.credit_policies.domain import PolicyContent
from credit_service.decision_replays.domain import Replay, replay

REPLAY_DECISIONS = "decision_replays.replay"
DIFFERENCES_MAX = 100


async def replay_decision(session: AsyncSession, decision_id: str) -> Replay:
    """Decide one decision again; raise `DecisionNotFoundError`."""
    made = await credit_decisions.made_decision(session, decision_id)
    policy = await credit_policies.policy_of_version(session, made.risk_class, made.policy_version)
    return replay(made, policy.content)


async def replay_decisions(session: AsyncSession, choice: Choice) -> dict[str, Any]:
    """Decide many again, and return how many came out the same and which did not."""
    policies: dict[tuple[str, int], PolicyContent] = {}
    replayed, differing = 0, []
    async for made in credit_decisions.made_decisions(session, choice):
        version = (made.risk_class, made.policy_version)
        if version not in policies:
            policies[version] = (await credit_policies.policy_of_version(session, *version)).content
        replayed += 1
        if differences := replay(made, policies[version]).differences:
            differing.append({"decision_id": made.decision_id, "order_id": made.order_id, "differences": differences})
    return {
        "replayed": replayed,
        "identical": replayed - len(differing),
        "different": len(differing),
        "differences": differing[:DIFFERENCES_MAX],
    }
