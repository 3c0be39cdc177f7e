"""Simulates drafts over past orders."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from credit_service.credit_decisions import use_cases as credit_decisions
from credit_service.credit_decisions.domain.made import Choice
from credit_service.policy_drafts import use_cases as policy_drafts
from credit_service.policy_simulations.domain import Simulated, simulated, summary
from shared.jobs import Job, enqueue
from shared.unit_of_work import UnitOfWork

SIMULATE_POLICY = "policy_simulations.simulate"
STEP = 1_000
Progress = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which draft is simulated over the orders of which days, both inclusive."""

    risk_class: str
    draft_id: str
    first_day: date
    last_day: date


async def want_simulation(uow: UnitOfWork, wanted: Wanted, *, by: str) -> Job:
    """Queue the simulation of an open draft; raise `DraftNotFoundError`, `DraftClosedError`."""
    draft = await policy_drafts.draft_of(uow.session, wanted.risk_class, wanted.draft_id)
    draft.ensure_open()
    params = {
        "risk_class": wanted.risk_class,
        "draft_id": wanted.draft_id,
        "first_day": wanted.first_day.isoformat(),
        "last_day": wanted.last_day.isoformat(),
    }
    return await enqueue(uow, prefix="crj", kind=SIMULATE_POLICY, requested_by=by, params=params)


async def simulate(uow: UnitOfWork, wanted: Wanted, progress: Progress) -> dict[str, Any]:
    """Decide every order of the draft's risk class again that was decided on these days, and keep the summary with the draft."""
    draft = await policy_drafts.draft_of(uow.session, wanted.risk_class, wanted.draft_id)
    last: dict[str, Simulated] = {}
    done = 0
    choice = Choice(risk_class=wanted.risk_class, since=wanted.first_day, until=wanted.last_day, by_rules_only=True)
    async for made in credit_decisions.made_decisions(uow.session, choice):
        last[made.order_id] = simulated(made, draft.content)
        done += 1
        if done % STEP == 0:
            await progress(done, done)
    days = {"first_day": wanted.first_day.isoformat(), "last_day": wanted.last_day.isoformat()}
    found = days | summary(last.values())
    kept = {name: value for name, value in found.items() if name != "changes"}
    await policy_drafts.note_simulation(uow, wanted.risk_class, wanted.draft_id, kept)
    return found
