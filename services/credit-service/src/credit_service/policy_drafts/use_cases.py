"""What can be done with a policy draft."""

from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credit_service.authorities.domain import ensure_another
from credit_service.credit_policies import use_cases as credit_policies
from credit_service.credit_policies.domain import Policy, PolicyContent
from credit_service.policy_drafts import repository
from credit_service.policy_drafts.domain import Draft, DraftNotFoundError
from shared.ids import new_id
from shared.unit_of_work import UnitOfWork


async def write_draft(uow: UnitOfWork, risk_class: str, content: PolicyContent, *, note: str | None, by: str) -> Draft:
    """Draft the next version of a policy; raise `PolicyNotFoundError`."""
    present = await credit_policies.policy_of(uow.session, risk_class)
    draft = Draft(
        new_id("pdr"), risk_class, present.version, content, "drafted", by, drafted_at=uow.clock.now(), note=note
    )
    await repository.save(uow.session, draft)
    return draft


async def draft_of(session: AsyncSession, risk_class: str, draft_id: str, *, lock: bool = False) -> Draft:
    """Return a draft, with `lock` until the end of the transaction; raise `DraftNotFoundError`."""
    draft = await repository.find(session, draft_id, lock=lock)
    if draft is None or draft.risk_class != risk_class:
        raise DraftNotFoundError(risk_class, draft_id)
    return draft


async def note_simulation(uow: UnitOfWork, risk_class: str, draft_id: str, summary: dict[str, Any]) -> None:
    """Keep what a simulation of the draft found; raise `DraftNotFoundError`, `DraftClosedError`."""
    draft = await draft_of(uow.session, risk_class, draft_id, lock=True)
    draft.ensure_open()
    now = uow.clock.now()
    await repository.save(uow.session, replace(draft, status="simulated", simulated_at=now, simulation=summary))


async def activate(uow: UnitOfWork, risk_class: str, draft_id: str, *, by: str) -> Policy:
    """Put a draft in force that another person wrote and that was simulated.

    Raises `DraftNotFoundError`, `DraftClosedError`, `FourEyesError`, `DraftNotSimulatedError`, `DraftOutdatedError`.
    """
    present = await credit_policies.locked_policy(uow, risk_class)
    draft = await draft_of(uow.session, risk_class, draft_id, lock=True)
    draft.ensure_open()
    ensure_another(requested_by=draft.drafted_by, decided_by=by)
    draft.ensure_may_be_activated(present.version)
    policy = await credit_policies.put_policy(
        uow,
        risk_class,
        draft.content,
        changed_by=by,
        expected_version=None,
        drafted_by=draft.drafted_by,
        note=draft.note,
    )
    now = uow.clock.now()
    activated = replace(draft, status="activated", decided_by=by, decided_at=now, activated_version=policy.version)
    await repository.save(uow.session, activated)
    return policy


async def discard(uow: UnitOfWork, risk_class: str, draft_id: str, *, by: str) -> Draft:
    """Give up a draft; raise `DraftNotFoundError`, `DraftClosedError`."""
    draft = await draft_of(uow.session, risk_class, draft_id, lock=True)
    draft.ensure_open()
    discarded = replace(draft, status="discarded", decided_by=by, decided_at=uow.clock.now())
    await repository.save(uow.session, discarded)
    return discarded
