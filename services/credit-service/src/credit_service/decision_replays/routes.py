"""Replays of credit decisions over HTTP."""

from typing import Annotated

from fastapi import Depends, Path

from credit_service.decision_replays import use_cases
from credit_service.decision_replays.schemas import DecisionReplay, ReplaysBody
from credit_service.decision_replays.use_cases import REPLAY_DECISIONS
from shared.http.edge import Reading, Work, api_router, requires
from shared.jobs import Job, enqueue
from shared.security import Principal

router = api_router("credit decisions")

Reader = Annotated[Principal, Depends(requires("credit:read"))]


@router.post("/v1/credit-decisions/replays", status_code=202)
async def replay_credit_decisions(body: ReplaysBody, uow: Work, caller: Reader) -> Job:
    """Make stored decisions again, all or some. The job's result counts how many came out the same and names the others."""
    return await enqueue(
        uow,
        prefix="crj",
        kind=REPLAY_DECISIONS,
        requested_by=caller.subject,
        params=body.model_dump(mode="json"),
    )


@router.post("/v1/credit-decisions/{decision_id}/replay")
async def replay_credit_decision(
    decision_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    session: Reading,
    _: Reader,
) -> DecisionReplay:
    """Make one decision again on the facts, and by the policy version, that it saw. Nothing is changed by it."""
    return DecisionReplay.of(decision_id, await use_cases.replay_decision(session, decision_id))
