"""Simulations over HTTP."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Path

from credit_service.policy_simulations import use_cases
from credit_service.policy_simulations.schemas import SimulationBody
from credit_service.policy_simulations.use_cases import Wanted
from shared.http.edge import Work, api_router, requires
from shared.jobs import Job
from shared.security import Principal

router = api_router("credit policies")


@router.post("/v1/credit-policies/{risk_class}/drafts/{draft_id}/simulate", status_code=202)
async def simulate_policy_draft(
    risk_class: Annotated[str, Path(min_length=1, max_length=1, description="A (best) to E", examples=["C"])],
    draft_id: Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")],
    uow: Work,
    caller: Annotated[Principal, Depends(requires("policies:write"))],
    body: SimulationBody | None = None,
) -> Job:
    """Decide the past month's orders of the risk class again under a draft.

    Each order is decided on the facts of its last decision by the rules. The job's result counts approved, held and rejected
    before and after, sums what would be stopped and let go, and lists the orders that change with their reasons.
    """
    asked = body or SimulationBody()
    last = asked.until or uow.clock.today()
    wanted = Wanted(risk_class, draft_id, last - timedelta(days=asked.days - 1), last)
    return await use_cases.want_simulation(uow, wanted, by=caller.subject)
