"""Decisions of persons about holds, over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Request

from credit_service.holds import use_cases as holds
from credit_service.holds.schemas import HoldShown
from credit_service.releases import use_cases
from credit_service.releases.schemas import RejectBody, ReleaseBody
from credit_service.releases.use_cases import ReleaseTerms
from credit_service.settings import CreditSettings
from shared.http.edge import Work, api_router, requires
from shared.security import Principal

router = api_router("holds")

HoldId = Annotated[str, Path(min_length=1, max_length=64)]
Releaser = Annotated[Principal, Depends(requires("holds:release"))]


@router.post("/v1/holds/{hold_id}/release")
async def release_hold(hold_id: HoldId, body: ReleaseBody, request: Request, uow: Work, caller: Releaser) -> HoldShown:
    """Let a held order go and reserve its value.

    It is not held again for the same reasons, unless its value rises above the tolerance or the release ends.
    """
    settings: CreditSettings = request.app.state.settings
    terms = ReleaseTerms(body.reason_code, body.note, body.valid_until, body.amount_tolerance_pct)
    await use_cases.release_hold(uow, hold_id, terms, by=caller.subject, authority=settings.authority_of(caller.roles))
    return await holds.shown(uow, hold_id)


@router.post("/v1/holds/{hold_id}/reject")
async def reject_hold(hold_id: HoldId, body: RejectBody, uow: Work, caller: Releaser) -> HoldShown:
    """Decide that a held order will not go. Nothing stays reserved for it."""
    await use_cases.reject_hold(uow, hold_id, reason_code=body.reason_code, note=body.note, by=caller.subject)
    return await holds.shown(uow, hold_id)
