"""Decisions of persons about holds, over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Response

from credit_service.authorities.domain import Decider
from credit_service.authorities.routes import decider
from credit_service.holds import use_cases as holds
from credit_service.holds.schemas import HoldShown
from credit_service.releases import use_cases
from credit_service.releases.schemas import DeclineBody, RejectBody, ReleaseBody
from shared.http.edge import ExpectedVersion, Work, api_router, set_etag
from shared.unit_of_work import UnitOfWork

router = api_router("holds")

HoldId = Annotated[str, Path(min_length=1, max_length=64, description="OpenItem's identifier")]
Releaser = Annotated[Decider, Depends(decider("holds:release"))]


@router.post(
    "/v1/holds/{hold_id}/release",
    responses={
        202: {"model": HoldShown, "description": "Above the caller's authority: the release waits for a decision"}
    },
)
async def release_hold(
    hold_id: HoldId,
    response: Response,
    uow: Work,
    by: Releaser,
    expected: ExpectedVersion,
    body: ReleaseBody | None = None,
) -> HoldShown:
    """Let a held order go and reserve its value.

    It is not held again for the same reasons, unless its value rises above the tolerance or the release ends. Where the value
    up to which it may grow is above the caller's authority, the release is asked for (202, `release_requested`) and waits for
    somebody else who may: he calls this too, with terms of his own or without a body.
    """
    await use_cases.release_hold(uow, hold_id, body.terms if body else None, by=by, expected_version=expected)
    hold = await _shown(uow, hold_id, response)
    if hold.status == "release_requested":
        response.status_code = 202
    return hold


@router.post("/v1/holds/{hold_id}/reject")
async def reject_hold(
    hold_id: HoldId, body: RejectBody, response: Response, uow: Work, by: Releaser, expected: ExpectedVersion
) -> HoldShown:
    """Decide that a held order will not go. Nothing stays reserved for it; a release that was asked for is declined with it."""
    await use_cases.reject_hold(
        uow, hold_id, reason_code=body.reason_code, note=body.note, by=by.subject, expected_version=expected
    )
    return await _shown(uow, hold_id, response)


@router.post("/v1/holds/{hold_id}/decline-release")
async def decline_release(
    hold_id: HoldId,
    response: Response,
    uow: Work,
    by: Releaser,
    expected: ExpectedVersion,
    body: DeclineBody | None = None,
) -> HoldShown:
    """Say no to a release that was asked for, or withdraw one's own. The order stays held."""
    note = body.note if body else ""
    await use_cases.decline_release(uow, hold_id, note=note, by=by, expected_version=expected)
    return await _shown(uow, hold_id, response)


@router.post("/v1/holds/{hold_id}/recheck")
async def recheck_hold(hold_id: HoldId, response: Response, uow: Work, _: Releaser) -> HoldShown:
    """Look at what is held of the hold's customer again at once: what passes goes, the rest shows what holds it now."""
    await use_cases.recheck_hold(uow, hold_id)
    return await _shown(uow, hold_id, response)


async def _shown(uow: UnitOfWork, hold_id: str, response: Response) -> HoldShown:
    hold = await holds.shown(uow, hold_id)
    set_etag(response, hold.version)
    return hold
